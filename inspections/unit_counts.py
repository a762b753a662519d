"""How far the listed units are, as Annex 3 counts them: every screen that says so asks here.

列入清单单位, 实际检查单位 and 未能实施单位 are units and not visits: one that could not be visited and was
followed up is one unit, inspected or not by what came of all its visits. A 复查 lists nobody.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Case, F, Max, Min, Q, QuerySet, When

from campaigns.models import Campaign
from metrostd.common.prepared import Prepared

from .enums import TaskKind, TaskState
from .models import InspectionTask, NotPerformedRecord
from .querysets import TaskQuerySet

#: What is counted, in the words of Annex 3 and of whatever shows the figure.
LISTED, INSPECTED, NOT_PERFORMED = "列入检查清单单位", "实际检查单位", "未能实施单位"
DEFINITION = "按单位计，与附件3相同：至少有1项检查表已签字的为实际检查单位；全部检查任务都以未能实施结束的为未能实施单位。"
_ENDED = TaskState.inspected | TaskState.not_inspected


@dataclass(frozen=True, slots=True)
class UnitCounts:
    listed: int = 0
    inspected: int = 0
    not_performed: int = 0


@dataclass(frozen=True, slots=True)
class OfficeCounts:
    """Units of a campaign, all of them and those of each inspecting office by its key."""

    whole: UnitCounts
    offices: Mapping[int, UnitCounts]


#: 办结 also ends visits that were not performed.
_INSPECTED = Q(unvisited_at=None, state__in=TaskState.inspected) & ~Q(
    pk__in=NotPerformedRecord.objects.values("task")
)
_TO_COME = ~Q(state__in=_ENDED)
#: The best that came of the visits to a unit: it was inspected, may still be, or could not be.
_NONE, _LEFT, _DONE = 0, 1, 2
_BEST = Max(Case(When(_INSPECTED, then=_DONE), When(_TO_COME, then=_LEFT), default=_NONE))


def unit_counts(tasks: TaskQuerySet) -> UnitCounts:
    """The units of these visits, each judged by all of its visits among them."""
    return counted(Prepared(lambda: judged(tasks), counted=True).rows())


def judged(tasks: TaskQuerySet) -> QuerySet:
    """What came of each unit of these visits: a row a unit, to be counted by the database (``Prepared``)."""
    # Unit by unit along the index: three counts of distinct units cost three times as much.
    return _listing(tasks).values("unit").annotate(best=_BEST).values_list("best")


def counted(found: Iterable[tuple[int, int]]) -> UnitCounts:
    """How many of the rows of ``judged`` say what."""
    units = dict(found)
    return UnitCounts(sum(units.values()), units.get(_DONE, 0), units.get(_NONE, 0))


def counts_by_office(campaign: Campaign) -> OfficeCounts:
    """The units of a campaign and of each office in it; a unit that several offices visit is one in the whole."""
    whole: Counter[int] = Counter()
    offices: dict[int, Counter[int]] = {}
    for first, last, best, units in _ONE_OFFICE.rows(campaign=campaign.pk):
        whole[best] += units
        if first == last:
            offices.setdefault(first, Counter())[best] += units
    if sum(whole.values()) > sum(units.total() for units in offices.values()):
        for office, best, units in _SEVERAL_OFFICES.rows(campaign=campaign.pk):
            offices.setdefault(office, Counter())[best] += units
    return OfficeCounts(
        counted(whole.items()), {key: counted(units.items()) for key, units in offices.items()}
    )


def _by_unit(campaign: int) -> QuerySet:
    """Each unit of a campaign with the ``first`` and ``last`` of the offices that visit it: mostly the same."""
    units = _listing(InspectionTask.objects.filter(campaign=campaign)).values("unit")
    return units.annotate(first=Min("authority"), last=Max("authority"))


def _of_one_office(campaign: int) -> QuerySet:
    return _by_unit(campaign).annotate(best=_BEST).values_list("first", "last", "best")


def _of_several_offices(campaign: int) -> QuerySet:
    """Units that more than one office visits, once for each of these offices, by its own visits."""
    shared = _by_unit(campaign).exclude(first=F("last")).values("unit")
    tasks = _listing(InspectionTask.objects.filter(campaign=campaign, unit__in=shared))
    units = tasks.values("authority", "unit").annotate(best=_BEST)
    return units.values_list("authority", "best")


_ONE_OFFICE = Prepared(_of_one_office, counted=True)
_SEVERAL_OFFICES = Prepared(_of_several_offices, counted=True)


def _listing(tasks: TaskQuerySet) -> QuerySet:
    """Visits to units; a bureau is none."""
    return tasks.listed().exclude(kind__in=TaskKind.uncounted).exclude(unit=None).order_by()
