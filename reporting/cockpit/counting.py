"""The figures of one page, counted once: of everything shown, of each office, of each row of a chart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from reporting.queries import Scope, Tally, tally
from reporting.queries.tally import COUNTED_ONCE, WHOLE_CITY, Selection
from reporting.rows import TOTAL
from reporting.table import Value

from .figures import FIGURES, LISTED

#: Beside the totals: professional fields, problem categories, items of the checklist.
_LEVELS = frozenset({"total", "field", "problem", "item"})
#: What was inspected also by category of standard and by priority domain.
_OF_SHEETS = (("sheet", frozenset({"category", "domain"})),)
Values = Mapping[str, Value]
NOTHING: Values = {}


@dataclass(frozen=True, slots=True)
class Counted:
    """``offices``: by id of the office. ``rows``: by block, then by row; of all offices shown."""

    total: Values
    offices: Mapping[int, Values]
    rows: Mapping[str, Mapping[str, Values]]

    def of(self, figure: str) -> int:
        return number(self.total, figure)

    def by_row(self, block: str, figure: str) -> dict[str, int]:
        """Rows that have any, in no order."""
        found = {row: number(values, figure) for row, values in self.rows.get(block, {}).items()}
        return {row: value for row, value in found.items() if value}


def number(values: Values, figure: str) -> int:
    return int(values.get(figure, 0) or 0)


def count(scope: Scope, category: str = "", only: Iterable[str] | None = None) -> Counted:
    """Twelve statements, whatever the size of the campaign; of one row of block I with ``category``.

    ``only`` names some of the figures; they are counted in total, for no row of a chart.
    """
    if only is None:
        selection = Selection(FIGURES, _LEVELS, category, _OF_SHEETS)
    else:
        selection = Selection(tuple(LISTED[key] for key in only), frozenset({TOTAL}), category)
    counted = tally(scope, selection)
    merged = _merged(counted, scope)
    rows: dict[str, dict[str, Values]] = defaultdict(dict)
    for (block, row), values in merged.items():
        rows[block][row] = values
    offices = {
        office: values
        for (office, block, _), values in counted.items()
        if block == TOTAL and office != WHOLE_CITY
    }
    return Counted(rows[TOTAL].get(TOTAL, NOTHING), offices, rows)


def _merged(counted: Tally, scope: Scope) -> dict[tuple[str, str], dict[str, Value]]:
    """Over all offices: units have been counted once, everything else is the sum."""
    merged: dict[tuple[str, str], dict[str, Value]] = defaultdict(dict)
    for (office, block, row), values in counted.items():
        into = merged[block, row]
        for figure, value in values.items():
            once = scope.authority_id is None and LISTED[figure].counts in COUNTED_ONCE
            if office == WHOLE_CITY:
                into[figure] = value
            elif not once:
                into[figure] = (into.get(figure) or 0) + value
    return dict(merged)
