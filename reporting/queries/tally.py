"""Counting: every figure of a family, for every row of every block, in one statement.

The rows of a table overlap (a unit may hold several categories), so each level of rows is grouped on
its own. The records of a family are read once, as a common table expression with one column for
each figure's condition, and grouped once for each level. The conditions come from ``figures``, as
do those of the lists behind the figures.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from django.db import connection
from django.db.models import BigIntegerField, Case, Expression, F, Q, QuerySet, Value, When

from metrostd.common.prepared import Statement
from metrostd.registry.enums import Category
from reporting.figures import Figure, of_family
from reporting.rows import SUBTOTALS, TOTAL, UNCLASSIFIED
from reporting.single_figures import SINGLE

from . import families, reviews, visits, voices
from .domains import domain_table, domains_then
from .scope import KEYS, AnyScope, Scope
from .selection import Selection


@dataclass(frozen=True, slots=True)
class Family:
    """Where records come from, and at which levels its figures are counted."""

    rows: Callable[[Scope], QuerySet]
    levels: tuple[str, ...]
    #: What several offices know of one body, put together, is more than what each knows (Scope.as_one).
    differs_as_one: bool = False
    #: Levels that are counted only where they are asked for.
    more: tuple[str, ...] = ()


_CATEGORIES = ("category", "subtotal", "total")
_DOMAINS = ("domain", "domain_total")
FAMILIES = MappingProxyType(
    {
        "frame": Family(families.frame_entries, (*_CATEGORIES, "field", *_DOMAINS), True),
        "self_check": Family(families.self_checked_standards, _CATEGORIES),
        "self_check_problem": Family(families.self_check_problems, _CATEGORIES),
        "plan": Family(families.planned_standards, _CATEGORIES, True),
        "sheet": Family(visits.signed_sheets, (*_CATEGORIES, "field", *_DOMAINS)),
        "finding": Family(
            visits.standing_findings,
            (*_CATEGORIES, "field", "problem", *_DOMAINS),
            differs_as_one=True,
            more=("item",),
        ),
        "answer": Family(visits.judged_answers, ()),
        "stop": Family(visits.issued_stops, (*_CATEGORIES, "field", *_DOMAINS)),
        "act": Family(families.certificate_acts, _CATEGORIES),
        "referral": Family(visits.case_referrals, _CATEGORIES),
        "team": Family(families.visiting_teams, ("total",)),
        "order": Family(visits.issued_orders, ("total",)),
        "single_issue": Family(voices.single_issues, ("total",)),
        "bureau": Family(families.bureau_reports, ("total",)),
        "bureau_problem": Family(families.bureau_problems, ("total",)),
        "review": Family(reviews.drawn_reviews, ("total",)),
        "case": Family(reviews.reviewed_cases, ("total",)),
        "review_problem": Family(reviews.review_problems, ("total",)),
        "complaint": Family(voices.complaints, ("total",)),
        "warning": Family(voices.risk_warnings, ("total",)),
        "cost": Family(visits.borne_costs, ("total",)),
    }
)
#: Families that make one row: what stands alone in blocks IV and V, counted together in one statement.
_OF_ONE_ROW = tuple(name for name, family in FAMILIES.items() if family.levels == ("total",))
#: The block whose rows a level makes. The total of a level that is no block's own serves them all.
BLOCK_OF_LEVEL = MappingProxyType(
    {
        "category": "I",
        "subtotal": "I",
        "field": "II",
        "problem": "III",
        "item": "item",
        "domain": "VI",
        "domain_total": "VI",
        "total": TOTAL,
    }
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
#: In place of an office: all of them together.
WHOLE_CITY = 0
#: Before and between the items that a row of all others leaves out.
REST = "-"
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
        "item": "in_item",
        "domain": "priority.domain",
        "domain_total": f"'{TOTAL}'",
        "total": f"'{TOTAL}'",
    }
)
#: Which standards are of which domain, first of the tables of a statement that asks for it.
_DOMAIN_TABLE = "domain_then"
#: What a level counts among, where it is not all records: a standard may be of several domains, or none.
_FROM_SQL = MappingProxyType(
    {
        "domain": f"{{table}} JOIN {_DOMAIN_TABLE} priority ON priority.standard_id = in_standard",
        "domain_total": (
            f"{{table}} WHERE in_standard IN (SELECT standard_id FROM {_DOMAIN_TABLE})"  # noqa: S608
        ),
    }
)

#: (office, block, row) → figure → value
Tally = dict[tuple[int, str, str], dict[str, int | Decimal]]


#: What only the municipal office's table counts (block V).
OF_REVIEWS = frozenset({"review", "case", "review_problem"})


def tally(
    scope: Scope, selection: Selection | None = None, *, without: frozenset[str] = frozenset()
) -> Tally:
    """Every counted figure of every row; a statement for each family, and one for those of a single row.

    With a ``selection`` only what it names; ``without`` these families. Of the whole city also units and fields over all offices (office is 0, which no office has): one
    that several offices know counts once. Three families are read again for that, in the same statement.
    """
    counted: Tally = defaultdict(dict)
    asked = {
        name: figures
        for name in FAMILIES
        if name not in without
        and (figures := selection.of_family(name) if selection else of_family(name))
    }
    for name, figures in asked.items():
        if name not in _OF_ONE_ROW:
            _count_family(name, scope, figures, counted, selection)
    if not (selection and selection.category):  # nothing of these belongs to a category
        _count_single({name: asked[name] for name in _OF_ONE_ROW if name in asked}, scope, counted)
    return counted


def rows_of(scope: Scope, family: str) -> QuerySet:
    """The records a family's figures are counted in."""
    return FAMILIES[family].rows(scope).order_by()


def in_row(block: str, row: str, scope: Scope) -> Q:
    """The records of one row of a block."""
    if block == "VI":
        of_row = {} if row == TOTAL else {"domain": row}
        found = Q(pk__in=[])
        for rows in domains_then(scope):
            found |= Q(in_standard__in=rows.filter(**of_row).values("standard"))
        return found
    if row == TOTAL or block in SINGLE:
        return Q()
    if row in SUBTOTALS:
        return Q(in_category__in=SUBTOTALS[row][1])
    if block == "I":
        return Q(in_category=row)
    if block == "II":
        return Q(in_field=None) if row == UNCLASSIFIED else Q(in_field=row)
    if block == "item":
        # All but some, where the row is what is left beside those.
        return ~Q(in_item__in=row[1:].split(REST)) if row.startswith(REST) else Q(in_item=row)
    return Q(in_problem=row)


def _count_family(
    name: str,
    scope: Scope,
    figures: tuple[Figure, ...],
    counted: Tally,
    selection: Selection | None,
) -> None:
    """Office by office, and over all offices what is counted once there, in one statement."""
    once: tuple[Figure, ...] = ()
    if scope.authority_id is None:
        once = tuple(figure for figure in figures if figure.counts in COUNTED_ONCE)
    levels = (selection.levels_of(name), selection.category) if selection else ()
    asked = (name, tuple(f.id for f in figures), *levels)
    statement = _statement(scope, asked, lambda at: _sql(name, at, figures, once, selection))
    for level, owner, row, *values in _answers(statement, scope):
        if row is None:
            continue
        key = (owner, BLOCK_OF_LEVEL[level], str(row))
        for figure, value in zip(figures, values, strict=True):
            if owner != WHOLE_CITY or figure in once:
                counted[key][figure.id] = _value(figure, value)


def _count_single(asked: Mapping[str, tuple[Figure, ...]], scope: Scope, counted: Tally) -> None:
    """What stands in one row: every family in the same statement, none of it counted once over the city."""
    if not asked:
        return
    names = tuple((name, tuple(f.id for f in figures)) for name, figures in asked.items())
    statement = _statement(scope, ("one row", names), lambda at: _sql_of_one_row(asked, at))
    for name, _, owner, row, *values in _answers(statement, scope):
        for figure, value in zip(asked[name], values, strict=False):
            counted[owner, TOTAL, row][figure.id] = _value(figure, value)


def _answers(statement: Statement, scope: Scope) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.filled(scope.values))
        return cursor.fetchall()


#: Words and parameters of a statement.
_Sql = tuple[str, tuple]
_statements: dict[tuple, Statement] = {}


def _statement(scope: Scope, asked: tuple, build: Callable[[Scope], _Sql]) -> Statement:
    """Compiled once for every table of its kind; that of a day before merges for those merges alone."""
    scope = replace(scope, counting=True)
    keys = {number: key for key, number in KEYS.items()}
    if scope.past.units:
        return Statement(*build(scope), keys)
    of_all = scope.authority_id is None
    kind = (connection.vendor, of_all, scope.as_one, scope.past.changed, asked)
    found = _statements.get(kind)
    if found is None:
        found = _statements[kind] = Statement(*build(AnyScope.like(scope)), keys)
    return found


def _sql_of_one_row(asked: Mapping[str, tuple[Figure, ...]], scope: Scope) -> _Sql:
    """Beside the name of the family its figures, and nothing in the places of those that have more."""
    longest = max(map(len, asked.values()))
    parts: list[str] = []
    parameters: tuple = ()
    for name, figures in asked.items():
        sql, given = _sql(name, scope, figures, (), None)
        rest = ", CAST(NULL AS bigint)" * (longest - len(figures))
        parts.append(f"SELECT '{name}', one.*{rest} FROM ({sql}) one")  # noqa: S608 -- names of families
        parameters += given
    return " UNION ALL ".join(parts), parameters


def _sql(
    name: str,
    scope: Scope,
    figures: tuple[Figure, ...],
    once: tuple[Figure, ...],
    selection: Selection | None,
) -> _Sql:
    kept = _levels(name, selection)
    records, parameters, _ = counted_records(name, scope, figures, kept)
    tables = [_narrowed("records", records, selection)]
    if (selection and selection.domain) or not set(_FROM_SQL).isdisjoint(kept):
        domains, of_domains = domain_table(scope)
        tables = [f"{_DOMAIN_TABLE} AS ({domains})", *tables]
        parameters = of_domains + parameters
    #: Of which table, under which office, which figures, in the order of their bits there.
    parts = [("records", "in_office", figures, figures)]
    if once and FAMILIES[name].differs_as_one:
        together, more, _ = counted_records(name, scope.together(), once, kept)
        tables, parameters = [*tables, _narrowed("whole", together, selection)], parameters + more
        parts.append(("whole", str(WHOLE_CITY), once, once))
    elif once:
        parts.append(("records", str(WHOLE_CITY), once, figures))
    levels = " UNION ALL ".join(
        f"SELECT '{level}', {office}, {_ROW_SQL[level]}, "  # noqa: S608 -- constants of this module
        + ", ".join(_aggregate_sql(f, bits.index(f)) if f in wanted else "NULL" for f in figures)
        + f" FROM {_FROM_SQL.get(level, '{table}').format(table=table)} GROUP BY 1, 2, 3"
        for table, office, wanted, bits in parts
        for level in kept
    )
    return f"WITH {', '.join(tables)} {levels}", parameters


def _levels(name: str, selection: Selection | None) -> tuple[str, ...]:
    family = FAMILIES[name]
    if selection is None:
        return family.levels
    levels = selection.levels_of(name)
    return tuple(level for level in (*family.levels, *family.more) if level in levels)


def _narrowed(table: str, records: str, selection: Selection | None) -> str:
    """The records to group. Of one row they are taken last: what a unit's say together stays whole."""
    if selection is None or not selection.category:
        return f"{table} AS MATERIALIZED ({records})"
    if selection.domain:
        named = f"SELECT standard_id FROM {_DOMAIN_TABLE} WHERE domain = '{selection.domain}'"  # noqa: S608
        column = "in_standard"
    else:
        named = ", ".join(f"'{Category(category)}'" for category in selection.categories)
        column = "in_category"
    of_these = f"SELECT * FROM all_{table} WHERE {column} IN ({named})"  # noqa: S608 -- enumerations
    return f"all_{table} AS MATERIALIZED ({records}), {table} AS ({of_these})"


def counted_records(
    name: str, scope: Scope, figures: tuple[Figure, ...], levels: tuple[str, ...] = ()
) -> tuple[str, tuple, list[str]]:
    """The statement that reads a family's records: where they belong, and which figures count them.

    Third, the names of its columns. The conditions are bits of one number: what is sorted for each
    level of rows stays narrow.
    """
    rows = rows_of(scope, name).annotate(n_pk=F("pk"), n_bits=_bits(figures))
    columns = ["n_pk", "n_bits", "in_office", "in_unit", "in_standard", "in_category", "in_field"]
    if "problem" in FAMILIES[name].levels:
        columns = [*columns, "in_problem"]
    if "item" in levels:
        columns = [*columns, "in_item"]
    if any(f.counts == "task" for f in figures):
        rows, columns = rows.annotate(in_task=F("task_id")), [*columns, "in_task"]
    if any(f.counts == "amount" for f in figures):
        rows, columns = rows.annotate(n_amount=F("in_amount")), [*columns, "n_amount"]
    wanted = [column for column in columns if column in rows.query.annotations]
    compiler = rows.values(*wanted).query.get_compiler(connection.alias)
    sql, parameters = compiler.as_sql()
    return sql, tuple(parameters), wanted


def _bits(figures: tuple[Figure, ...]) -> Expression:
    """One bit for each figure that counts the record, in the order of the figures."""
    bits: Expression = Value(0, output_field=BigIntegerField())
    for place, figure in enumerate(figures):
        if figure.where:
            bits += Case(
                When(figure.where, then=Value(1 << place)),
                default=Value(0),
                output_field=BigIntegerField(),
            )
    return bits


#: The column of those records that holds what a figure counts.
COLUMNS_COUNTED = MappingProxyType(
    {
        "record": "n_pk",
        "unit": "in_unit",
        "standard": "in_standard",
        "field": "in_field",
        "task": "in_task",
    }
)


def _aggregate_sql(figure: Figure, place: int) -> str:
    only = f" FILTER (WHERE (n_bits & {1 << place}) <> 0)" if figure.where else ""
    if figure.counts == "amount":
        return f"SUM(n_amount){only}"
    distinct = "" if figure.counts == "record" else "DISTINCT "
    return f"COUNT({distinct}{COLUMNS_COUNTED[figure.counts]}){only}"


def _value(figure: Figure, raw: Decimal | int | None) -> int | Decimal:
    if figure.counts == "amount":
        return Decimal(str(raw or 0)).quantize(Decimal("0.01"))
    return int(raw or 0)


__all__ = (
    "COLUMNS_COUNTED",
    "COUNTED",
    "COUNTED_ONCE",
    "FAMILIES",
    "REST",
    "WHOLE_CITY",
    "Selection",
    "Tally",
    "counted_records",
    "in_row",
    "rows_of",
    "tally",
)
