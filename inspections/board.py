"""现场看板: the visits of a day as they go on, how far each sheet is, and problems in the order they are written down.

What is shown follows from the answers as they were saved a moment ago; six statements, however many visits there are.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max, Prefetch, Q

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.enums import Answer

from .enums import TaskState
from .models import ChecklistAnswer, InspectionTask, StopTransferOrder, TeamMember
from .querysets import TaskQuerySet

#: So many problems are told, the latest first.
TOLD = 40
#: What was written down so recently stands out.
FRESH = dt.timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Sheet:
    key: int
    title: str
    done: int
    total: int
    problems: int


@dataclass
class Visit:
    """A visit of the day, with its sheets and when somebody last saved anything."""

    task: InspectionTask
    sheets: list[Sheet] = field(default_factory=list)
    last: dt.datetime | None = None
    stops: int = 0

    @property
    def done(self) -> int:
        return sum(sheet.done for sheet in self.sheets)

    @property
    def total(self) -> int:
        return sum(sheet.total for sheet in self.sheets)

    @property
    def problems(self) -> int:
        return sum(sheet.problems for sheet in self.sheets)


@dataclass(frozen=True, slots=True)
class Problem:
    answer: ChecklistAnswer
    fresh: bool

    @property
    def tone(self) -> str:
        return Answer(self.answer.answer).tone

    @property
    def section(self) -> str:
        return self.answer.item.section.code

    @property
    def word(self) -> str:
        return Answer.word(self.answer.answer, prohibition=self.answer.item.is_prohibition)


@dataclass(frozen=True, slots=True)
class Board:
    visits: list[Visit]
    problems: list[Problem]
    at: dt.datetime

    def count(self, states: frozenset[str]) -> int:
        return sum(visit.task.state in states for visit in self.visits)

    @property
    def waiting(self) -> int:
        return self.count(TaskState.not_begun)

    @property
    def under_way(self) -> int:
        return self.count(TaskState.under_way)

    @property
    def over(self) -> int:
        return self.count(TaskState.inspected)

    @property
    def in_vain(self) -> int:
        return self.count(TaskState.not_inspected)

    @property
    def found(self) -> int:
        return sum(visit.problems for visit in self.visits)


def of_day(rows: TaskQuerySet, day: dt.date) -> TaskQuerySet:
    """Visits planned for the day, under way whenever they began, or ended on it."""
    begins = clock.at_time(day, hour=0)
    today = (begins, begins + dt.timedelta(days=1))
    return rows.filter(
        Q(planned_on=day)
        | Q(state__in=TaskState.under_way)
        | Q(arrived_at__range=today)
        | Q(left_at__range=today)
        | Q(unvisited_at__range=today)
    )


def board(rows: TaskQuerySet, *, viewer: Actor) -> Board:
    """The board of today over these visits, those under way first."""
    now = clock.now()
    team = Prefetch("team", TeamMember.objects.select_related("membership__user"))
    tasks = list(
        of_day(rows, clock.today())
        .select_related("unit", "bureau", "authority")
        .prefetch_related(team)
        .order_by("planned_on", "pk")
    )
    found = {task.pk: Visit(task) for task in tasks}
    _count_sheets(found)
    stops = StopTransferOrder.objects.visible_to(viewer).filter(task__in=list(found))
    for task, number in stops.order_by().values_list("task").annotate(Count("pk")):
        found[task].stops = number
    return Board(sorted(found.values(), key=_turn), _problems(list(found), now), now)


def _turn(visit: Visit) -> tuple[int, int]:
    """Under way, then what is still to come, then what is over."""
    state = visit.task.state
    place = 0 if state in TaskState.under_way else 1 if state in TaskState.not_begun else 2
    return place, visit.task.pk


def _count_sheets(found: dict[int, Visit]) -> None:
    rows = (
        ChecklistAnswer.objects.filter(sheet__task__in=list(found))
        .order_by("sheet")
        .values_list("sheet__task", "sheet", "sheet__standard__name", "sheet__about")
        .annotate(
            done=Count("pk", filter=~Q(answer="")),
            total=Count("pk"),
            problems=Count("pk", filter=Q(answer__in=Answer.problem)),
            last=Max("answered_at"),
        )
    )
    latest: dict[int, list[dt.datetime]] = defaultdict(list)
    for task, sheet, standard, about, done, total, problems, last in rows:
        title = standard or about or "单位层面"
        found[task].sheets.append(Sheet(sheet, title, done, total, problems))
        if last is not None:
            latest[task].append(last)
    for task, moments in latest.items():
        found[task].last = max(moments)


def _problems(tasks: Sequence[int], now: dt.datetime) -> list[Problem]:
    rows = (
        ChecklistAnswer.objects.filter(sheet__task__in=tasks, answer__in=Answer.problem)
        .select_related(
            "item__section",
            "sheet__task__unit",
            "sheet__task__bureau",
            "sheet__standard",
            "answered_by",
        )
        .order_by("-answered_at", "-pk")
    )
    return [
        Problem(row, row.answered_at is not None and now - row.answered_at <= FRESH)
        for row in rows[:TOLD]
    ]
