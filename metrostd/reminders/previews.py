"""What a page shows of a day: who would get what, for the people an office answers for."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from metrostd.accounts.models import Membership, User
from metrostd.common.actors import Actor
from metrostd.common.calendar import is_workday
from metrostd.notifications.enums import Channel

from . import planning, running
from .models import ReminderRule
from .planning import Due, Planned


@dataclass(slots=True)
class Person:
    """One person of the preview and all they would be told."""

    membership: Membership
    channels: list[Channel]
    told: list[Planned] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preview:
    on: dt.date
    is_workday: bool
    people: list[Person]
    #: What nobody would hear of.
    unheard: list[Due]
    lines: int


def preview(on: dt.date, *, viewer: Actor, rules: Sequence[ReminderRule] | None = None) -> Preview:
    """As if the clock ran on that day; with ``rules`` as if there were only these, on or off."""
    works = is_workday(on)
    since = min(running.since_for(on), on)
    found = planning.due_between(since, on, rules) if works else []
    planned = planning.told_of(found, on)
    seen = set(User.objects.visible_to(viewer).values_list("pk", flat=True)) if planned else set()
    mine = [p for p in planned if p.membership.user_id in seen]
    by_member: dict[int, Person] = {}
    for one in mine:
        row = by_member.setdefault(one.membership.pk, Person(one.membership, list(one.channels)))
        row.told.append(one)
    unheard = planning.nobody(found, planned)
    if not viewer.scope.casework.everything:
        unheard = [u for u in unheard if u.duty.authority_id in viewer.scope.casework.authority_ids]
    return Preview(on, works, list(by_member.values()), unheard, sum(len(p.channels) for p in mine))
