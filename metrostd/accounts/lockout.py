"""Signing in pauses after repeated wrong passwords (GB/T 22239 身份鉴别: 登录失败处理).

Failures are rows, so that every web process counts the same ones. Names nobody has are counted
like the others: the answer does not tell which accounts exist.
"""

import datetime as dt

from django.db.models import QuerySet

from metrostd.common import audit, clock

from .models import SignInFailure, User

#: Wrong passwords of one name before it has to wait, and of one address: an office may share one.
NAME_LIMIT, ADDRESS_LIMIT = 5, 50
#: Who stops trying for this long may sign in again.
PAUSE = dt.timedelta(minutes=15)


def paused_until(name: str, *, address: str | None) -> dt.datetime | None:
    """When this name may be tried again from this address; None when it may be tried now."""
    recent = SignInFailure.objects.filter(at__gt=clock.now() - PAUSE).order_by("-at")
    latest = [
        _latest_of(recent.filter(name=_normal(name)), NAME_LIMIT),
        _latest_of(recent.filter(address=address), ADDRESS_LIMIT) if address else None,
    ]
    return max((moment + PAUSE for moment in latest if moment), default=None)


def note_failure(name: str, *, address: str | None) -> None:
    """Count a wrong password; the one that makes a person wait is in that person's trail."""
    now = clock.now()
    SignInFailure.objects.filter(at__lte=now - PAUSE).delete()
    SignInFailure.objects.create(name=_normal(name), address=address, at=now)
    person = User.objects.filter(username=name).first()
    if person and SignInFailure.objects.filter(name=_normal(name)).count() == NAME_LIMIT:
        audit.record(
            person,
            actor=None,
            action="sign_in_paused",
            label="暂停登录",
            note=f"连续{NAME_LIMIT}次密码不正确，{PAUSE.seconds // 60}分钟内不能登录。",
        )


def forget(name: str) -> None:
    """The right password was given: earlier failures count no more."""
    SignInFailure.objects.filter(name=_normal(name)).delete()


def _latest_of(failures: QuerySet[SignInFailure], limit: int) -> dt.datetime | None:
    """When the last of at least ``limit`` failures happened; None while there are fewer."""
    moments = list(failures.values_list("at", flat=True)[:limit])
    return moments[0] if len(moments) == limit else None


def _normal(name: str) -> str:
    """One spelling for all: capitals and full-width letters are no second try."""
    return User.normalize_username(name).casefold()[:150]
