"""Which people go on which visits, from a seed: pure, integers and hashes only, the same everywhere.

1. Visits are ordered by the hash of seed and identity, and so are the officers of each visit.
2. One visit after the other gets two officers who are neither barred from it nor elsewhere on that day. Whoever was
   placed before is moved where that makes room (augmenting paths), so that a visit stays without a team only when no
   arrangement gives one to it and to those before it. The most visits of one officer are as few as can be.
3. Of the two, the lower hash leads. Assessors and experts come one by one: who covers most fields that are still
   open, then who has fewest visits, then the lowest hash.

(行政处罚法第四十二条: 执法人员不得少于两人；国办发〔2015〕58号: 随机选派执法检查人员。)
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from campaigns.protocol.hashing import digest

ALGORITHM = "metrostd-assign/1"
#: Officers of a team at least.
OFFICERS = 2


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to be made: its identity, the day (ISO), the codes of the fields its standards belong to."""

    id: str
    day: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be sent, by identity; ``fields`` of assessors and experts, none for officers."""

    id: str
    is_officer: bool
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """Who goes: the leader, the other officer, the technical people; and the fields none of these covers."""

    visit: str
    leader: str
    officer: str
    technical: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "leader": self.leader,
            "officer": self.officer,
            "technical": list(self.technical),
            "uncovered": list(self.uncovered),
            "visit": self.visit,
        }


@dataclass(frozen=True, slots=True)
class Pool:
    """What a plan is made of. ``barred``: (visit, person) pairs; ``away``: (person, day) pairs taken already."""

    visits: tuple[Visit, ...]
    people: tuple[Person, ...]
    barred: frozenset[tuple[str, str]] = frozenset()
    away: frozenset[tuple[str, str]] = frozenset()

    def may_go(self, person: str, visit: Visit) -> bool:
        return (visit.id, person) not in self.barred and (person, visit.day) not in self.away


def plan(pool: Pool, *, seed: bytes) -> tuple[Team, ...]:
    """Teams for as many of the visits as get two officers, in the order of the draw."""
    visits = sorted(pool.visits, key=lambda visit: _rank(seed, visit.id))
    most = _place(pool, visits, seed, limit=len(visits))
    placed = [visit for visit in visits if visit.id in most]
    officers = most
    for limit in range(1, len(placed)):
        found = _place(pool, placed, seed, limit=limit)
        if len(found) == len(placed):
            officers = found
            break
    return _with_technical(pool, placed, officers, seed)


def _rank(seed: bytes, *names: str) -> bytes:
    return digest("assign", seed, "\n".join(names).encode())


#: A visit, somebody on a day, somebody at all, or the end: kind and names.
_Node = tuple[str, ...]
_END: _Node = ("end",)


class _Seats:
    """A flow from visits through people on a day to people: what is left of each edge, both ways.

    An edge and its return stand in the order in which they were made, which is that of the draw.
    """

    def __init__(self) -> None:
        self._left: dict[_Node, dict[_Node, int]] = defaultdict(dict)

    def edge(self, start: _Node, end: _Node, capacity: int) -> None:
        self._left[start].setdefault(end, capacity)
        self._left[end].setdefault(start, 0)

    def push(self, start: _Node) -> bool:
        """One more unit from ``start`` to the end, along the first free way; those before keep theirs."""
        came_from: dict[_Node, _Node] = {start: start}
        waiting = [start]
        for node in waiting:
            for after, left in self._left[node].items():
                if left and after not in came_from:
                    came_from[after] = node
                    waiting.append(after)
        if _END not in came_from:
            return False
        node = _END
        while node != start:
            self._move(came_from[node], node, 1)
            node = came_from[node]
        return True

    def people_of(self, visit: _Node) -> list[str]:
        """Who sits in a visit now."""
        return [after[1] for after, left in self._left[visit].items() if not left]

    def clear(self, visit: _Node) -> None:
        """Nobody sits in it any more."""
        for after, left in list(self._left[visit].items()):
            if not left:
                for start, end in pairwise((visit, after, ("person", after[1]), _END)):
                    self._move(start, end, -1)

    def _move(self, start: _Node, end: _Node, units: int) -> None:
        self._left[start][end] -= units
        self._left[end][start] += units


def _place(pool: Pool, visits: Sequence[Visit], seed: bytes, *, limit: int) -> dict[str, list[str]]:
    """Two officers for each visit that can have them, ``limit`` visits an officer; visits without are left out."""
    officers = [person.id for person in pool.people if person.is_officer]
    seats = _Seats()
    for visit in visits:
        able = (person for person in officers if pool.may_go(person, visit))
        for person in sorted(able, key=lambda person: _rank(seed, visit.id, person)):
            seats.edge(("visit", visit.id), ("day", person, visit.day), 1)
            seats.edge(("day", person, visit.day), ("person", person), 1)
            seats.edge(("person", person), _END, limit)
    placed = []
    for visit in visits:
        node = ("visit", visit.id)
        if all(seats.push(node) for _ in range(OFFICERS)):
            placed.append(visit.id)
        else:
            seats.clear(node)
    return {visit: seats.people_of(("visit", visit)) for visit in placed}


def _with_technical(
    pool: Pool, visits: Iterable[Visit], officers: Mapping[str, Sequence[str]], seed: bytes
) -> tuple[Team, ...]:
    experts = [person for person in pool.people if not person.is_officer]
    load: Counter[str] = Counter()
    taken: set[tuple[str, str]] = set()
    teams = []
    for visit in visits:
        leader, officer = sorted(
            officers[visit.id], key=lambda person: _rank(seed, "leader", visit.id, person)
        )
        open_fields, chosen = set(visit.fields), []
        while open_fields:
            able = [
                person
                for person in experts
                if open_fields & set(person.fields)
                and pool.may_go(person.id, visit)
                and (person.id, visit.day) not in taken
            ]
            if not able:
                break
            best = min(able, key=lambda person: _merit(person, visit, open_fields, load, seed))
            chosen.append(best.id)
            load[best.id] += 1
            taken.add((best.id, visit.day))
            open_fields -= set(best.fields)
        teams.append(Team(visit.id, leader, officer, tuple(chosen), tuple(sorted(open_fields))))
    return tuple(teams)


def _merit(
    person: Person, visit: Visit, open_fields: set[str], load: Mapping[str, int], seed: bytes
) -> tuple[int, int, bytes]:
    """Smaller is better: more open fields covered, fewer visits so far, lower hash."""
    covered = len(open_fields & set(person.fields))
    return -covered, load.get(person.id, 0), _rank(seed, visit.id, person.id)
