"""What somebody holds in a capacity, and how it goes to a successor. Accounts know none of these things: the
stages that own them register here."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .models import Membership


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing that is one person's to do.

    ``held`` names what is open; ``hand_over`` makes it another's, with its trail; ``refuses`` says why that one
    may not take it.
    """

    title: str
    held: Callable[[Membership], list[str]]
    hand_over: Callable[[Membership, Membership, Actor | None], int]
    refuses: Callable[[Membership, Membership], list[str]] = lambda _leaving, _taking: []


#: Of memberships that end with their task: those that had one, and those that still have.
Engaged = Callable[[Collection[int]], tuple[set[int], set[int]]]

_holdings: list[Holding] = []
_engaged: list[Engaged] = []


def holding(kind: Holding) -> Holding:
    """Register a kind of thing that has to be handed over."""
    _holdings.append(kind)
    return kind


def engagement(source: Engaged) -> Engaged:
    """Register who knows whether an external assessor still has a task."""
    _engaged.append(source)
    return source


def held_by(membership: Membership) -> list[tuple[str, list[str]]]:
    """Everything open that is this one's, by kind; kinds with nothing are left out."""
    return [(kind.title, items) for kind in _holdings if (items := kind.held(membership))]


def fits(leaving: Membership, taking: Membership) -> list[str]:
    """Why this one is nobody who could stand in for the other; what is held is not looked at."""
    name = str(taking.user)
    if taking.pk == leaving.pk or taking.user_id == leaving.user_id:
        return ["接任人不能是本人。"]
    if (taking.authority_id, taking.unit_id) != (leaving.authority_id, leaving.unit_id):
        return [f"{name}不在同一部门或单位。"]
    if taking.role != leaving.role and not {taking.role, leaving.role} <= Role.officers:
        return [
            f"{name}的身份是“{taking.get_role_display()}”，不能接任“{leaving.get_role_display()}”。"
        ]
    return []


def may_succeed(leaving: Membership, taking: Membership) -> list[str]:
    """Why this one cannot take over what the other holds; empty when nothing speaks against it."""
    return fits(leaving, taking) or [
        reason
        for kind in _holdings
        if kind.held(leaving)
        for reason in kind.refuses(leaving, taking)
    ]


def hand_over(leaving: Membership, taking: Membership, *, actor: Actor | None) -> dict[str, int]:
    """Make everything open the successor's; how much of each kind."""
    done = {kind.title: kind.hand_over(leaving, taking, actor) for kind in _holdings}
    return {title: count for title, count in done.items() if count}


def without_task(memberships: Iterable[Membership]) -> list[Membership]:
    """Those that were given for a task, had one, and have none open any more."""
    rows = list(memberships)
    keys = {row.pk for row in rows}
    had: set[int] = set()
    have: set[int] = set()
    for source in _engaged:
        before, still = source(keys)
        had |= before
        have |= still
    return [row for row in rows if row.pk in had - have]
