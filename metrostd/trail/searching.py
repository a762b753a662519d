"""What an auditor looks for in the trail: by person, object, act, address and time; the newest first."""

import datetime as dt

from django.db.models import Q, QuerySet
from django.http import QueryDict

from metrostd.common import clock, refused_access
from metrostd.common.enums import AccessKind
from metrostd.common.models import AccessEntry, AuditEntry

from .enums import Kind

#: Refusals alone, among the accesses: what the address says for them.
REFUSED = "refused"
#: Shown when the address names no period, in days.
USUAL_DAYS = 7


class TrailSearch:
    """One kind of rows of the trail as the address asks for them."""

    def __init__(self, query: QueryDict, *, on: dt.date) -> None:
        asked = query.get("kind", "")
        self.refused = asked == REFUSED
        self.kind = Kind(asked) if asked in Kind.values else Kind.CHANGE
        if self.refused:
            self.kind = Kind.ACCESS
        self.since = day_of(query.get("since", "")) or on - dt.timedelta(USUAL_DAYS)
        self.until = day_of(query.get("until", ""))
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
        if self.refused:
            accesses = accesses.filter(kind__in=refused_access.KINDS)
        if self.words:
            accesses = accesses.filter(
                Q(what__icontains=self.words) | Q(purpose__icontains=self.words)
            )
        if self.act:
            named = [kind.value for kind in AccessKind if self.act in kind.label]
            accesses = accesses.filter(Q(kind__icontains=self.act) | Q(kind__in=named))
        return accesses.order_by("-pk")

    def in_words(self) -> str:
        """What was asked, as an export says it."""
        kind = "被拒绝的访问" if self.refused else self.kind.label
        until = f"至{self.until}" if self.until else ""
        given = [self.who, self.words, self.act, self.address]
        return " ".join([f"{kind} 自{self.since}{until}", *filter(None, given)])

    def _when(self) -> Q:
        found = Q(at__gte=clock.at_time(self.since, 0))
        if self.until:
            found &= Q(at__lt=clock.at_time(self.until + dt.timedelta(1), 0))
        if self.who:
            found &= Q(actor__display_name__icontains=self.who) | Q(actor__username=self.who)
        if self.address:
            found &= Q(address__startswith=self.address)
        return found


def day_of(text: str) -> dt.date | None:
    """The day an address names; nothing for anything else."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
