"""Questions asked at every page about whoever looks at it, as statements compiled once."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db import models

from metrostd.common.actors import Actor
from metrostd.common.prepared import Prepared

from .models import Membership, User
from .scopes import Reach, Scope


@dataclass(frozen=True, slots=True)
class _Shape:
    """All that tells one person's statement from another's, but for the numbers in it."""

    role: str
    has_authority: bool
    has_unit: bool
    #: How many authorities the reach spans.
    reached: int


class AskedBy:
    """``build`` makes the queryset for somebody who looks at a page; compiled once for each shape of reach.

    It is built for a stand-in of the same role, so it may ask the person for nothing but keys, role and scope.
    Any other value, and a day above all, stands in it as a ``Given``.
    """

    def __init__(self, build: Callable[[Actor], models.QuerySet], *, counted: bool = False) -> None:
        """``counted``: equal rows come once, with how many there are (``Prepared``)."""
        self._build = build
        self._counted = counted
        self._by_shape: dict[_Shape, Prepared] = {}

    # Any: what the queryset gives (``Prepared.rows``)
    def rows(self, user: Actor, **given: object) -> list[Any]:
        """``given``: the values of what stands in the queryset as a ``Given``."""
        acting = user.acting
        if acting is None:
            return Prepared(lambda: self._build(user), counted=self._counted).rows(**given)
        reached = sorted(_authorities(user.scope) - {acting.authority_id})
        keys = _keys(user, acting, reached)
        shape = _Shape(acting.role, bool(acting.authority_id), bool(acting.unit_id), len(reached))
        if (found := self._by_shape.get(shape)) is None:
            scope = user.scope
            found = self._by_shape[shape] = Prepared(
                lambda **places: self._build(_stand_in(acting, scope, reached, places)),
                keys=tuple(keys),
                counted=self._counted,
            )
        return found.rows(**keys, **given)


def _authorities(scope: Scope) -> frozenset[int]:
    return scope.register.authority_ids | scope.casework.authority_ids


def _keys(user: Actor, acting: Membership, reached: Collection[int]) -> dict[str, int]:
    """The keys a statement about the person may hold, by the names of their places."""
    own = {"authority": acting.authority_id, "unit": acting.unit_id}
    return {
        "person": user.pk,
        "member": acting.pk,
        **{name: key for name, key in own.items() if key},
        **{f"reached_{n}": key for n, key in enumerate(reached)},
    }


def _stand_in(
    acting: Membership, scope: Scope, reached: Collection[int], places: dict[str, int]
) -> Actor:
    """Somebody of the same role and reach whose keys are the places of the statement."""
    authorities = {key: places[f"reached_{n}"] for n, key in enumerate(reached)}
    if acting.authority_id:
        authorities[acting.authority_id] = places["authority"]

    def moved(reach: Reach) -> Reach:
        return replace(
            reach,
            authority_ids=frozenset(authorities[key] for key in reach.authority_ids),
            unit_ids=frozenset(places["unit"] for _ in reach.unit_ids),
            member_id=places["member"] if reach.member_id else None,
        )

    member = Membership(pk=places["member"], user_id=places["person"], role=acting.role)
    member.authority_id, member.unit_id = places.get("authority"), places.get("unit")
    person = User(pk=places["person"])
    person.act_as(member)
    # What a cached property would work out: the reach is not asked for by keys nobody has.
    person.__dict__["scope"] = replace(
        scope, register=moved(scope.register), casework=moved(scope.casework)
    )
    return person
