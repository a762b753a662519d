"""The list of visits: offices see a table, people on site the day's work, a unit its own visits."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.current import Elsewhere, elsewhere, listed_campaigns
from inspections.enums import TaskState
from inspections.models import InspectionTask, TaskStandard, TeamMember
from inspections.querysets import TaskQuerySet
from inspections.unit_counts import DEFINITION, INSPECTED, LISTED, NOT_PERFORMED, unit_counts
from inspections.workbook import task_sheet
from metrostd.common import clock
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.keyed import KeyedRows, ShownRows
from metrostd.common.outside import is_key
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

SORTS = {
    "planned_on": "planned_on",
    "unit": "unit__name",
    "authority": "authority__code",
    "state": "state",
    "standards": "standard_count",
}


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The visits the acting membership has to do with, in the campaigns listed."""
    role = request.user.scope.role
    if role == Role.UNIT_USER:
        page = page_of(request, _rows(request))
        context = {
            "page": page,
            "several": len(listed_campaigns(request)) > 1,
            "elsewhere": [] if page.object_list else _elsewhere(request),
        }
        return render(request, "inspections/visits.html", context)
    if role in Role.on_site:
        return _day(request)
    return _table(request)


@require_safe
@exported
def export(request: PortalRequest) -> Export:
    """The filtered list as a workbook: what is shown, all pages."""
    rows = _in_order(request, _filtered(request, _listed(request)), counted=None)
    return Export(
        restricted=True,
        what=f"检查任务清单 {request.GET.urlencode()}",
        filename="检查任务.xlsx",
        count=rows.count,
        sheets=lambda: [task_sheet(iter(rows), on=clock.today())],
    )


def _listed(request: PortalRequest) -> TaskQuerySet:
    """Every visit the list is about before it is filtered, in no order."""
    tasks = InspectionTask.objects.visible_to(request.user).listed().order_by()
    return tasks.filter(campaign__in=listed_campaigns(request))


def _shown(rows: TaskQuerySet) -> TaskQuerySet:
    """These visits with what a list shows of them."""
    team = Prefetch("team", TeamMember.objects.select_related("membership__user"))
    return rows.for_list().with_counts().prefetch_related(team)


def _table_rows() -> TaskQuerySet:
    """What a row of the table and of its export shows, and nothing else of these wide tables."""
    named = ("membership__user__display_name", "membership__user__username")
    team = TeamMember.objects.select_related("membership__user").only("task", "role", *named)
    rows = InspectionTask.objects.select_related("unit", "bureau", "authority").only(
        *("kind", "state", "planned_on", "conclusion", "unit__name"),
        *("bureau__name", "bureau__short_name", "authority__short_name"),
    )
    return rows.with_counts().prefetch_related(Prefetch("team", team))


_SHOWN = ShownRows(_table_rows)


def _rows(request: PortalRequest) -> TaskQuerySet:
    return _shown(_listed(request))


def _elsewhere(request: PortalRequest) -> list[Elsewhere]:
    rows = InspectionTask.objects.visible_to(request.user).listed()
    return elsewhere(request, rows, listed_campaigns(request))


def _filtered(request: PortalRequest, rows: TaskQuerySet) -> TaskQuerySet:
    """Those of the visits the address asks for; the same object when it asks for all."""
    query = request.GET
    if (state := query.get("state", "")) in TaskState.values:
        rows = rows.filter(state=state)
    if (district := _district(request)) is not None:
        rows = rows.filter(authority=district)
    if text := query.get("q", "").strip():
        rows = rows.filter(
            Q(unit__name__icontains=text)
            | Q(unit__pinyin__icontains=text)
            | Q(pk__in=TaskStandard.objects.filter(standard__name__icontains=text).values("task"))
        )
    if query.get("overdue"):
        rows = rows.overdue(clock.today())
    return rows


def _in_order(request: PortalRequest, rows: TaskQuerySet, *, counted: int | None) -> KeyedRows:
    """The visits in the order of the address, read by key; ``counted`` is how many, where known."""
    sort = request.GET.get("sort", "")
    column = SORTS.get(sort.removeprefix("-"), "planned_on")
    ordered = rows.with_counts() if column == "standard_count" else rows
    keys = ordered.order_by(f"-{column}" if sort.startswith("-") else column, "pk")
    return KeyedRows(
        keys.values_list("pk", flat=True),
        _SHOWN,
        counted=rows if counted is None else counted,
    )


def _district(request: PortalRequest) -> int | None:
    """The office the list is filtered by."""
    asked = request.GET.get("district", "")
    return int(asked) if is_key(asked) else None


def _with(request: PortalRequest, **more: str) -> str:
    """The address of the list as filtered, with ``more``; the page starts over."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in more.items():
        query[name] = value
    return f"?{query.urlencode()}"


def _table(request: PortalRequest) -> HttpResponse:
    today = clock.today()
    listed = _listed(request)
    shown = _filtered(request, listed)
    counted = listed.count_by_office_and_state()
    found = _by_state(counted, listed, shown)
    total = sum(among for _, among in found.values())
    page = page_of(request, _in_order(request, shown, counted=total))
    district = _district(request)
    here = listed if district is None else listed.filter(authority=district)
    districts: Iterable[Authority] = ()
    if request.user.scope.casework.everything:
        organising = {office for office, _ in counted}
        districts = Authority.objects.filter(pk__in=organising).order_by("code")
    context = {
        "page": page,
        "elsewhere": [] if page.object_list else _elsewhere(request),
        "today": today,
        "states": [(s.value, f"{s.label}（{found[s][0]}）") for s in TaskState if s in found],
        "districts": [(row.pk, row.short_name) for row in districts],
        "overdue_choices": [("1", "只看逾期")],
        # The tiles are about the units of the rows shown, each judged by all its visits.
        "units": unit_counts(
            here if shown is listed else here.filter(unit__in=shown.values("unit"))
        ),
        "names": {"listed": LISTED, "inspected": INSPECTED, "not_performed": NOT_PERFORMED},
        "definition": DEFINITION,
        "to_review": found.get(TaskState.CONCLUDED, (0, 0))[1],
        "to_review_url": _with(request, state=TaskState.CONCLUDED.value),
    }
    return render(request, "inspections/index.html", context)


def _by_state(
    counted: Mapping[tuple[int, str], int], listed: TaskQuerySet, shown: TaskQuerySet
) -> dict[str, tuple[int, int]]:
    """For each state how many visits are listed, and how many of them are shown."""
    found: Counter[str] = Counter()
    for (_, state), n in counted.items():
        found[state] += n
    among = found if shown is listed else shown.count_by_state()
    return {state: (n, among.get(state, 0)) for state, n in found.items()}


@dataclass
class DayGroup:
    """Cards of one time: 待签字, 今天, 本周, 以后, 已结束."""

    title: str
    note: str
    cards: list["DayCard"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DayCard:
    task: InspectionTask
    role: str
    done: int
    total: int


def _day(request: PortalRequest) -> HttpResponse:
    today = clock.today()
    rows = _rows(request).with_progress()
    mine = request.user.acting.pk if request.user.acting else None
    groups = {
        "signing": DayGroup("待签字", "检查表已填完，等待签字"),
        "today": DayGroup("今天", "今天要去的和正在检查的"),
        "week": DayGroup("本周", "本周内的检查"),
        "later": DayGroup("以后", "以后的和日期待定的"),
        "done": DayGroup("已结束", "已结束和未能实施的"),
    }
    for task in rows:
        role = next((m.get_role_display() for m in task.team.all() if m.membership_id == mine), "")
        card = DayCard(task, role, task.answered_count, task.answer_count)
        groups[group_of(task, on=today)].cards.append(card)
    shown = [group for group in groups.values() if group.cards]
    context = {
        "groups": shown,
        "today": today,
        "several": len(listed_campaigns(request)) > 1,
        "elsewhere": [] if shown else _elsewhere(request),
    }
    return render(request, "inspections/day.html", context)


def group_of(task: InspectionTask, *, on: dt.date) -> str:
    """Where a task stands in the day of the people who go there."""
    if task.state == TaskState.SIGNING:
        return "signing"
    if task.state == TaskState.IN_PROGRESS:
        return "today"
    if task.state in TaskState.inspected or task.state in TaskState.not_inspected:
        return "done"
    if task.planned_on is None:
        return "later"
    if task.planned_on <= on:
        return "today"
    sunday = on + dt.timedelta(days=6 - on.weekday())
    return "week" if task.planned_on <= sunday else "later"
