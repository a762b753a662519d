"""What a person owes in the other capacities they have: told beside the desk, done in the capacity itself."""

import datetime as dt
from dataclasses import dataclass

from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor

from .models import Duty


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Work that waits in one more capacity of the same person."""

    membership: Membership
    waiting: int
    late: int


def elsewhere(user: Actor, on: dt.date) -> list[Elsewhere]:
    """Capacities besides the one in hand in which something waits; most people have none."""
    found = []
    for membership in user.capacities:
        if membership == user.acting:
            continue
        tallies = Duty.objects.by_now(on).owed_in(membership).tally(on).values()
        waiting = sum(tally["waiting"] for tally in tallies)
        if waiting:
            found.append(Elsewhere(membership, waiting, sum(tally["late"] for tally in tallies)))
    return found
