"""Who could reach what on a day, from memberships as periods and the trail of the accounts."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.models import AuditEntry

from .enums import AccountState
from .models import Membership, User
from .moves import MOVES


@dataclass(frozen=True, slots=True)
class Access:
    """One capacity as it was that day."""

    membership: Membership
    state: AccountState

    @property
    def could_sign_in(self) -> bool:
        return self.state == AccountState.OPEN


def memberships_on(day: dt.date, *, viewer: Actor) -> QuerySet:
    """Capacities that could be used at some moment of a day, as far as the viewer sees people."""
    begin, end = clock.at_time(day, 0), clock.at_time(day + dt.timedelta(days=1), 0)
    return (
        Membership.objects.visible_to(viewer)
        .filter(created_at__lt=end)
        .filter(Q(is_active=True) | Q(ended_at__gte=begin))
        .filter(Q(ends_on=None) | Q(ends_on__gte=day) | Q(ended_at__gte=begin, ended_at__lt=end))
        .select_related("user", "authority", "unit")
        .order_by("user__display_name", "user_id", "pk")
    )


def with_states(memberships: Iterable[Membership], *, day: dt.date) -> list[Access]:
    """Each with the state of its account at the end of that day; one query, however many."""
    rows = list(memberships)
    end = clock.at_time(day + dt.timedelta(days=1), 0)
    names = [move.name for move in MOVES]
    entries: dict[int, list[AuditEntry]] = defaultdict(list)
    trail = AuditEntry.objects.about_all(User, {row.user_id for row in rows})
    for entry in trail.filter(action__in=names).order_by("pk"):
        entries[entry.target_id].append(entry)
    return [Access(row, _state_then(row.user, entries[row.user_id], end)) for row in rows]


def _state_then(person: User, moves: list[AuditEntry], end: dt.datetime) -> AccountState:
    """What the last move before ``end`` made of it, or what the first one after it found."""
    before = [entry for entry in moves if entry.at < end]
    told = before[-1].after if before else moves[0].before if moves else None
    return AccountState(told["state"] if told else person.state)
