"""Sessions of a person: begun after every factor was right, ended when idle, too old, or closed.

Moments are the machine's own: a day that is played neither ends nor lengthens a session.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from metrostd.common import audit, clock
from metrostd.common.actors import Actor

from .authorship import SESSION_KEY
from .models import SignedIn, User

#: In the session: when it began, when it was last used (to five minutes), whose password was right.
BEGAN, SEEN, PENDING = "began", "seen", "pending_person"
#: How exactly the last use is known: a write per request would be too much.
_NOTED_EVERY = 300
#: The second step follows the first within so many seconds.
PENDING_FOR = 600
_BACKEND = "metrostd.accounts.whose.PersonBackend"
_BROWSERS = (("MicroMessenger", "微信"), ("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Before:
    """The sign-in before this one."""

    at: dt.datetime
    address: str


def begin(request: HttpRequest, person: User) -> Before | None:
    """Sign in, after every factor was right; gives the sign-in before."""
    last = SignedIn.objects.filter(user=person).order_by("-pk").first()
    login(request, person, backend=_BACKEND)
    now = clock.of_the_machine()
    request.session[BEGAN] = request.session[SEEN] = int(now.timestamp())
    own = list(person.memberships.active().select_related("authority", "unit")[:2])  # type: ignore[attr-defined]
    if len(own) == 1:
        request.session[SESSION_KEY] = own[0].pk
        person.act_as(own[0])
    request.session.save()
    SignedIn.objects.create(
        user=person,
        session_key=request.session.session_key or "",
        address=audit.origin.get(),
        browser=browser_of(request),
        began_at=now,
        seen_at=now,
    )
    audit.record(person, actor=person, action="account.sign_in", label="登录")
    return Before(last.began_at, last.address or "") if last else None


def expired(request: HttpRequest) -> str:
    """Why the session of a request is over, or an empty string; notes that it is in use."""
    session, now = request.session, int(clock.of_the_machine().timestamp())
    began, seen = session.get(BEGAN), session.get(SEEN)
    if began is None or seen is None:
        return ""
    if now - began > settings.SESSION_COOKIE_AGE:
        return f"登录已满{settings.SESSION_COOKIE_AGE // 3600}小时，请重新登录。"
    if now - seen > settings.SESSION_IDLE_SECONDS:
        minutes = settings.SESSION_IDLE_SECONDS // 60
        return f"超过{minutes}分钟没有操作，为保护账户已退出，请重新登录。"
    if now - seen > _NOTED_EVERY:
        session[SEEN] = now
        SignedIn.objects.filter(session_key=session.session_key).update(
            seen_at=clock.of_the_machine()
        )
    return ""


def ended(request: HttpRequest) -> None:
    """The person of a request leaves, or its session is over."""
    rows = SignedIn.objects.filter(session_key=request.session.session_key, ended_at=None)
    rows.update(ended_at=clock.of_the_machine())


def live_of(person: User) -> list[SignedIn]:
    """The sessions somebody could still go on with, newest first."""
    now = clock.of_the_machine()
    rows = SignedIn.objects.filter(
        user=person,
        ended_at=None,
        began_at__gt=now - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE),
        seen_at__gt=now - dt.timedelta(seconds=settings.SESSION_IDLE_SECONDS + _NOTED_EVERY),
    )
    return list(rows.order_by("-pk"))


def close(rows: list[SignedIn], *, actor: Actor | None, note: str = "") -> int:
    """End sessions wherever they are open; returns how many."""
    keys = [row.session_key for row in rows]
    Session.objects.filter(session_key__in=keys).delete()
    SignedIn.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=clock.of_the_machine())
    for row in rows[:1]:
        audit.record(
            row.user,
            actor=actor,
            action="account.close_sessions",
            label="结束登录会话",
            note=note or f"{len(rows)}个",
        )
    return len(rows)


def close_all(person: User, *, actor: Actor | None, but: str = "", note: str = "") -> int:
    """End every session of a person, except the one with this key."""
    rows = list(SignedIn.objects.filter(user=person, ended_at=None).exclude(session_key=but or "-"))
    return close(rows, actor=actor, note=note) if rows else 0


def ask_second_step(request: HttpRequest, person: User) -> None:
    """Remember whose password was right, in a session of nobody; a new password ends it."""
    request.session.cycle_key()
    request.session[PENDING] = [
        person.pk,
        int(clock.of_the_machine().timestamp()),
        person.get_session_auth_hash(),
    ]


def pending(request: HttpRequest) -> User | None:
    """Whose second step this is; None when nobody's, too late, or the password changed since."""
    kept = request.session.get(PENDING)
    if not kept:
        return None
    pk, at, proof = kept
    person = User.objects.filter(pk=pk, is_active=True).first()
    late = clock.of_the_machine().timestamp() - at > PENDING_FOR
    if person is None or late or person.get_session_auth_hash() != proof:
        request.session.pop(PENDING)
        return None
    return person


def browser_of(request: HttpRequest) -> str:
    """What a person recognises of the browser they used."""
    agent = request.headers.get("User-Agent", "")
    parts = [
        next((name for sign, name in known if sign in agent), "") for known in (_SYSTEMS, _BROWSERS)
    ]
    return " · ".join(part for part in parts if part) or "其他"
