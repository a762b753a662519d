"""Which records stand behind each cell: kept with an edition, and compared with those of later.

A number can stand while one record left and another came, so sets of keys are compared, not numbers.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import connection

from reporting.figures import BY_ID, Figure, of_family
from reporting.rows import SUBTOTALS, TOTAL, UNCLASSIFIED
from reporting.single_figures import SINGLE

from .domains import domains_then
from .scope import Scope
from .tally import COLUMNS_COUNTED, FAMILIES, counted_records

#: Where the priority domains of the standards stand, beside the families.
_DOMAINS = "domains"
#: block, row, figure
CellRef = tuple[str, str, str]
#: What a cell counts: keys of records, units, standards, fields; amounts with their record.
Keys = frozenset[str]
#: Any: JSON as it comes back from a column.
Evidence = dict[str, dict[str, Any]]
#: A record as a row of JSON values.
Record = list[Any]  # Any: as above


def evidence(scope: Scope) -> Evidence:
    """The records of every family with where they belong and which figures count them, as JSON."""
    kept: Evidence = {}
    for name in FAMILIES:
        figures = of_family(name)
        sql, parameters, columns = counted_records(name, replace(scope, counting=True), figures)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            rows = [[_plain(value) for value in row] for row in cursor.fetchall()]
        kept[name] = {
            "figures": [figure.id for figure in figures],
            "columns": columns,
            "rows": sorted(rows, key=lambda row: row[0]),
        }
    standards = {row[at] for family in kept.values() for row, at in _standards(family)}
    pairs = [
        list(pair)
        for rows in domains_then(scope)
        for pair in rows.filter(standard__in=standards).values_list("standard", "domain")
    ]
    kept[_DOMAINS] = {"rows": sorted(pairs)}
    return kept


def cells_of(kept: Evidence) -> dict[CellRef, Keys]:
    """What each counted cell of a table stands on, row by row and figure by figure."""
    found: dict[CellRef, set[str]] = defaultdict(set)
    domains: dict[int, list[str]] = defaultdict(list)
    for standard, domain in kept.get(_DOMAINS, {}).get("rows", ()):
        domains[standard].append(domain)
    for name, family in kept.items():
        if name not in FAMILIES:
            continue
        columns = {column: at for at, column in enumerate(family["columns"])}
        figures = [
            (place, BY_ID[figure])
            for place, figure in enumerate(family["figures"])
            if figure in BY_ID
        ]
        for record in family["rows"]:
            places = list(_places(name, record, columns, domains))
            for figure, key in _counted_by(record, columns, figures):
                for block, row in places:
                    if block in figure.blocks:
                        at = figure.id if block in SINGLE else row
                        found[block, at, figure.id].add(key)
    return {ref: frozenset(keys) for ref, keys in found.items()}


def _counted_by(
    record: Record, columns: Mapping[str, int], figures: Iterable[tuple[int, Figure]]
) -> Iterable[tuple[Figure, str]]:
    """The figures that count a record, each with the key it counts."""
    bits = record[columns["n_bits"]]
    amount = "n_amount" if "n_amount" in columns else "n_fine"  # as it was called in older editions
    for place, figure in figures:
        if figure.where and not bits >> place & 1:
            continue
        if figure.counts == "amount":
            yield figure, f"{record[0]}:{record[columns[amount]]}"
        elif (key := record[columns[COLUMNS_COUNTED[figure.counts]]]) is not None:
            yield figure, str(key)


def _places(
    name: str,
    record: Record,
    columns: Mapping[str, int],
    domains: Mapping[int, list[str]],
) -> Iterable[tuple[str, str]]:
    """The rows of the blocks a record is counted in."""
    levels = FAMILIES[name].levels
    category = record[columns["in_category"]]
    for block in ("I", "II", "III", *SINGLE):
        yield block, TOTAL
    if "category" in levels and category is not None:
        yield "I", category
        for subtotal, (_, parts) in SUBTOTALS.items():
            if category in parts:
                yield "I", subtotal
    if "field" in levels:
        yield "II", record[columns["in_field"]] or UNCLASSIFIED
    if "problem" in levels and record[columns["in_problem"]] is not None:
        yield "III", record[columns["in_problem"]]
    if "domain" in levels and (of := domains.get(record[columns["in_standard"]])):
        yield "VI", TOTAL
        for domain in of:
            yield "VI", domain


def _standards(family: dict[str, Any]) -> Iterable[tuple[Record, int]]:  # Any: as above
    """The records of a family that are of a standard, and where it stands in them."""
    if "in_standard" in family["columns"]:
        at = family["columns"].index("in_standard")
        yield from ((row, at) for row in family["rows"])


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, int | str) else str(value)
