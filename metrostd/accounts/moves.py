"""The moves of an account: opened, in use, asleep, closed. Django's ``is_active`` goes with the state."""

from django.db import transaction

from metrostd.common.actors import Actor
from metrostd.common.transitions import Transition

from .enums import AccountState
from .models import User

_S = AccountState

ACTIVATE = Transition("account.activate", "启用", frozenset({_S.NEW}), _S.OPEN)
SLEEP = Transition("account.sleep", "转入休眠", frozenset({_S.OPEN}), _S.ASLEEP)
WAKE = Transition(
    "account.wake", "唤醒", frozenset({_S.ASLEEP}), _S.OPEN, otherwise="没有休眠，不用唤醒"
)
CLOSE = Transition(
    "account.close", "停用", frozenset({_S.NEW, _S.OPEN, _S.ASLEEP}), _S.CLOSED, needs_note=True
)
REOPEN = Transition("account.reopen", "恢复", frozenset({_S.CLOSED}), _S.OPEN, needs_note=True)

MOVES = (ACTIVATE, SLEEP, WAKE, CLOSE, REOPEN)


def close(person: User, *, actor: Actor | None, note: str) -> None:
    """Nobody signs in with it any more; what was done under it stays, and what is open ends at once."""
    CLOSE.apply(person, actor=actor, note=note, is_active=False)


def reopen(person: User, *, actor: Actor | None, note: str) -> None:
    """The person may sign in again, as what they still are."""
    REOPEN.apply(person, actor=actor, note=note, is_active=True)


def wake(person: User, *, actor: Actor | None) -> None:
    """An account that slept is used again; it has all its time before it sleeps the next time."""
    WAKE.apply(person, actor=actor, is_active=True)


@transaction.atomic
def begin_use(person: User) -> None:
    """The person redeemed a code: an account never used, or asleep, is in use from now on."""
    if ACTIVATE.allowed_from(person.state):
        ACTIVATE.apply(person, actor=person)
    elif WAKE.allowed_from(person.state):
        WAKE.apply(person, actor=person, is_active=True)


def sleep(person: User, *, days: int) -> None:
    """The clock puts an account to sleep that nobody used for so many days."""
    note = f"连续{days}天没有登录"
    SLEEP.apply(person, actor=None, note=note, is_active=False)
