"""How far the listed units are, as Annex 3 counts them: every screen that says so asks here.

列入清单单位, 实际检查单位 and 未能实施单位 are units and not visits: one that could not be visited and was
followed up is one unit, inspected or not by what came of all its visits. A 复查 lists nobody.
"""

from dataclasses import dataclass

from django.db.models import Case, Count, Max, Q, QuerySet, When

from .enums import TaskKind, TaskState
from .models import NotPerformedRecord
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


#: 办结 also ends visits that were not performed.
_INSPECTED = Q(unvisited_at=None, state__in=TaskState.inspected) & ~Q(
    pk__in=NotPerformedRecord.objects.values("task")
)
_TO_COME = ~Q(state__in=_ENDED)


def unit_counts(tasks: TaskQuerySet) -> UnitCounts:
    """The units of these visits, each judged by all of its visits among them."""
    # Unit by unit along the index: three counts of distinct units cost three times as much.
    best = Max(Case(When(_INSPECTED, then=2), When(_TO_COME, then=1), default=0))
    units = _listing(tasks).values("unit").annotate(best=best)
    found = units.aggregate(
        listed=Count("unit"),
        inspected=Count("unit", filter=Q(best=2)),
        not_performed=Count("unit", filter=Q(best=0)),
    )
    return UnitCounts(**found)


def counts_by_office(tasks: TaskQuerySet) -> dict[int, UnitCounts]:
    """The same for each inspecting office, by its key."""
    offices = _listing(tasks).values("authority").annotate(
        listed=Count("unit", distinct=True),
        inspected=Count("unit", filter=_INSPECTED, distinct=True),
        hoped_for=Count("unit", filter=_INSPECTED | _TO_COME, distinct=True),
    )  # fmt: skip
    return {
        row["authority"]: UnitCounts(
            row["listed"], row["inspected"], row["listed"] - row["hoped_for"]
        )
        for row in offices
    }


def _listing(tasks: TaskQuerySet) -> QuerySet:
    """Visits to units; a bureau is none."""
    return tasks.listed().exclude(kind__in=TaskKind.uncounted).exclude(unit=None).order_by()
