"""Units by what they are late with and by what their self-check hid: the findings are read once for both."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Min

from metrostd.registry.models import Unit
from reporting.queries import Scope
from reporting.queries.tally import rows_of

from .figures import LISTED
from .marks import Address
from .narrowing import Narrowing

#: Units with a line of their own; the figure opens all of them.
_MOST = 8
_LATE, _GAP = LISTED["fd_late"], LISTED["fd_gap"]


@dataclass(frozen=True, slots=True)
class UnitCount:
    name: str
    url: str
    count: int
    records: str
    due_on: dt.date | None


def worst(
    scope: Scope, narrowing: Narrowing, address: Address
) -> tuple[list[UnitCount], list[UnitCount]]:
    """Who is late with most findings (of equal ones the longest), and who had called most 符合; two statements."""
    rows = rows_of(scope, _LATE.family).filter(narrowing.q(_LATE.family))
    counted = rows.values("in_unit").annotate(
        late=Count("pk", filter=_LATE.where),
        gap=Count("pk", filter=_GAP.where),
        due=Min("due_on", filter=_LATE.where),
    )
    found = list(counted)
    late = [row for row in found if row["late"]]
    late.sort(key=lambda row: (-row["late"], row["due"], row["in_unit"]))
    gap = [row for row in found if row["gap"]]
    gap.sort(key=lambda row: (-row["gap"], row["in_unit"]))
    shown = late[:_MOST], gap[:_MOST]
    units = Unit.objects.in_bulk({row["in_unit"] for part in shown for row in part})

    def line(row: Mapping[str, int], figure: str, count: int, due: dt.date | None) -> UnitCount:
        unit = units[row["in_unit"]]
        records = address(figure, unit=str(row["in_unit"]))
        return UnitCount(str(unit), unit.get_absolute_url(), count, records, due)

    return (
        [line(row, _LATE.id, row["late"], row["due"]) for row in shown[0]],
        [line(row, _GAP.id, row["gap"], None) for row in shown[1]],
    )
