"""Units by what they are late with and by what their self-check hid: the findings are read once for both."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from metrostd.registry.models import Unit
from reporting.queries import Scope
from reporting.queries.placing import flag
from reporting.queries.reading import read
from reporting.queries.tally import rows_of

from .figures import LISTED
from .marks import Address
from .narrowing import Narrowing

#: Units with a line of their own; the figure opens all of them.
_MOST = 8
_LATE, _FAILED = LISTED["fd_late"], LISTED["fd_late_bad"]
_GAP, _VERIFIED = LISTED["fd_gap"], LISTED["fd_ok"]


@dataclass(frozen=True, slots=True)
class UnitCount:
    name: str
    url: str
    count: int
    records: str
    #: Of those the ones that have failed, with their records.
    failed: int
    failed_records: str
    due_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page asks of a finding: whose it is, whether late, 自查不实, put right and when."""

    unit: int
    is_late: bool
    has_failed: bool
    is_gap: bool
    is_verified: bool
    due_on: dt.date | None
    since: dt.datetime


def findings(scope: Scope, narrowing: Narrowing) -> list[Seen]:
    """Those that say anything here; one statement, for the lists of units and the curve."""
    rows = read(scope, ("findings", narrowing.category), lambda at: _asked(at, narrowing))
    return [Seen(*row) for row in rows]


def _asked(scope: Scope, narrowing: Narrowing) -> QuerySet:
    rows = rows_of(scope, _LATE.family).filter(narrowing.q(_LATE.family, scope))
    rows = rows.filter(_LATE.where | _GAP.where | _VERIFIED.where)
    wanted = {"late": _LATE, "failed": _FAILED, "gap": _GAP, "ok": _VERIFIED}
    flags = {name: flag(figure.where) for name, figure in wanted.items()}
    return rows.annotate(**flags).values_list("in_unit", *wanted, "due_on", "state_since")


@dataclass(slots=True)
class _Count:
    late: int = 0
    failed: int = 0
    gap: int = 0
    due: dt.date | None = None


def worst(found: Iterable[Seen], address: Address) -> tuple[list[UnitCount], list[UnitCount]]:
    """Who is late with most findings (of equal ones the longest), and who had called most 符合; one statement."""
    counted: dict[int, _Count] = defaultdict(_Count)
    for one in found:
        each = counted[one.unit]
        each.late += one.is_late
        each.failed += one.has_failed
        each.gap += one.is_gap
        if one.is_late and one.due_on:
            each.due = min(each.due or one.due_on, one.due_on)
    late = [(unit, one) for unit, one in counted.items() if one.late]
    late.sort(key=lambda pair: (-pair[1].late, pair[1].due or dt.date.max, pair[0]))
    gap = [(unit, one) for unit, one in counted.items() if one.gap]
    gap.sort(key=lambda pair: (-pair[1].gap, pair[0]))
    shown = late[:_MOST], gap[:_MOST]
    units = Unit.objects.in_bulk({unit for part in shown for unit, _ in part})

    def line(pk: int, figure: str, count: int, failed: int, due: dt.date | None) -> UnitCount:
        unit = units[pk]
        records, of_failed = (address(key, unit=str(pk)) for key in (figure, _FAILED.id))
        url = unit.get_absolute_url()
        return UnitCount(str(unit), url, count, records, failed, of_failed, due)

    return (
        [line(unit, _LATE.id, one.late, one.failed, one.due) for unit, one in shown[0]],
        [line(unit, _GAP.id, one.gap, 0, None) for unit, one in shown[1]],
    )
