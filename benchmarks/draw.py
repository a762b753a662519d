"""Draw from a frame of 20,000 units: print the time, and its ratio to hashing and sorting alone.

Run by hand: ``.venv/bin/python benchmarks/draw.py [units]``. Needs no database.
"""

import hashlib
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from campaigns.drawing import FrameItem, FrameUnit, draw

FIELDS = ("01", "04", "12", "15", "23", "46", "")


def frame(units: int) -> list[FrameUnit]:
    """Units with one to nine standards each, the same in every run."""
    chance = random.Random(2021)
    made, number = [], 0
    for unit in range(1, units + 1):
        items = []
        for _ in range(chance.randint(1, 9)):
            number += 1
            field = chance.choice(FIELDS)
            items.append(FrameItem(number, field, "ent_highest", chance.random() < 0.2))
        made.append(FrameUnit(unit, tuple(items)))
    return made


def floor(units: list[FrameUnit]) -> float:
    """What no draw of this kind can do without: one hash per unit and one sort."""
    start = time.perf_counter()
    sorted(hashlib.sha256(f"seed|frame|{unit.id}".encode()).hexdigest() for unit in units)
    return time.perf_counter() - start


def main() -> None:
    units = frame(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    best = min(_timed(units) for _ in range(3))
    least = min(floor(units) for _ in range(3))
    standards = sum(len(unit.standards) for unit in units)
    print(f"units {len(units)}, standards {standards}")
    print(f"draw 20 %: {best:.3f} s (bar: 2 s for 20,000 units)")
    print(f"hash and sort alone: {least:.3f} s, ratio {best / least:.1f}")


def _timed(units: list[FrameUnit]) -> float:
    start = time.perf_counter()
    draw(units, ratio=20, seed="2021-06-01")
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
