"""Nobody decides on their own work: which act excludes whom, and who can do it instead.

One table. Each app adds its rows in its ``separation.py``; its policies ask them, and ``docs/roles.md`` is
written from them (``as_table``). It goes by the person, not by the capacity: another membership helps nobody.
Where an office has nobody else, the office above may act in its place.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_you
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

from .models import Membership
from .querysets import MembershipQuerySet

_T = TypeVar("_T")
#: So many names are enough to know whom to ask.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Act(Generic[_T]):
    """One row of the table: what is done to a thing, whose office does it, who is kept from it.

    ``who`` and ``may_not`` make the sentence a refused person reads. ``alone``: where there is neither
    anybody else nor an office above, the person may after all, because not acting would do more harm.
    """

    name: str
    who: str
    may_not: str
    kept: Callable[[_T], Iterable[int | None]]
    office: Callable[[_T], Authority | None]
    roles: frozenset[str] = Role.offices
    alone: bool = False

    def verdict(self, user: Actor, thing: _T, *, may: Verdict) -> Verdict:
        """``may`` is what the ordinary rule says of this person; a no of this table names who can."""
        if not may:
            return YES if self._steps_in(user, thing) else may
        if user.pk not in (kept := set(self.kept(thing))):
            return YES
        office = self.office(thing)
        if office and (names := _names(self._others(office, kept))):
            return not_you(f"{self.who}不能{self.may_not}，由本部门{names}办理。")
        if office and office.parent is not None:
            return not_you(
                f"{self.who}不能{self.may_not}；本部门没有其他人员，由{office.parent}办理。"
            )
        if self.alone:
            return YES
        return not_you(
            f"{self.who}不能{self.may_not}；本部门没有其他人员，请先由系统管理员为其他人员开通任职身份。"
        )

    def _steps_in(self, user: Actor, thing: _T) -> bool:
        """Whether the office above acts because the office has nobody else."""
        acting = user.acting
        if acting is None or acting.role not in Role.offices:
            return False
        office = self.office(thing)
        if not office or office.parent_id is None or office.parent_id != acting.authority_id:
            return False
        kept = set(self.kept(thing))
        return user.pk not in kept and not self._others(office, kept).exists()

    def _others(self, office: Authority, kept: set[int | None]) -> MembershipQuerySet:
        people = Membership.objects.of_authority(office).filter(role__in=self.roles)
        return people.exclude(user__in=[pk for pk in kept if pk is not None])


def _names(people: MembershipQuerySet) -> str:
    found = sorted({row.user.display_name for row in people.select_related("user")})
    more = f"等{len(found)}人" if len(found) > _NAMED else ""
    return "、".join(found[:_NAMED]) + more


_ACTS: dict[str, Act] = {}


def separated(act: Act[_T]) -> Act[_T]:
    """Add a row to the table."""
    if act.name in _ACTS:
        raise ValueError(f"{act.name} is in the table already")
    _ACTS[act.name] = act
    return act


def acts() -> list[Act]:
    """Every row, by name; the apps have added theirs once their policies are loaded."""
    return [_ACTS[name] for name in sorted(_ACTS)]


def as_table() -> str:
    """The rows as they stand in ``docs/roles.md``."""
    lines = [
        "| act | who may not | what | done by | where the office has nobody else |",
        "|---|---|---|---|---|",
    ]
    for act in acts():
        roles = "、".join(Role(role).label for role in sorted(act.roles))
        last = "the office above; above the city, the person" if act.alone else "the office above"
        lines.append(f"| `{act.name}` | {act.who} | {act.may_not} | {roles} | {last} |")
    return "\n".join(lines)


#: Whoever could grant a role cannot grant it to themselves, under whatever capacity.
GRANT_ROLE: Act[Membership] = separated(
    Act(
        name="role.grant",
        who="本人",
        may_not="给自己授予、更改或者收回任职身份",
        kept=lambda membership: [membership.user_id],
        office=lambda membership: membership.authority,
        roles=frozenset({Role.SYSTEM_ADMIN, *Role.offices}),
    )
)
