"""Access that is unusual: a hint for the auditor and a question to the person, no verdict.

Four kinds: very many units in an hour, at night, refusals again and again, and what somebody looked at after
leaving the team of a visit. Each is counted from the rows of the trail themselves.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Max, Min, Q, QuerySet, Value
from django.db.models.functions import ExtractHour, StrIndex, Substr, TruncDay, TruncHour
from django.urls import reverse
from django.utils import timezone

from metrostd.accounts.models import User
from metrostd.common import clock, refused_access
from metrostd.common.enums import AccessKind
from metrostd.common.models import AccessEntry

from .enums import Kind
from .searching import REFUSED

#: So many units or offices within one hour of the clock are more than a person works on.
MANY_UNITS = 20
#: Night, in hours of the day; so many readings in one night are no slip of a late evening.
NIGHT = (22, 6)
MANY_AT_NIGHT = 3
#: So many refusals in one day are no wrong link.
MANY_REFUSALS = 5
#: Of each kind at most so many are shown, the latest first.
SHOWN = 100

_READING = (AccessKind.READ, AccessKind.FILE)


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody who is no longer on the team that visits a unit."""

    person: int
    at: dt.datetime
    unit: str


_departures: list[Callable[[dt.datetime], Iterable[Departure]]] = []


def departures(
    source: Callable[[dt.datetime], Iterable[Departure]],
) -> Callable[[dt.datetime], Iterable[Departure]]:
    """Register who knows which people left something confidential since a moment."""
    _departures.append(source)
    return source


@dataclass(frozen=True, slots=True)
class Unusual:
    """One thing to look into: who, what, when, and where the rows are."""

    kind: str
    person: int
    said: str
    since: dt.datetime
    until: dt.datetime
    rows: str
    name: str = ""


def found(since: dt.date, until: dt.date) -> list[Unusual]:
    """What is unusual from one day to another, the latest first, with the names of the people."""
    accesses = AccessEntry.objects.filter(
        at__gte=clock.at_time(since, 0),
        at__lt=clock.at_time(until + dt.timedelta(1), 0),
        actor__isnull=False,
    )
    rows = [*_many_units(accesses), *_at_night(accesses), *_refusals(accesses)]
    rows += _after_leaving(accesses, clock.at_time(since - dt.timedelta(90), 0))
    names = dict(
        User.objects.filter(pk__in={row.person for row in rows}).values_list("pk", "display_name")
    )
    usernames = dict(
        User.objects.filter(pk__in={row.person for row in rows}).values_list("pk", "username")
    )
    return [
        _named(row, names[row.person], usernames[row.person])
        for row in sorted(rows, key=lambda row: row.until, reverse=True)
    ]


def _named(row: Unusual, name: str, username: str) -> Unusual:
    local = timezone.localdate
    query = {
        "kind": row.rows, "who": username, "since": local(row.since), "until": local(row.until),
    }  # fmt: skip
    url = f"{reverse('trail:index')}?{urlencode(query)}"
    return Unusual(row.kind, row.person, row.said, row.since, row.until, url, name)


def _many_units(accesses: QuerySet) -> Iterator[Unusual]:
    whose = Substr("what", 1, StrIndex("what", Value("：")) - 1)
    rows = accesses.filter(kind__in=_READING, what__contains="：")
    counted = rows.annotate(hour=TruncHour("at"), whose=whose).values("actor", "hour")
    for row in counted.annotate(
        n=Count("whose", distinct=True), first=Min("at"), last=Max("at")
    ).filter(n__gte=MANY_UNITS).order_by("-hour")[:SHOWN]:  # fmt: skip
        said = f"一小时内查阅{row['n']}家单位（机关）的材料"
        yield Unusual("短时间大量查阅", row["actor"], said, row["first"], row["last"], Kind.ACCESS)


def _at_night(accesses: QuerySet) -> Iterator[Unusual]:
    begins, ends = NIGHT
    rows = accesses.exclude(kind__in=refused_access.KINDS).annotate(hour=ExtractHour("at"))
    rows = rows.filter(Q(hour__gte=begins) | Q(hour__lt=ends))
    counted = rows.annotate(day=TruncDay("at")).values("actor", "day")
    for row in counted.annotate(n=Count("pk"), first=Min("at"), last=Max("at")).filter(
        n__gte=MANY_AT_NIGHT
    ).order_by("-day")[:SHOWN]:  # fmt: skip
        said = f"{begins}时至次日{ends}时查阅、导出{row['n']}次"
        yield Unusual("夜间查阅", row["actor"], said, row["first"], row["last"], Kind.ACCESS)


def _refusals(accesses: QuerySet) -> Iterator[Unusual]:
    rows = accesses.filter(kind__in=refused_access.KINDS).annotate(day=TruncDay("at"))
    counted = rows.values("actor", "day").annotate(n=Count("pk"), first=Min("at"), last=Max("at"))
    for row in counted.filter(n__gte=MANY_REFUSALS).order_by("-day")[:SHOWN]:
        said = f"一天内被拒绝的记录{row['n']}条"
        yield Unusual("多次被拒绝", row["actor"], said, row["first"], row["last"], REFUSED)


def _after_leaving(accesses: QuerySet, since: dt.datetime) -> Iterator[Unusual]:
    """What somebody saw, or tried to see, of a unit after leaving the team that visits it."""
    gone = {(d.person, d.unit): d for source in _departures for d in source(since) if d.unit}
    for left in gone.values():
        rows = accesses.filter(actor=left.person, at__gt=left.at, what__contains=left.unit)
        counted = rows.aggregate(n=Count("pk"), first=Min("at"), last=Max("at"))
        if counted["n"]:
            said = f"退出检查组后仍查阅或试图查阅{left.unit}的材料{counted['n']}次"
            yield Unusual(
                "退出检查组后查阅",
                left.person,
                said,
                counted["first"],
                counted["last"],
                Kind.ACCESS,
            )
