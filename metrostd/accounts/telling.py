"""Where others hear of what happens to people's accounts; accounts know no inbox and no gateway."""

from collections.abc import Iterable
from typing import Protocol

from metrostd.common.actors import Actor

from .models import Membership, User


class Teller(Protocol):
    def __call__(
        self,
        memberships: Iterable[Membership],
        *,
        subject: str,
        body: str = "",
        url: str = "",
        sender: Actor | None = None,
    ) -> object: ...


class Chaser(Protocol):
    def __call__(self, people: list[User], *, text: str, actor: Actor) -> list[User]: ...


_tellers: list[Teller] = []
_chasers: list[Chaser] = []


def on_chase(chaser: Chaser) -> Chaser:
    """Register who keeps on record, once a day, that people were asked to begin; gives back whom it asked now."""
    _chasers.append(chaser)
    return chaser


def chase(people: list[User], *, text: str, actor: Actor) -> list[User]:
    """Ask people to begin with their accounts; those who were asked today already are left out."""
    return [person for chaser in _chasers for person in chaser(people, text=text, actor=actor)]


def on_told(teller: Teller) -> Teller:
    """Register how a message reaches people."""
    _tellers.append(teller)
    return teller


def tell(
    memberships: Iterable[Membership],
    *,
    subject: str,
    body: str = "",
    url: str = "",
    sender: Actor | None = None,
) -> None:
    """Tell people, in the capacities given, what was done about their accounts."""
    told = list(memberships)
    for teller in _tellers if told else ():
        teller(told, subject=subject, body=body, url=url, sender=sender)


def tell_person(
    person: Actor, *, subject: str, body: str = "", sender: Actor | None = None
) -> None:
    """Tell one person in whatever they act as: they find it wherever they look next."""
    mine = Membership.objects.switched_on().filter(user=person)
    tell(mine, subject=subject, body=body, sender=sender)
