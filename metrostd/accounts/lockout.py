"""Guessing passwords gets slow, and only for whoever guesses (GB/T 22239 身份鉴别: 登录失败处理).

An attempt is counted before the password is looked at and forgotten when it was right, so that guesses made
at the same time cannot pass the limit together. It counts for three: the name from where it was tried, the
name from anywhere, the address. From where is the device, if the person has signed in on it before, and
otherwise the address. What others try elsewhere, or under other names, thus keeps nobody out of a device of
their own, and an office that shares an address is never locked as a whole.

Counters are rows, so that every web process counts the same attempts. Names nobody has are counted like the
others: the answer does not tell which accounts exist.

django-axes was weighed. It counts an attempt after the password was looked at, which lets parallel guesses
past the limit, and it knows neither devices nor a delay that grows with the count of the same row.
"""

import datetime as dt
import hashlib
import ipaddress
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from metrostd.common import audit, clock

from .models import KnownDevice, SignInCounter, User

#: Wrong passwords of one name from one place before the next has to wait.
NAME_LIMIT = 5
#: ... and of one name from all places it has never been signed in from: guessing from many addresses.
EVERYWHERE_LIMIT = 30
#: ... and from one address under any names: trying one password on everybody.
ADDRESS_LIMIT = 200
#: The first wait; every further wrong password doubles it up to the longest.
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=1), dt.timedelta(minutes=15)
#: Between two attempts of an address where very many failed. It does not grow: others sit there, too.
ADDRESS_WAIT = dt.timedelta(seconds=10)
#: Who tried nothing for this long starts anew.
MEMORY = dt.timedelta(days=1)
#: A device nobody signed in on for this long is no longer known.
DEVICE_MEMORY = dt.timedelta(days=180)
#: The clocks of several servers agree to within this.
CLOCKS_DIFFER = dt.timedelta(minutes=1)
#: Counters of an address stand under no name, those of a name from anywhere under this place.
NOBODY, ANYWHERE = "", "*"


class PausedError(Exception):
    """It is too early for another attempt."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(f"paused until {until}")
        self.until = until


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt counted as wrong until ``forget`` says otherwise."""

    name: str
    place: str
    address: str
    is_known: bool
    #: Whether a further wrong password has to wait.
    exhausts: bool

    def counters(self) -> list[tuple[str, str]]:
        """The counters it counts for, in the order in which everybody locks them."""
        own = (self.name, self.place)
        shared = [(self.name, ANYWHERE), (NOBODY, self.address)]
        return sorted([own] if self.is_known else [own, *shared])


def reserve(name: str, *, address: str | None, device: str) -> Attempt:
    """Count an attempt before its password is looked at; PausedError when it comes too early."""
    now, attempt = clock.now(), _attempt(name, address, device)
    SignInCounter.objects.filter(last_at__lte=now - MEMORY).delete()
    # Counted while the clock was ahead, and it was set back: nobody waits for a day that was none.
    SignInCounter.objects.filter(last_at__gt=now + CLOCKS_DIFFER).update(last_at=now)
    with transaction.atomic():
        rows = _locked(attempt, now)
        until = max((free for row in rows if (free := _free_at(row))), default=now)
        if until > now:
            raise PausedError(until)
        for row in rows:
            row.failures, row.last_at = row.failures + 1, now
        SignInCounter.objects.bulk_update(rows, ["failures", "last_at"])
    own = next(row for row in rows if (row.name, row.place) == (attempt.name, attempt.place))
    return Attempt(
        attempt.name, attempt.place, attempt.address, attempt.is_known, own.failures == NAME_LIMIT
    )


def note_failure(attempt: Attempt) -> None:
    """The password was wrong; the one that makes a person wait is in that person's trail."""
    person = (
        User.objects.filter(username__iexact=attempt.name).first() if attempt.exhausts else None
    )
    if person:
        audit.record(
            person,
            actor=None,
            action="account.pause_sign_in",
            label="暂停登录",
            note=f"从同一处连续{NAME_LIMIT}次密码不正确，再试须等待，等待时间逐次加倍。",
        )


def forget(attempt: Attempt) -> None:
    """The right password was given: this person's failures here count no more, this attempt nowhere."""
    counters = SignInCounter.objects
    counters.filter(name=attempt.name, place=attempt.place).delete()
    if attempt.is_known:
        return  # guessing elsewhere goes on whether or not the owner signs in
    counters.filter(name=attempt.name, place=ANYWHERE).delete()
    own_address = counters.filter(name=NOBODY, place=attempt.address, failures__gt=0)
    own_address.update(failures=F("failures") - 1)


def unlock(person: User, *, actor: User) -> int:
    """An administrator lets a person try again at once, wherever; how many counters that ended."""
    ended, _ = SignInCounter.objects.filter(name=_normal(person.username)).delete()
    if ended:
        audit.record(person, actor=actor, action="account.unlock_sign_in", label="解除登录暂停")
    return ended


def paused_until(person: User) -> dt.datetime | None:
    """The latest moment anybody trying this name has to wait for; None when nobody has to."""
    rows = SignInCounter.objects.filter(
        name=_normal(person.username), last_at__gt=clock.now() - MEMORY
    )
    latest = max((free for row in rows if (free := _free_at(row))), default=None)
    return latest if latest and latest > clock.now() else None


def remember_device(person: User, device: str) -> None:
    """The person signed in on this device: what others try elsewhere keeps them out of it no more."""
    now = clock.now()
    KnownDevice.objects.filter(seen_at__lte=now - DEVICE_MEMORY).delete()
    KnownDevice.objects.update_or_create(
        user=person, digest=_digest(device), defaults={"seen_at": now}
    )


def _attempt(name: str, address: str | None, device: str) -> Attempt:
    normal, network = _normal(name), _network(address)
    known = bool(device) and KnownDevice.objects.filter(
        digest=_digest(device),
        user__username__iexact=normal,
        seen_at__gt=clock.now() - DEVICE_MEMORY,
    ).exists()  # fmt: skip
    place = _digest(device) if known else network
    return Attempt(normal, place, network, known, exhausts=False)


def _locked(attempt: Attempt, now: dt.datetime) -> list[SignInCounter]:
    """The counters of an attempt, made where missing; nobody else counts in them until the commit."""
    rows = SignInCounter.objects.select_for_update()
    return [
        rows.get_or_create(name=name, place=place, defaults={"last_at": now})[0]
        for name, place in attempt.counters()
    ]


def _free_at(row: SignInCounter) -> dt.datetime | None:
    """When the next attempt may come; None while there were too few to wait for."""
    if row.name == NOBODY:
        return row.last_at + ADDRESS_WAIT if row.failures >= ADDRESS_LIMIT else None
    over = row.failures - (EVERYWHERE_LIMIT if row.place == ANYWHERE else NAME_LIMIT)
    if over < 0:
        return None
    return row.last_at + min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT)


def _network(address: str | None) -> str:
    """Where an address is counted: whoever has one of IPv6 usually has its whole /64."""
    if not address:
        return "-"
    parsed = ipaddress.ip_address(address)
    return (
        address if parsed.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
    )


def _digest(device: str) -> str:
    return hashlib.sha256(device.encode()).hexdigest()


def _normal(name: str) -> str:
    """One spelling for all: capitals and full-width letters are no second try."""
    return User.normalize_username(name).casefold()[:150]
