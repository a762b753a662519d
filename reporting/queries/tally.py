"""Counting: every figure of a family, for every row of every block, in one statement.

The rows of a table overlap (a unit may hold several categories), so each level of rows is a grouped
query of its own; the levels of one family are joined with UNION ALL into one statement.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    F,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from reporting.figures import Figure, of_family
from reporting.rows import SUBTOTALS, TOTAL, UNCLASSIFIED

from . import families
from .scope import Scope


@dataclass(frozen=True, slots=True)
class Family:
    """Where records come from, and at which levels its figures are counted."""

    rows: Callable[[Scope], QuerySet]
    levels: tuple[str, ...]


_CATEGORIES = ("category", "subtotal", "total")
FAMILIES = MappingProxyType(
    {
        "frame": Family(families.frame_entries, (*_CATEGORIES, "field")),
        "self_check": Family(families.self_checked_standards, _CATEGORIES),
        "self_check_problem": Family(families.self_check_problems, _CATEGORIES),
        "plan": Family(families.planned_standards, _CATEGORIES),
        "sheet": Family(families.signed_sheets, (*_CATEGORIES, "field")),
        "finding": Family(families.standing_findings, (*_CATEGORIES, "field", "problem")),
        "stop": Family(families.issued_stops, (*_CATEGORIES, "field")),
        "disposition": Family(families.decided_dispositions, _CATEGORIES),
        "referral": Family(families.case_referrals, _CATEGORIES),
        "team": Family(families.visiting_teams, ("total",)),
    }
)
#: The block whose rows a level makes. The total of a level that is no block's own serves them all.
BLOCK_OF_LEVEL = MappingProxyType(
    {"category": "I", "subtotal": "I", "field": "II", "problem": "III", "total": TOTAL}
)
COUNTED = MappingProxyType(
    {
        "record": "pk",
        "unit": "in_unit",
        "standard": "in_standard",
        "field": "in_field",
        "task": "task_id",
    }
)
_SUBTOTAL = Case(
    *(
        When(in_category__in=parts, then=Value(key, output_field=CharField()))
        for key, (_, parts) in SUBTOTALS.items()
    ),
    default=Value(None, output_field=CharField()),
    output_field=CharField(),
)
_ROW = MappingProxyType(
    {
        "category": Cast(F("in_category"), CharField(max_length=24)),
        "subtotal": _SUBTOTAL,
        "field": Coalesce(F("in_field"), Value(UNCLASSIFIED), output_field=CharField()),
        "problem": Cast(F("category"), CharField(max_length=24)),
        "total": Value(TOTAL, output_field=CharField()),
    }
)

#: (office, block, row) → figure → value
Tally = dict[tuple[int, str, str], dict[str, int | Decimal]]


def tally(scope: Scope, *, with_office: bool = True) -> Tally:
    """Every counted figure of every row; ten statements, whatever the size of the campaign.

    With ``with_office`` off, offices are not kept apart (office is 0): a unit or field that several
    offices inspect is then counted once.
    """
    counted: Tally = defaultdict(dict)
    for name in FAMILIES:
        _count_family(name, scope, with_office, counted)
    return counted


def tally_families(scope: Scope, names: Iterable[str]) -> Tally:
    """Like ``tally`` without offices, for some families only."""
    counted: Tally = defaultdict(dict)
    for name in names:
        _count_family(name, scope, False, counted)
    return counted


def rows_at(scope: Scope, family: str, level: str) -> QuerySet:
    """The records of a family, each with the ``row`` of that level it is counted in."""
    return FAMILIES[family].rows(scope).order_by().annotate(row=_ROW[level])


def _count_family(name: str, scope: Scope, with_office: bool, counted: Tally) -> None:
    figures = of_family(name)
    columns = {f"n_{figure.id}": _aggregate(figure) for figure in figures}
    office = F("in_office") if with_office else Value(0)
    parts = []
    for level in FAMILIES[name].levels:
        rows = rows_at(scope, name, level).annotate(office=office, level=Value(level))
        if level == "subtotal":
            rows = rows.filter(row__isnull=False)
        parts.append(rows.values("level", "office", "row").annotate(**columns))
    answers = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    for answer in answers:
        key = (answer["office"], BLOCK_OF_LEVEL[answer["level"]], str(answer["row"]))
        for figure in figures:
            counted[key][figure.id] = _value(figure, answer[f"n_{figure.id}"])


def _aggregate(figure: Figure) -> Count | Sum:
    where = figure.where or None
    if figure.counts == "fine":
        return Sum("fine", filter=where, output_field=DecimalField(max_digits=14, decimal_places=2))
    distinct = figure.counts != "record"
    return Count(COUNTED[figure.counts], filter=where, distinct=distinct)


def _value(figure: Figure, raw: object) -> int | Decimal:
    if figure.counts == "fine":
        return Decimal(str(raw or 0)).quantize(Decimal("0.01"))
    return int(raw or 0)  # type: ignore[call-overload]


__all__ = ("COUNTED", "FAMILIES", "Tally", "rows_at", "tally", "tally_families")
