"""Counting: every figure of a family, for every row of every block, in one statement.

The rows of a table overlap (a unit may hold several categories), so each level of rows is grouped on
its own. The records of a family are read once, as a common table expression with one column for
each figure's condition, and grouped once for each level. The conditions come from ``figures``, as
do those of the lists behind the figures.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When

from reporting.figures import Figure, of_family
from reporting.rows import SUBTOTALS, TOTAL, UNCLASSIFIED

from . import families, visits
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
        "sheet": Family(visits.signed_sheets, (*_CATEGORIES, "field")),
        "finding": Family(visits.standing_findings, (*_CATEGORIES, "field", "problem")),
        "stop": Family(visits.issued_stops, (*_CATEGORIES, "field")),
        "act": Family(families.certificate_acts, _CATEGORIES),
        "referral": Family(visits.case_referrals, _CATEGORIES),
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
#: What may be known to several offices and is counted once over the whole city.
COUNTED_ONCE = frozenset({"unit", "field"})
#: How the row of a record is read from the table of records, level by level.
_ROW_SQL = MappingProxyType(
    {
        "category": "in_category",
        "subtotal": "CASE in_category "
        + " ".join(
            f"WHEN '{part}' THEN '{key}'" for key, (_, parts) in SUBTOTALS.items() for part in parts
        )
        + " END",
        "field": f"COALESCE(in_field, '{UNCLASSIFIED}')",
        "problem": "in_problem",
        "total": f"'{TOTAL}'",
    }
)

#: (office, block, row) → figure → value
Tally = dict[tuple[int, str, str], dict[str, int | Decimal]]


def tally(scope: Scope) -> Tally:
    """Every counted figure of every row; ten statements, whatever the size of the campaign."""
    counted: Tally = defaultdict(dict)
    for name in FAMILIES:
        _count_family(name, scope, of_family(name), counted)
    return counted


def tally_once(scope: Scope) -> Tally:
    """Units and fields over all offices (office is 0): one that several offices know counts once."""
    counted: Tally = defaultdict(dict)
    for name in FAMILIES:
        if figures := tuple(f for f in of_family(name) if f.counts in COUNTED_ONCE):
            _count_family(name, scope.together(), figures, counted)
    return counted


def rows_of(scope: Scope, family: str) -> QuerySet:
    """The records a family's figures are counted in."""
    return FAMILIES[family].rows(scope).order_by()


def in_row(block: str, row: str) -> Q:
    """The records of one row of a block."""
    if row == TOTAL:
        return Q()
    if row in SUBTOTALS:
        return Q(in_category__in=SUBTOTALS[row][1])
    if block == "I":
        return Q(in_category=row)
    if block == "II":
        return Q(in_field=None) if row == UNCLASSIFIED else Q(in_field=row)
    return Q(in_problem=row)


def _count_family(name: str, scope: Scope, figures: tuple[Figure, ...], counted: Tally) -> None:
    records, parameters = _records_sql(name, scope, figures)
    office = "0" if scope.as_one else "in_office"
    counts = ", ".join(_aggregate_sql(figure) for figure in figures)
    levels = " UNION ALL ".join(
        f"SELECT '{level}', {office}, {_ROW_SQL[level]}, {counts} FROM records"  # noqa: S608 -- constants of this module
        f" GROUP BY 1, 2, 3"
        for level in FAMILIES[name].levels
    )
    with connection.cursor() as cursor:
        cursor.execute(f"WITH records AS MATERIALIZED ({records}) {levels}", parameters)
        answers = cursor.fetchall()
    for level, owner, row, *values in answers:
        if row is None:
            continue
        key = (owner, BLOCK_OF_LEVEL[level], str(row))
        for figure, value in zip(figures, values, strict=True):
            counted[key][figure.id] = _value(figure, value)


def _records_sql(name: str, scope: Scope, figures: tuple[Figure, ...]) -> tuple[str, tuple]:
    """The statement that reads a family's records: where they belong, and each figure's condition."""
    rows = rows_of(scope, name).annotate(
        n_pk=F("pk"),
        **{f"is_{f.id}_counted": _condition(f.where) for f in figures if f.where},
    )
    columns = ["n_pk", "in_office", "in_unit", "in_standard", "in_category", "in_field"]
    if "problem" in FAMILIES[name].levels:
        columns = [*columns, "in_problem"]
    if any(f.counts == "task" for f in figures):
        rows, columns = rows.annotate(in_task=F("task_id")), [*columns, "in_task"]
    if any(f.counts == "fine" for f in figures):
        rows, columns = rows.annotate(n_fine=F("in_fine")), [*columns, "n_fine"]
    columns += [f"is_{f.id}_counted" for f in figures if f.where]
    wanted = [column for column in columns if column in rows.query.annotations]
    compiler = rows.values(*wanted).query.get_compiler(connection.alias)
    sql, parameters = compiler.as_sql()
    return sql, tuple(parameters)


def _condition(where: Q) -> Case:
    return Case(When(where, then=Value(True)), default=Value(False), output_field=BooleanField())


_COLUMN = MappingProxyType(
    {
        "record": "n_pk",
        "unit": "in_unit",
        "standard": "in_standard",
        "field": "in_field",
        "task": "in_task",
    }
)


def _aggregate_sql(figure: Figure) -> str:
    only = f" FILTER (WHERE is_{figure.id}_counted)" if figure.where else ""
    if figure.counts == "fine":
        return f"SUM(n_fine){only}"
    distinct = "" if figure.counts == "record" else "DISTINCT "
    return f"COUNT({distinct}{_COLUMN[figure.counts]}){only}"


def _value(figure: Figure, raw: Any) -> int | Decimal:
    if figure.counts == "fine":
        return Decimal(str(raw or 0)).quantize(Decimal("0.01"))
    return int(raw or 0)


__all__ = (
    "COUNTED",
    "COUNTED_ONCE",
    "FAMILIES",
    "Tally",
    "in_row",
    "rows_of",
    "tally",
    "tally_once",
)
