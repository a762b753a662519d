"""The clock's process: it says that it lives, and ``python -m metrostd.common.beat`` asks whether it does."""

import os
import sys
import time
from pathlib import Path

from celery.beat import PersistentScheduler
from django.conf import settings

#: Seconds without a look at the clock after which beat counts as stopped; it looks every few seconds.
STOPPED_AFTER = 120


def sign_of_life(schedule: Path) -> Path:
    """The file beat touches, beside the one it keeps its schedule in."""
    return schedule.with_name("beat-alive")


class WatchedScheduler(PersistentScheduler):
    """Celery's own, and a file that is as old as the last look at the clock."""

    def tick(self, *args: object, **kwargs: object) -> float:
        wait = super().tick(*args, **kwargs)
        sign_of_life(Path(self.schedule_filename)).touch()
        return wait


def runs(schedule: Path, *, now: float) -> bool:
    """Whether beat has looked at the clock lately."""
    sign = sign_of_life(schedule)
    return sign.exists() and now - sign.stat().st_mtime < STOPPED_AFTER


def main() -> int:
    """0 when beat runs, 1 when it has stopped or never ran."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "metrostd.settings")
    is_running = runs(Path(settings.CELERY_BEAT_SCHEDULE_FILENAME), now=time.time())
    sys.stderr.write("beat runs\n" if is_running else "beat has stopped\n")
    return 0 if is_running else 1


if __name__ == "__main__":
    sys.exit(main())
