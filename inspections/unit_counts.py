"""How far the listed units are, as Annex 3 counts them: every screen that says so asks here.

列入清单单位, 实际检查单位 and 未能实施单位 are units and not visits: one that could not be visited and was
followed up is one unit, inspected or not by what came of all its visits. A 复查 lists nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

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


def unit_counts(tasks: TaskQuerySet) -> UnitCounts:
    """The units of these visits, each judged by all of its visits among them."""
    return _counts(_listing(tasks).aggregate(**_COUNTS))


def counts_by_office(tasks: TaskQuerySet) -> dict[int, UnitCounts]:
    """The same for each inspecting office, by its key."""
    offices = _listing(tasks).values("authority").annotate(**_COUNTS)
    return {row["authority"]: _counts(row) for row in offices}


#: 办结 also ends visits that were not performed.
_DONE = Q(state__in=TaskState.inspected, unvisited_at=None) & ~Q(
    pk__in=NotPerformedRecord.objects.values("task")
)
_WAITING = ~Q(state__in=_ENDED)
_COUNTS = {
    "listed": Count("unit", distinct=True),
    "inspected": Count("unit", filter=_DONE, distinct=True),
    "hoped_for": Count("unit", filter=_DONE | _WAITING, distinct=True),
}


def _listing(tasks: TaskQuerySet) -> QuerySet:
    return tasks.listed().exclude(kind=TaskKind.RECHECK).order_by()


def _counts(found: Mapping[str, int]) -> UnitCounts:
    not_performed = found["listed"] - found["hoped_for"]
    return UnitCounts(found["listed"], found["inspected"], not_performed)
