"""What days make of accounts. Every function is safe twice, and a missed night is caught up the next."""

import datetime as dt

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import OuterRef, Q, Subquery

from metrostd.common import clock

from . import leaving, moves, sessions
from .enums import AccountState
from .models import Membership, SignedIn, User
from .staffing import finish

#: Logs of a network are kept at least six months (网络安全法第二十一条).
KEPT_DAYS = 190


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


def forget_sessions() -> int:
    """Rows of sessions over for half a year, and Django's own that ran out; the trail keeps the sign-ins."""
    moment = clock.of_the_machine()
    Session.objects.filter(expire_date__lt=moment).delete()
    limit = moment - dt.timedelta(days=KEPT_DAYS)
    # The last one of a person stays: the next sign-in tells of it.
    newest = SignedIn.objects.filter(user=OuterRef("user")).order_by("-pk").values("pk")[:1]
    old = SignedIn.objects.filter(began_at__lt=limit).exclude(pk=Subquery(newest))
    return old.delete()[0]
