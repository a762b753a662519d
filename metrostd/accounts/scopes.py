"""What the acting membership may see."""

from dataclasses import dataclass, field

from django.db.models import Q

NOBODY = Q(pk__in=[])
#: Not an empty Q, which would vanish from ``Q() | other`` and leave only the other.
EVERYBODY = ~NOBODY


@dataclass(frozen=True, slots=True)
class Reach:
    """Rows of some authorities, of some units, of one membership's assignments, or everything."""

    everything: bool = False
    authority_ids: frozenset[int] = frozenset()
    unit_ids: frozenset[int] = frozenset()
    member_id: int | None = None

    def as_q(
        self,
        *,
        authority: str | tuple[str, ...] = (),
        unit: str = "",
        member: str = "",
    ) -> Q:
        """A filter over the given lookup paths; paths that cross many-to-many need a sub-select."""
        if self.everything:
            return EVERYBODY
        allowed = NOBODY
        if self.authority_ids:
            for path in (authority,) if isinstance(authority, str) else authority:
                if path:
                    allowed = allowed | Q(**{f"{path}__in": self.authority_ids})
        if self.unit_ids and unit:
            allowed = allowed | Q(**{f"{unit}__in": self.unit_ids})
        if self.member_id and member:
            allowed = allowed | Q(**{member: self.member_id})
        return allowed


@dataclass(frozen=True, slots=True)
class Scope:
    """``register``: units and standards. ``casework``: what a campaign produces about them.

    The separation keeps administrators out of results, inspectors out of the register, and
    lets an office see a unit without seeing another office's inspection of it.
    """

    role: str = ""
    register: Reach = field(default_factory=Reach)
    casework: Reach = field(default_factory=Reach)

    @property
    def is_member(self) -> bool:
        """Whether any membership is acting at all."""
        return bool(self.role)


NOTHING = Scope()
