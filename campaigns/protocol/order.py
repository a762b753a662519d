"""Which units and standards a seed gives. Lowest hash first, no modulo: every unit has the same chance.

1. Units are ordered by the hash of seed and identity; the first n are drawn.
2. In a drawn unit every professional field gives one standard: those of a priority domain go first,
   then the lowest hash of seed, unit and standard. Standards without a field are a group of their own.

(通知二(二)1: 不少于建标单位总数量的20%，抽查建标单位时每个专业计量领域至少抽取1项计量标准。)

Bureaus are ordered alike, about a fifth of them is drawn (通知二(二)2: 随机选取20%左右的区局). Their items are
case files: in turn one of each category, the lowest hash first, until there are ten or no more.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from .hashing import digest, hash_of


@dataclass(frozen=True, slots=True)
class Item:
    """One standard of a list by its identity; ``field`` is the two-digit code, empty when not classified."""

    id: str
    field: str = ""
    category: str = ""
    priority: bool = False
    name: str = ""

    def as_json(self) -> dict[str, object]:
        return {
            "category": self.category,
            "field": self.field,
            "id": self.id,
            "name": self.name,
            "priority": self.priority,
        }


@dataclass(frozen=True, slots=True)
class Holder:
    """A unit of a list by its identity, with its standards."""

    id: str
    items: tuple[Item, ...]
    name: str = ""

    def as_json(self) -> dict[str, object]:
        items = sorted(self.items, key=lambda item: item.id)
        return {
            "name": self.name,
            "standards": [item.as_json() for item in items],
            "unit": self.id,
        }


@dataclass(frozen=True, slots=True)
class Pick:
    """A standard to be checked and why, ``priority`` or ``field_minimum``; or a ``case`` file to be read."""

    id: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Drawn:
    id: str
    order: int
    standards: tuple[Pick, ...]

    def as_json(self) -> dict[str, object]:
        picks = [{"field": pick.field, "id": pick.id, "why": pick.why} for pick in self.standards]
        return {"order": self.order, "standards": picks, "unit": self.id}


def required_count(total: int, percent: int) -> int:
    """Units to draw: integer ceiling of ``total`` × ``percent`` / 100, at least 1 of at least 1."""
    return -(-total * percent // 100)


def about_count(total: int, percent: int) -> int:
    """Bureaus to draw: the integer nearest to ``total`` × ``percent`` / 100, at least 1 of at least 1."""
    return max(1, (total * percent + 50) // 100) if total else 0


def frame_json(
    holders: Iterable[Holder], *, campaign: str, authority: str, excluded: Iterable[dict[str, str]]
) -> dict[str, object]:
    """A frozen list as it is hashed and published; the order in which rows are given does not matter."""
    return {
        "authority": authority,
        "campaign": campaign,
        "excluded": sorted(excluded, key=lambda e: (e["unit"], e["standard"], e["reason"])),
        "units": [holder.as_json() for holder in sorted(holders, key=lambda h: h.id)],
    }


def frame_hash(frame: dict[str, object]) -> bytes:
    return hash_of("frame", frame)


def draw(
    holders: Iterable[Holder],
    *,
    seed: bytes,
    required: int,
    taken: Collection[str] = (),
    last: int = 0,
    picks: "Picker | None" = None,
) -> tuple[Drawn, ...]:
    """The first ``required`` that are not taken yet, in their order, with what is picked of each: its standards."""
    rest = _ordered(holders, seed, taken)
    pick = picks or _picks
    return tuple(
        Drawn(holder.id, order, pick(holder, seed))
        for order, holder in enumerate(rest[:required], start=last + 1)
    )


def supplement(
    holders: Iterable[Holder],
    *,
    seed: bytes,
    fields: Iterable[str],
    taken: Collection[str],
    last: int,
) -> tuple[Drawn, ...]:
    """One more unit for each missed field, in ascending order of fields.

    Each gets the first unit that has it, unless a unit drawn for another field covers it.
    """
    rest = _ordered(holders, seed, taken)
    drawn: list[Drawn] = []
    covered: set[str] = set()
    for code in sorted(set(fields)):
        having = (h for h in rest if any(item.field == code for item in h.items))
        if code in covered or (holder := next(having, None)) is None:
            continue
        picks = _picks(holder, seed)
        drawn.append(Drawn(holder.id, last + len(drawn) + 1, picks))
        covered |= {pick.field for pick in picks}
        rest.remove(holder)
    return tuple(drawn)


def uncovered_fields(holders: Iterable[Holder], drawn: Iterable[Drawn]) -> tuple[str, ...]:
    """Fields present in the list of which nothing was drawn (确保计量专业领域全覆盖)."""
    present = {item.field for holder in holders for item in holder.items if item.field}
    return tuple(sorted(present - {pick.field for unit in drawn for pick in unit.standards}))


def _ordered(holders: Iterable[Holder], seed: bytes, taken: Collection[str]) -> list[Holder]:
    known = set(taken)
    left = [holder for holder in holders if holder.id not in known]
    return sorted(left, key=lambda h: (digest("unit", seed, h.id.encode()), h.id))


#: What is picked of a holder with a seed.
Picker = Callable[[Holder, bytes], tuple[Pick, ...]]
#: So many case files of a bureau at most.
CASES = 10


def case_files(holder: Holder, seed: bytes) -> tuple[Pick, ...]:
    """The case files of a bureau: round by round one of each category, at most ``CASES``."""
    groups: dict[str, list[tuple[bytes, str, str]]] = {}
    for item in holder.items:
        groups.setdefault(item.category, []).append(
            (_rank(holder, item, seed), item.id, item.field)
        )
    rounds = [
        (place, category, key, field)
        for category, rows in groups.items()
        for place, (_, key, field) in enumerate(sorted(rows))
    ]
    return tuple(Pick(key, field, "case") for _, _, key, field in sorted(rounds)[:CASES])


def _rank(holder: Holder, item: Item, seed: bytes) -> bytes:
    return digest("standard", seed, holder.id.encode(), b"\n", item.id.encode())


def _picks(holder: Holder, seed: bytes) -> tuple[Pick, ...]:
    best: dict[str, tuple[bool, bytes, str]] = {}
    for item in holder.items:
        rank = (not item.priority, _rank(holder, item, seed), item.id)
        if item.field not in best or rank < best[item.field]:
            best[item.field] = rank
    return tuple(
        Pick(key, code, "field_minimum" if ordinary else "priority")
        for code, (ordinary, _, key) in sorted(best.items())
    )
