"""Draw from a frame of 20,000 units: print the time, and its ratio to hashing and sorting alone.

Run by hand: ``.venv/bin/python benchmarks/draw.py [units]``. Needs no database.
"""

import hashlib
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from campaigns.protocol.order import Holder, Item, draw, frame_hash, frame_json, required_count

FIELDS = ("01", "04", "12", "15", "23", "46", "")


def frame(units: int) -> list[Holder]:
    """Units with one to nine standards each, the same in every run."""
    chance = random.Random(2021)
    made, number = [], 0
    for unit in range(1, units + 1):
        items = []
        for _ in range(chance.randint(1, 9)):
            number += 1
            field = chance.choice(FIELDS)
            items.append(Item(f"津量标{number}", field, "ent_highest", chance.random() < 0.2))
        made.append(Holder(f"91120000{unit:010d}", tuple(items)))
    return made


def floor(units: list[Holder]) -> float:
    """What no draw of this kind can do without: one hash per unit and one sort."""
    start = time.perf_counter()
    sorted(hashlib.sha256(bytes(32) + unit.id.encode()).digest() for unit in units)
    return time.perf_counter() - start


def main() -> None:
    units = frame(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    best = min(_timed(units) for _ in range(3))
    least = min(floor(units) for _ in range(3))
    standards = sum(len(unit.items) for unit in units)
    print(f"units {len(units)}, standards {standards}")
    print(f"frame hash and draw of 20 %: {best:.3f} s (bar: 2 s for 20,000 units)")
    print(f"hash and sort alone: {least:.3f} s, ratio {best / least:.1f}")


def _timed(units: list[Holder]) -> float:
    start = time.perf_counter()
    frame_hash(frame_json(units, campaign="2021", authority="120111", excluded=[]))
    draw(units, seed=bytes(32), required=required_count(len(units), 20))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
