"""A colleague who saves all the while, in a process of their own beside a benchmark: how long each save took.

Started by `acts.py`. They edit one unit of their own with the register's ordinary save, pausing a tenth of a second, and
write down when each save ended, how long it took and what they were told when it was not written.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
NAME = "示例同事的单位"
PAUSE = 0.1


@dataclass
class Saves:
    """What the colleague has written down, read from one moment on."""

    path: Path
    _read: int = 0

    def since(self) -> tuple[float, int, int]:
        """Since the last time: the longest of them in seconds, how many, and how many were not written.

        The one that was waiting is waited for.
        """
        before = len(self._lines())
        while len(lines := self._lines()) == before:
            time.sleep(0.02)
        fresh, self._read = lines[self._read :], len(lines)
        taken = [float(line.split(" ", 1)[0]) for line in fresh]
        return max(taken, default=0.0), len(taken), sum(not line.endswith(" ok") for line in fresh)

    def _lines(self) -> list[str]:
        return self.path.read_text("utf-8").splitlines()


@contextmanager
def colleague(city: object, folder: Path) -> Iterator[Saves]:
    """Let them save as long as this lasts."""
    from metrostd.registry.models import Unit  # noqa: PLC0415

    Unit.objects.create(name=NAME, unit_type="enterprise", territorial_authority=city)
    path, over = folder / "saves.txt", folder / "saves-over"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "metrostd.settings"}
    command = [sys.executable, __file__, str(path), str(over)]
    person = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        while not path.exists() and person.poll() is None:
            time.sleep(0.1)
        yield Saves(path)
    finally:
        over.touch()
        person.wait(60)


def save_all_the_while(path: Path, over: Path) -> None:
    import django  # noqa: PLC0415

    django.setup()
    from django.db import DatabaseError  # noqa: PLC0415

    from metrostd.registry.models import Unit  # noqa: PLC0415
    from metrostd.registry.services import write_changes  # noqa: PLC0415

    count = 0
    with path.open("a", encoding="utf-8") as told:
        while not over.exists():
            count += 1
            start, said = time.perf_counter(), "ok"
            try:
                unit = Unit.objects.get(name=NAME)
                values = {"contact_name": f"示例{count}"}
                write_changes(unit, base_version=unit.version, values=values, actor=None)
            except DatabaseError as error:
                said = type(error).__name__
            told.write(f"{time.perf_counter() - start:.3f} {said}\n")
            told.flush()
            time.sleep(PAUSE)


if __name__ == "__main__":
    save_all_the_while(*map(Path, sys.argv[1:]))
