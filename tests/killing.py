"""Workers killed while they work: what becomes of the jobs they held.

METROSTD_KILLS=30 pytest tests/test_killed_workers.py
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from metrostd.common import jobs
from metrostd.common.models import Job


@dataclass(slots=True)
class Outcome:
    """One job whose worker was killed: how long until it was offered again, how it ended."""

    kind: str
    offered_after: float
    state: str
    attempts: int


def offered(job: Job) -> bool:
    """Whether a person could ask for the job again now, or need not."""
    row = Job.objects.get(pk=job.pk)
    return not row.is_active or jobs.is_lost(row)


def killed(
    job: Job, *, start: Callable[[], object], kill: Callable[[object], None], rng: random.Random
) -> Outcome:
    """Kill the worker at a random moment after it took the job; ask again until the job is done."""
    worker = start()
    _until(lambda: Job.objects.get(pk=job.pk).state != "queued", 60)
    time.sleep(rng.random() * 1.5)
    kill(worker)
    at = time.monotonic()
    _until(lambda: offered(job), 90)
    waited = time.monotonic() - at
    worker = start()
    try:
        row = Job.objects.get(pk=job.pk)
        if row.state != "done":
            jobs.retry(row)
        _until(lambda: not Job.objects.get(pk=job.pk).is_active, 120)
    finally:
        kill(worker)
    row.refresh_from_db()
    return Outcome(row.kind, waited, row.state, row.attempt)


def _until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not so within {seconds} s.")
        time.sleep(0.1)
