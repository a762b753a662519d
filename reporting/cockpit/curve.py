"""How a campaign came along day by day: from the records themselves, each dated by what made it count."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Min, QuerySet
from django.utils import timezone

from reporting.figures import BY_ID
from reporting.queries import Scope
from reporting.queries.reading import read
from reporting.queries.tally import rows_of

from .narrowing import Narrowing
from .units import Seen


@dataclass(frozen=True, slots=True)
class Curve:
    """Days from the first on, and how many there were by the end of each."""

    days: tuple[dt.date, ...]
    inspected: tuple[int, ...]
    verified: tuple[int, ...]


def curve(
    scope: Scope, narrowing: Narrowing, findings: Iterable[Seen], *, first: dt.date, last: dt.date
) -> Curve:
    """实际检查单位 and 整改合格条数 by the end of each day up to the cut-off; one statement."""
    signed = read(scope, ("signed", narrowing.category), lambda at: _inspected(at, narrowing))
    inspected = Counter(_day(at) for (at,) in signed)
    verified = Counter(_day(one.since) for one in findings if one.is_verified)
    first = min([first, *inspected, *verified])
    end = max([first, min(last, scope.day), *inspected, *verified])
    days = tuple(first + dt.timedelta(days=n) for n in range((end - first).days + 1))
    return Curve(days, _summed(inspected, days), _summed(verified, days))


def _inspected(scope: Scope, narrowing: Narrowing) -> QuerySet:
    """Of each unit when its first sheet was signed."""
    figure = BY_ID["u_insp"]
    rows = rows_of(scope, figure.family).filter(figure.where, narrowing.q(figure.family, scope))
    return rows.values("in_unit").annotate(first=Min("in_signed_at")).values_list("first")


def _day(at: dt.datetime) -> dt.date:
    return timezone.localtime(at).date()


def _summed(counted: Counter[dt.date], days: tuple[dt.date, ...]) -> tuple[int, ...]:
    found, so_far = [], 0
    for day in days:
        so_far += counted[day]
        found.append(so_far)
    return tuple(found)
