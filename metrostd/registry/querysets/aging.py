"""The state of a certificate on a day, in Python and in SQL: what the nightly job writes is asked, not awaited."""

import datetime as dt

from django.db.models import Case, CharField, F, Q, Value, When

from metrostd.common import clock
from metrostd.common.calendar import months_later
from metrostd.registry.enums import CertificateState as State

#: 即将到期 begins this many months before the last valid day.
EXPIRING_MONTHS = 6


def aged(state: str, valid_until: dt.date | None, *, on: dt.date) -> State:
    """What a day makes of a current certificate in this state."""
    if valid_until is None:
        return State(state)
    if state in State.run_out and valid_until < on:
        return State.EXPIRED
    if state == State.VALID and valid_until <= months_later(on, EXPIRING_MONTHS):
        return State.EXPIRING
    return State(state)


def in_state(*states: str, at: str = "") -> Q:
    """Current certificates that are in one of these states today; ``at`` is the path to them."""
    on = clock.today()
    found = Q()
    for state in states:
        found |= _in_state(state, at, on)
    return Q(**{f"{at}is_current": True}) & found


def _in_state(state: str, at: str, on: dt.date) -> Q:
    limit = months_later(on, EXPIRING_MONTHS)
    kept = Q(**{f"{at}state": state})
    ended = Q(**{f"{at}valid_until__lt": on})
    if state == State.EXPIRED:
        return kept | Q(**{f"{at}state__in": State.run_out}) & ended
    if state == State.EXPIRING:
        soon = {f"{at}state": State.VALID, f"{at}valid_until__range": (on, limit)}
        return kept & ~ended | Q(**soon)
    if state == State.VALID:
        return kept & (Q(**{f"{at}valid_until": None}) | Q(**{f"{at}valid_until__gt": limit}))
    if state in State.run_out:
        return kept & (Q(**{f"{at}valid_until": None}) | Q(**{f"{at}valid_until__gte": on}))
    return kept


def state_today(at: str = "") -> Case:
    """The state of a current certificate today as a column; ``at`` is the path to it."""
    on = clock.today()
    return Case(
        When(
            **{f"{at}state__in": State.run_out, f"{at}valid_until__lt": on},
            then=Value(State.EXPIRED.value),
        ),
        When(
            **{
                f"{at}state": State.VALID,
                f"{at}valid_until__lte": months_later(on, EXPIRING_MONTHS),
            },
            then=Value(State.EXPIRING.value),
        ),
        default=F(f"{at}state"),
        output_field=CharField(),
    )
