"""The list of findings as its address asks for it: filters, order, figures. Page and export share it."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from campaigns.models import Campaign
from inspections.enums import FindingState, Severity
from inspections.models import Finding, InspectionTask
from metrostd.common.actors import Actor
from metrostd.common.keyed import Chained, KeyedRows, ShownRows
from metrostd.common.outside import is_key
from metrostd.registry.models import Authority
from metrostd.registry.numbers import typed_code, typed_number

from . import lapsing
from .models import WithdrawnItem

#: Groups of states a person asks for, beside each single state.
GROUPS: dict[str, tuple[str, frozenset[str]]] = {
    "to_order": ("待处置", frozenset({FindingState.RAISED})),
    "with_unit": ("整改中", FindingState.owed_by_unit),
    "to_review": ("待确认", frozenset({FindingState.SUBMITTED})),
    "objection": ("异议待答复", frozenset({FindingState.DISPUTED})),
    "to_handle": ("不合格待处理", frozenset({FindingState.FAILED})),
    "struck": ("已销号", FindingState.struck_off),
}
STATE_CHOICES = [
    *((key, label) for key, (label, _) in GROUPS.items()),
    *(
        (value, f"· {label}")
        for value, label in FindingState.choices
        if value != FindingState.DRAFT
    ),
]
OVERDUE_CHOICES = [("yes", "已逾期"), ("soon", "三日内到期")]
_SORTS = {
    "due": "due_on",
    "unit": "task__unit__name",
    "severity": "severity",
    "state": "state",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """How many findings are where; each figure is the length of the list it links to."""

    to_order: int
    with_unit: int
    to_review: int
    objection: int
    to_handle: int
    struck: int
    overdue: int
    total: int


def base(user: Actor, campaigns: Collection[Campaign] | None) -> QuerySet[Finding]:
    """Confirmed findings of some campaigns (None: of all) within the person's reach, withdrawn ones included."""
    rows = Finding.objects.visible_to(user).exclude(state=FindingState.DRAFT)
    return rows if campaigns is None else rows.filter(campaign__in=campaigns)


def overdue(on: dt.date) -> Q:
    """Waiting for the unit after its due day: an extension has been asked for and not decided."""
    return lapsing.late(on) & lapsing.held()


def chosen(
    rows: QuerySet[Finding],
    asked: Mapping[str, str],
    *,
    on: dt.date,
    total: int | None = None,
) -> KeyedRows:
    """The rows the address asks for, in its order; ``total`` is how many there are without filters.

    Unless it says otherwise the longest overdue come first and what is struck off comes last.
    """
    found = narrowed(rows, asked, on=on)
    known = total if found is rows and total is not None else found.order_by()
    return KeyedRows(_keys(found, asked.get("sort", ""), on), _SHOWN, counted=known)


def narrowed(
    rows: QuerySet[Finding], asked: Mapping[str, str], *, on: dt.date
) -> QuerySet[Finding]:
    """The rows the address asks for; the very same when it asks for all."""
    state = asked.get("state", "")
    if state in GROUPS:
        rows = rows.filter(lapsing.in_state(GROUPS[state][1], on))
    elif state in FindingState.values:
        rows = rows.filter(lapsing.in_state({state}, on))
    if asked.get("overdue") == "yes":
        rows = rows.filter(overdue(on))
    elif asked.get("overdue") == "soon":
        soon = on + dt.timedelta(days=3)
        rows = rows.filter(state__in=FindingState.owed_by_unit, due_on__range=(on, soon))
    if asked.get("severity") in Severity.values:
        rows = rows.filter(severity=asked["severity"])
    if is_key(asked.get("district", "")):
        rows = rows.filter(authority=int(asked["district"]))
    if text := asked.get("q", "").strip():
        rows = rows.filter(
            Q(task__unit__name__icontains=text)
            | Q(task__unit__uscc__icontains=typed_code(text))
            | Q(standard__name__icontains=text)
            | Q(fact__icontains=text)
            | Q(item__code__iexact=text)
            | Q(order_item__order__number__icontains=typed_number(text))
            | Q(pk__in=_once_under(typed_number(text)))
        )
    return rows


def _once_under(number: str) -> QuerySet:
    """Findings of orders that have been withdrawn, by the number of the order."""
    rows = WithdrawnItem.objects.filter(order__number__icontains=number)
    return rows.values("finding")


def by_day(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    """A unit's few findings in the order of their days, in one query."""
    return _shown(rows).order_by(F("due_on").asc(nulls_last=True), "pk")


def _shown(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    return rows.select_related(
        "task__unit",
        "task__authority",
        "task__campaign",
        "sheet",
        "standard",
        "item",
        "order_item__order",
    ).prefetch_related("extensions")


def _listed() -> QuerySet[Finding]:
    """What a row of the list and of its export shows, and nothing else of these wide tables."""
    return Finding.objects.only(
        *("state", "due_on", "fact", "severity", "standard__name"),
        *("item__code", "item__is_prohibition", "order_item__order__number"),
        *("task__state", "task__unit__name", "task__authority__short_name"),
        "task__campaign__title",
    ).select_related(
        "task__unit",
        "task__authority",
        "task__campaign",
        "standard",
        "item",
        "order_item__order",
    )


_SHOWN = ShownRows(_listed)


def _keys(rows: QuerySet[Finding], sort: str, on: dt.date) -> QuerySet | Chained:
    """In parts that an index of days gives in order: rows without a day come last among their like."""
    column, down = _SORTS.get(sort.removeprefix("-"), "due_on"), sort.startswith("-")
    if column == "state":
        rows = rows.annotate(by_now=lapsing.state_on(on))
        column = "by_now"
    if column != "due_on":
        return _ordered(rows, column, down=down)
    struck = Q(state__in=sorted(FindingState.terminal))
    parts = [rows] if sort else [rows.filter(~struck), rows.filter(struck)]
    return Chained(
        [
            _ordered(part.filter(due_on__isnull=undated), column, down=down)
            for part in parts
            for undated in (False, True)
        ]
    )


def _ordered(rows: QuerySet[Finding], column: str, *, down: bool) -> QuerySet:
    return rows.order_by(f"-{column}" if down else column, "pk").values_list("pk", flat=True)


def figures(rows: QuerySet[Finding], *, on: dt.date) -> Figures:
    """The figures above the list: a row for each state, from an index alone, and the few that are held."""
    states = rows.order_by().values("state")
    counted = states.annotate(rows=Count("*"), late=Count("state", filter=Q(due_on__lt=on)))
    held = states.filter(overdue(on)).annotate(rows=Count("*"))
    kept = dict(held.values_list("state", "rows"))
    found = Counter[str]()
    for state, n, past in counted.values_list("state", "rows", "late"):
        lapsed = past - kept.get(state, 0) if state in FindingState.owed_by_unit else 0
        found[state] += n - lapsed
        found[FindingState.FAILED] += lapsed
    counts = {key: sum(found[state] for state in among) for key, (_, among) in GROUPS.items()}
    return Figures(**counts, overdue=sum(kept.values()), total=sum(found.values()))


def districts(user: Actor, campaigns: Collection[Campaign]) -> list[tuple[int, str]]:
    """The authorities whose findings a person sees; nothing to choose from when it is one."""
    tasks = InspectionTask.objects.visible_to(user).filter(campaign__in=campaigns)
    rows = Authority.objects.filter(pk__in=tasks.order_by().values("authority")).order_by("code")
    found = list(rows.values_list("pk", "short_name"))
    return found if len(found) > 1 else []
