"""What days make of accounts. Every function is safe twice, and a missed night is caught up the next."""

import datetime as dt

from django.conf import settings
from django.db.models import Q

from metrostd.common import clock

from . import leaving, moves, sessions
from .enums import AccountState
from .models import Membership, User
from .staffing import finish


def end_memberships(on: dt.date) -> int:
    """Capacities whose last day lies before ``on``: what they held goes to the successor named."""
    over = Membership.objects.filter(is_active=True, ends_on__lt=on).select_related(
        "user", "authority", "unit", "successor__user"
    )
    return sum(finish(row, actor=None) for row in over)


def end_with_task(on: dt.date) -> int:
    """External assessors whose visits are all done: their access ends with the last of them."""
    rows = Membership.objects.filter(is_active=True, ends_with_task=True).select_related(
        "user", "authority", "unit", "successor"
    )
    return sum(finish(row, actor=None) for row in leaving.without_task(rows))


def put_to_sleep(on: dt.date) -> int:
    """Accounts nobody signed in with for ``ACCOUNT_IDLE_DAYS``; one opened or woken has all that time again."""
    limit = clock.at_time(on - dt.timedelta(days=settings.ACCOUNT_IDLE_DAYS), 0)
    idle = User.objects.filter(
        Q(last_login=None) | Q(last_login__lt=limit), state=AccountState.OPEN, state_since__lt=limit
    )
    done = 0
    for person in idle:
        moves.sleep(person, days=settings.ACCOUNT_IDLE_DAYS)
        sessions.close_all(person, actor=None, note="账户休眠")
        done += 1
    return done
