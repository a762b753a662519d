"""Where others hear of what happens to people's accounts; accounts know no inbox and no gateway."""

from collections.abc import Iterable
from typing import Protocol

from metrostd.common.actors import Actor

from .models import Membership


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


_tellers: list[Teller] = []


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
