"""Which processes do background work right now, and which job each of them holds.

Told outside the database: while a job's transaction is open nobody would see it there, and on SQLite
nobody else could write. A process says every few seconds that it lives; what is not said again is
forgotten, and the job it held is nobody's.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from celery import current_app
from celery.signals import worker_process_init, worker_process_shutdown
from django.conf import settings
from django.core.cache import caches
from django.db import DEFAULT_DB_ALIAS, connections

log = logging.getLogger(__name__)

#: Seconds for which a job waits for a row or a database somebody else holds.
PATIENCE = 60

#: Processes that can be told apart at the same time.
_PLACES = [f"worker-{number}" for number in range(64)]


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that does background work, as it described itself."""

    name: str
    queues: tuple[str, ...]
    since: float
    job: int | None

    def serves(self, queue: str) -> bool:
        return not self.queues or queue in self.queues


class _Presence:
    """The signs of life of this process."""

    def __init__(self) -> None:
        self._jobs: dict[int, int] = {}
        self._place = ""
        self._since = 0.0
        self._owner = 0
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Say so from now on; a process made by forking another says it for itself."""
        if self._owner == os.getpid():
            return
        self._owner, self._place, self._since = os.getpid(), "", time.time()
        self._lock, self._jobs = threading.Lock(), {}
        self.tell()
        threading.Thread(target=self._go_on, name="presence", daemon=True).start()

    def _go_on(self) -> None:
        while self._owner == os.getpid():
            time.sleep(settings.WORKER_FORGOTTEN_AFTER / 6)
            try:
                self.tell()
            except Exception:  # a cache that is away for a moment is asked again
                log.warning("A sign of life could not be given.", exc_info=True)

    def tell(self) -> None:
        with self._lock:
            for job, attempt in self._jobs.items():
                caches["leases"].set(_key(job), attempt, settings.WORKER_FORGOTTEN_AFTER)
            if self._owner:
                self._take_place()

    def _take_place(self) -> None:
        known = caches["leases"]
        mine = (_name(), _queues(), self._since, next(iter(self._jobs), None))
        if self._place and (known.get(self._place) or mine)[0] == mine[0]:
            known.set(self._place, mine, settings.WORKER_FORGOTTEN_AFTER)
            return
        # One more than can be told apart works all the same; its jobs are held under their own keys.
        free = (p for p in _PLACES if known.add(p, mine, settings.WORKER_FORGOTTEN_AFTER))
        self._place = next(free, "")

    def leave(self) -> None:
        with self._lock:
            self._owner = 0
            if self._place:
                caches["leases"].delete(self._place)

    @contextmanager
    def holding(self, job: int, attempt: int) -> Iterator[None]:
        if not current_app.conf.task_always_eager:
            self.begin()
        with self._lock:
            self._jobs[job] = attempt
        self.tell()
        try:
            yield
        finally:
            with self._lock:
                self._jobs.pop(job, None)
                caches["leases"].delete(_key(job))
            self.tell()


_presence = _Presence()


def _key(job: int) -> str:
    return f"job-{job}"


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _queues() -> tuple[str, ...]:
    return tuple(sorted(current_app.amqp.queues.consume_from))


@worker_process_init.connect
def _started(**kwargs: object) -> None:
    be_patient()
    _presence.begin()


@worker_process_shutdown.connect
def _stopped(**kwargs: object) -> None:
    _presence.leave()


def be_patient() -> None:
    """A job waits for others' saves a good deal longer than a person does."""
    options = connections.settings[DEFAULT_DB_ALIAS].get("OPTIONS", {})
    if "timeout" in options:
        options["timeout"] = PATIENCE
    if "lock_timeout=5s" in options.get("options", ""):
        options["options"] = options["options"].replace(
            "lock_timeout=5s", f"lock_timeout={PATIENCE}s"
        )


def name_of_this() -> str:
    """How this process calls itself."""
    return _name()


@contextmanager
def holding(job: int, *, attempt: int) -> Iterator[None]:
    """Hold a job: as long as this process lives and the block runs, everybody sees that."""
    with _presence.holding(job, attempt):
        yield


def is_held(job: int) -> bool:
    """Whether a living process works on the job."""
    return caches["leases"].get(_key(job)) is not None


def held_by_other(job: int, *, attempt: int) -> bool:
    """Whether the job was given to another process while this one was thought to be gone."""
    holder = caches["leases"].get(_key(job))
    return holder is not None and holder != attempt


def held(jobs: Iterable[int]) -> set[int]:
    """Those of the jobs a living process works on."""
    keys = {_key(job): job for job in jobs}
    return {keys[key] for key in caches["leases"].get_many(keys)}


def alive() -> list[Worker]:
    """The processes that gave a sign of life lately, in the order they took their places."""
    told = caches["leases"].get_many(_PLACES)
    return [Worker(*told[place]) for place in _PLACES if place in told]
