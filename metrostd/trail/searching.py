"""What an auditor looks for in the trail: by person, object, act, address and time; the newest first."""

import datetime as dt

from django.db.models import Q, QuerySet
from django.http import QueryDict

from metrostd.common import clock
from metrostd.common.models import AccessEntry, AuditEntry

from .enums import Kind

#: Shown when the address names no period, in days.
USUAL_DAYS = 7


class TrailSearch:
    """One kind of rows of the trail as the address asks for them."""

    def __init__(self, query: QueryDict, *, on: dt.date) -> None:
        asked = query.get("kind", "")
        self.kind = Kind(asked) if asked in Kind.values else Kind.CHANGE
        self.since = _day(query.get("since", "")) or on - dt.timedelta(USUAL_DAYS)
        self.until = _day(query.get("until", ""))
        self.who = query.get("who", "").strip()
        self.words = query.get("q", "").strip()
        self.act = query.get("act", "").strip()
        self.address = query.get("address", "").strip()

    def rows(self) -> QuerySet[AuditEntry] | QuerySet[AccessEntry]:
        """Changes or accesses of the period."""
        if self.kind == Kind.CHANGE:
            changes = AuditEntry.objects.filter(self._when()).select_related("actor", "target_type")
            if self.words:
                words = self.words
                changes = changes.filter(
                    Q(target_label__icontains=words) | Q(note__icontains=words)
                )
            if self.act:
                changes = changes.filter(
                    Q(action_label__icontains=self.act) | Q(action__icontains=self.act)
                )
            return changes.order_by("-pk")
        accesses = AccessEntry.objects.filter(self._when()).select_related("actor")
        if self.words:
            accesses = accesses.filter(what__icontains=self.words)
        if self.act:
            accesses = accesses.filter(kind__icontains=self.act)
        return accesses.order_by("-pk")

    def _when(self) -> Q:
        found = Q(at__gte=clock.at_time(self.since, 0))
        if self.until:
            found &= Q(at__lt=clock.at_time(self.until + dt.timedelta(1), 0))
        if self.who:
            found &= Q(actor__display_name__icontains=self.who) | Q(actor__username=self.who)
        if self.address:
            found &= Q(address__startswith=self.address)
        return found


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
