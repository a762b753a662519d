"""The draw as pure arithmetic: no database, no clock, no generator of random numbers.

Whoever has the frozen list and the seed gets the same result with any SHA-256 implementation:

1. The frame is written as canonical JSON (units and standards by ascending id, no spaces) and hashed.
2. Units are ordered by SHA-256 of ``seed|frame hash|unit id``; the first n are drawn.
3. In a drawn unit every professional field gives one standard: those of a priority domain go
   first, ties are decided by SHA-256 of ``seed|frame hash|unit id|standard id``. Standards
   without a field are one group of their own.

(通知二(二)1: 不少于建标单位总数量的20%，抽查建标单位时每个专业计量领域至少抽取1项计量标准。)
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

ALGORITHM = "sha256-order/1"
SUPPLEMENT = "sha256-fields/1"


@dataclass(frozen=True, slots=True)
class FrameItem:
    """One standard of the frame; ``field`` is the two-digit code, empty when not classified."""

    id: int
    field: str = ""
    category: str = ""
    priority: bool = False


@dataclass(frozen=True, slots=True)
class FrameUnit:
    id: int
    standards: tuple[FrameItem, ...]


@dataclass(frozen=True, slots=True)
class Pick:
    """A standard to be checked and why: ``priority`` or ``field_minimum``."""

    id: int
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class PlannedUnit:
    id: int
    order: int
    standards: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class DrawPlan:
    """The result of a draw, with everything needed to repeat it."""

    algorithm: str
    seed: str
    ratio: int
    total: int
    required: int
    frame_hash: str
    drawn: tuple[PlannedUnit, ...]
    result_hash: str
    uncovered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SupplementPlan:
    """Units drawn for the fields a draw has missed, with everything needed to repeat it."""

    algorithm: str
    seed: str
    base: str
    fields: tuple[str, ...]
    drawn: tuple[PlannedUnit, ...]
    result_hash: str
    uncovered: tuple[str, ...]


def required_count(total: int, percent: int) -> int:
    """Units to draw: integer ceiling of ``total`` × ``percent`` / 100, at least 1 of at least 1."""
    return -(-total * percent // 100)


def frame_hash(units: Iterable[FrameUnit]) -> str:
    """The SHA-256 of the canonical form; the order in which units are given does not matter."""
    return _digest(_canonical([_unit_record(u) for u in sorted(units, key=lambda u: u.id)]))


def draw(units: Iterable[FrameUnit], *, ratio: int, seed: str) -> DrawPlan:
    """Draw ``ratio`` percent of the units and the standards to check in each of them."""
    frame = list(units)
    hashed = frame_hash(frame)
    required = required_count(len(frame), ratio)
    ordered = sorted(frame, key=lambda u: (_digest(f"{seed}|{hashed}|{u.id}"), u.id))
    drawn = tuple(
        PlannedUnit(unit.id, order, _pick_standards(unit, prefix=f"{seed}|{hashed}|{unit.id}"))
        for order, unit in enumerate(ordered[:required], start=1)
    )
    return DrawPlan(
        algorithm=ALGORITHM,
        seed=seed,
        ratio=ratio,
        total=len(frame),
        required=required,
        frame_hash=hashed,
        drawn=drawn,
        result_hash=result_hash(
            drawn, seed=seed, ratio=ratio, required=required, hashed_frame=hashed
        ),
        uncovered=uncovered_fields(frame, drawn),
    )


def supplement(
    units: Iterable[FrameUnit],
    *,
    taken: Iterable[int],
    fields: Iterable[str],
    seed: str,
    base: str,
    last: int,
) -> SupplementPlan:
    """One more unit by chance for each missed field, from what has not been taken yet.

    The same order as in the draw, with the hash of the result it supplements (``base``) in place of
    the frame's: units by SHA-256 of ``seed|base|unit id``; fields in ascending order, each gets the
    first unit that has it, unless a unit drawn for another field covers it. ``last`` is the last
    place taken; standards of a unit are picked as in the draw.
    """
    known, missed = set(taken), tuple(sorted(set(fields)))
    left = [unit for unit in units if unit.id not in known]
    left.sort(key=lambda u: (_digest(f"{seed}|{base}|{u.id}"), u.id))
    drawn: list[PlannedUnit] = []
    covered: set[str] = set()
    for code in missed:
        having = (u for u in left if any(item.field == code for item in u.standards))
        if code in covered or (unit := next(having, None)) is None:
            continue
        picks = _pick_standards(unit, prefix=f"{seed}|{base}|{unit.id}")
        drawn.append(PlannedUnit(unit.id, last + len(drawn) + 1, picks))
        covered |= {pick.field for pick in picks}
        left.remove(unit)
    found = _digest(
        _canonical(
            {
                "algorithm": SUPPLEMENT,
                "base": base,
                "drawn": _drawn_record(drawn),
                "fields": missed,
                "seed": seed,
            }
        )
    )
    uncovered = tuple(code for code in missed if code not in covered)
    return SupplementPlan(SUPPLEMENT, seed, base, missed, tuple(drawn), found, uncovered)


def _drawn_record(drawn: Iterable[PlannedUnit]) -> list[dict[str, object]]:
    return [
        {
            "order": unit.order,
            "standards": [
                {"field": pick.field, "id": pick.id, "why": pick.why} for pick in unit.standards
            ],
            "unit": unit.id,
        }
        for unit in drawn
    ]


def result_hash(
    drawn: Iterable[PlannedUnit], *, seed: str, ratio: int, required: int, hashed_frame: str
) -> str:
    """The SHA-256 of parameters and result; directed additions are no part of it."""
    return _digest(
        _canonical(
            {
                "algorithm": ALGORITHM,
                "drawn": _drawn_record(drawn),
                "frame": hashed_frame,
                "ratio": ratio,
                "required": required,
                "seed": seed,
            }
        )
    )


def uncovered_fields(frame: Iterable[FrameUnit], drawn: Iterable[PlannedUnit]) -> tuple[str, ...]:
    """Fields present in the frame of which nothing was drawn (确保计量专业领域全覆盖)."""
    present = {item.field for unit in frame for item in unit.standards if item.field}
    return tuple(sorted(present - {pick.field for unit in drawn for pick in unit.standards}))


def _pick_standards(unit: FrameUnit, *, prefix: str) -> tuple[Pick, ...]:
    best: dict[str, tuple[bool, str, int]] = {}
    for item in unit.standards:
        rank = (not item.priority, _digest(f"{prefix}|{item.id}"), item.id)
        if item.field not in best or rank < best[item.field]:
            best[item.field] = rank
    return tuple(
        Pick(id=pk, field=code, why="field_minimum" if ordinary else "priority")
        for code, (ordinary, _, pk) in sorted(best.items())
    )


def _unit_record(unit: FrameUnit) -> dict[str, object]:
    return {
        "id": unit.id,
        "standards": [
            {
                "category": item.category,
                "field": item.field,
                "id": item.id,
                "priority": item.priority,
            }
            for item in sorted(unit.standards, key=lambda s: s.id)
        ],
    }


def _canonical(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
