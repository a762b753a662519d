"""How often somebody without an account may send and ask: enough for people, too slow for machines.

Counters are rows, so that every web process counts the same. An address is kept as a keyed digest only and
forgotten after a day: who complains is not to be found by where they sat.
"""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from metrostd.common import clock, sealing

from .models import VisitorCount

#: One counter for everybody.
ALL = "*"
_MEMORY = dt.timedelta(days=1)


class TooOftenError(Exception):
    """Not now; the sentence says what else can be done."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within a while from one address, and from all together."""

    purpose: str
    of_one: int
    of_all: int
    within: dt.timedelta
    sentence: str

    @transaction.atomic
    def count(self, address: str | None) -> None:
        """Count once more. Raises TooOftenError when it is too much."""
        now = clock.now()
        VisitorCount.objects.filter(since__lte=now - _MEMORY).delete()
        places = {_digest(address): self.of_one, ALL: self.of_all}
        rows = [self._locked(place, now) for place in sorted(places)]
        if any(row.count >= places[row.place] for row in rows):
            raise TooOftenError(self.sentence)
        VisitorCount.objects.filter(pk__in=[row.pk for row in rows]).update(count=F("count") + 1)

    def forgive(self, address: str | None) -> None:
        """The last one was right: it does not count."""
        rows = VisitorCount.objects.filter(purpose=self.purpose, place__in=(_digest(address), ALL))
        rows.filter(count__gt=0).update(count=F("count") - 1)

    def _locked(self, place: str, now: dt.datetime) -> VisitorCount:
        rows = VisitorCount.objects.select_for_update()
        row, _ = rows.get_or_create(purpose=self.purpose, place=place, defaults={"since": now})
        if row.since <= now - self.within:
            row.since, row.count = now, 0
            row.save(update_fields=["since", "count"])
        return row


#: An office behind one address may have several visitors; nobody types six in an hour.
SENDING = Limit(
    "send",
    of_one=6,
    of_all=300,
    within=dt.timedelta(hours=1),
    sentence="现在提交的人太多，或者您刚刚已经提交过多次，您填写的内容还没有收到。"
    "请过一会儿再提交，紧急的请拨打公布的电话。",
)
#: Only wrong codes stay counted.
ASKING = Limit(
    "ask",
    of_one=10,
    of_all=3000,
    within=dt.timedelta(hours=1),
    sentence="查询码输错次数太多，请一小时以后再试；忘记查询码的，请拨打公布的电话。",
)


def _digest(address: str | None) -> str:
    """Whoever has one address of IPv6 usually has its whole /64."""
    place = address or "-"
    if address and (parsed := ipaddress.ip_address(address)).version == 6:
        place = str(ipaddress.ip_network((parsed, 64), strict=False))
    return sealing.fingerprint("visitor", place)
