"""Background jobs with progress. An app registers a runner by kind; the worker runs it by job id."""

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from celery import shared_task
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection, transaction
from django.db.models import F
from kombu.exceptions import KombuError

from metrostd.common.actors import Actor
from metrostd.common.shapes import JsonValue

from . import clock, turns, workers
from .enums import JobState
from .mishaps import explained
from .models import Job
from .policies import Verdict, require
from .transitions import TransitionError

log = logging.getLogger(__name__)

#: Between taking a job and the first sign of life.
TAKING = dt.timedelta(seconds=10)

#: A job nobody has taken for so long may have lost its message, if somebody could have taken it or not.
WAITED = dt.timedelta(seconds=45)
WAITED_ENOUGH = dt.timedelta(minutes=10)

#: So often a paper nobody watches is begun; one that ends its worker every time is not begun for ever.
ATTEMPTS = 3

INTERNAL = "系统内部错误，没有做完；已经做完的部分不会重复。请重试；仍不成功时请联系管理员。"
GONE = "执行被中断，没有做完（后台服务可能重启过）。可以再试一次，已经做完的不会重复。"

UNSENT = (
    "任务已登记，但任务队列（队列文件夹或消息服务）无法写入，暂时交不到后台服务。系统每分钟重试；"
    "请联系系统管理员检查队列文件夹是否存在、可写，或消息服务是否在运行。"
)

#: The queues of the settings: what somebody watches, and what may be ready a little later.
PEOPLE = "people"
PAPERS = "papers"

#: Seconds for which progress told outside the database is believed.
_TOLD_FOR = 3600

#: Seconds in which a job somebody waits for is sent before the others once.
_HURRIED_FOR = 60

Runner = Callable[[Job, "Progress"], str]
#: Whether the owner, acting in the capacity of the job, may still do this.
Right = Callable[[Job], Verdict]
#: Lets a person act in the membership with this key again, or says why not.
Capacity = Callable[[Actor, int], Verdict]


class SupersededError(Exception):
    """The job was given to another worker while this one was thought to be gone."""


class Progress:
    """What a runner calls to say how far it is; writes at most once per percent."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._shown = -1

    def __call__(self, done: int, total: int, step: str = "") -> None:
        percent = done * 100 // total if total else 0
        if percent == self._shown and step == self._job.step:
            return
        self._shown = percent
        self._job.step = step
        if workers.held_by_other(self._job.pk, attempt=self._job.attempt):
            raise SupersededError
        # Inside the runner's own transaction nobody would see what is written to the table yet.
        cache.set(_progress_key(self._job), (done, total, step), _TOLD_FOR)
        if not turns.only_reads():
            self._write(done=done, total=total, step=step)

    def _write(self, **shown: object) -> None:
        """Nothing fails for want of progress: SQLite refuses whoever is still reading rows others have written after."""
        try:
            Job.objects.filter(pk=self._job.pk).update(**shown)
        except OperationalError:
            if connection.in_atomic_block:
                raise


def _progress_key(job: Job) -> str:
    return f"job-progress-{job.pk}"


def with_progress(job: Job) -> Job:
    """The job as it is at this moment, also while its runner's transaction is open."""
    if job.state == JobState.RUNNING and (told := cache.get(_progress_key(job))):
        job.done, job.total, job.step = told
    return job


_runners: dict[str, Runner] = {}
_queues: dict[str, str] = {}
_rights: dict[str, Right] = {}
_capacities: list[Capacity] = []


def job_capacity(resume: Capacity) -> Capacity:
    """Register how a person acts again in the membership a job was asked for in."""
    _capacities.append(resume)
    return resume


def job_right(*kinds: str) -> Callable[[Right], Right]:
    """Register what is asked when jobs of these kinds run: until its turn a right may have ended."""

    def register(right: Right) -> Right:
        _rights.update(dict.fromkeys(kinds, right))
        return right

    return register


def job_runner(kind: str, *, queue: str = PEOPLE) -> Callable[[Runner], Runner]:
    """Register the function that does jobs of this kind; it returns the address to go to next.

    Papers, which are made by the hundred and read later, have a ``queue`` of their own.
    """

    def register(runner: Runner) -> Runner:
        _runners[kind] = runner
        _queues[kind] = queue
        return runner

    return register


def kinds() -> frozenset[str]:
    """Every kind of job there is."""
    return frozenset(_runners)


def start_job(kind: str, *, title: str, owner: Actor | None, **arguments: JsonValue) -> Job:
    """Queue a job after the surrounding transaction commits. ``arguments`` must be JSON values.

    It is done in the capacity in which its owner acts now.
    """
    acting = getattr(owner, "acting", None)
    job = Job.objects.create(
        kind=kind,
        title=title,
        owner=owner,
        acting=acting.pk if acting else None,
        arguments=arguments,
    )
    _send(job)
    return job


def _send(job: Job, *, queue: str = "") -> None:
    """Hand a job to the workers after commit. What cannot be sent is logged and sent again later:
    the person's own work has been written and must not look as if it had failed."""
    chosen = queue or queue_of(job)
    transaction.on_commit(lambda: _hand_over(job.pk, chosen), robust=True)


def _hand_over(job: int, queue: str) -> None:
    """Put the message into the queue; whoever watches the job reads why it could not be."""
    try:
        run_job.apply_async((job,), queue=queue)
    except (KombuError, OSError):
        Job.objects.filter(pk=job, state=JobState.QUEUED).update(step=UNSENT)
        raise


def reach(job: Job, **found: JsonValue) -> None:
    """Tell in the caller's transaction that a part of the work is done for good, and what came of it.

    SupersededError when the job was given to another worker: what the transaction did is then undone.
    """
    job.reached = {**job.reached, **found}
    mine = Job.objects.filter(pk=job.pk, attempt=job.attempt, state=JobState.RUNNING)
    if not mine.update(reached=job.reached):
        raise SupersededError


def queue_of(job: Job) -> str:
    """The queue in which jobs of this kind wait."""
    return _queues.get(job.kind, PEOPLE)


def perform(job: Job) -> None:
    """Run a queued job here and now; a job already taken is left alone.

    A rule broken (ValidationError), a right that is gone (PermissionDenied) or a record that has moved
    on (TransitionError) becomes the reason the person reads; anything else is logged and shown as an
    internal failure that may be tried again.
    """
    taken = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        started_at=clock.now(),
        attempt=F("attempt") + 1,
        worker=workers.name_of_this(),
    )
    if not taken:
        return
    job.refresh_from_db()
    with workers.holding(job.pk, attempt=job.attempt):
        try:
            next_url = _run(job)
        except ValidationError as error:
            _finish(job, JobState.FAILED, failure="；".join(error.messages))
        except (TransitionError, PermissionDenied) as error:
            _finish(job, JobState.FAILED, failure=str(error))
        except SupersededError:
            log.warning("Job %s was given to another worker.", job.pk)
        except Exception as error:
            log.exception("Job %s (%s) failed", job.pk, job.kind)
            mishap = explained(error)
            _finish(job, JobState.FAILED, failure=mishap.sentence if mishap else INTERNAL)
        else:
            _finish(job, JobState.DONE, next_url=next_url)


def _run(job: Job) -> str:
    """Do the work as the person who asked for it, if that person still may."""
    if job.owner is not None and job.acting is not None:
        # What was done with a right is finished, whatever has become of that right.
        asked = [resume(job.owner, job.acting) for resume in _capacities]
        for capacity in () if job.reached else asked:
            require(capacity)
        if (right := _rights.get(job.kind)) and not job.reached:
            require(right(job))
    return _runners[job.kind](job, Progress(job))


@shared_task(name="common.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    """Perform a queued job; running twice does no harm."""
    if job := Job.objects.filter(pk=job_id).first():
        perform(job)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many jobs wait in one queue, since when, and how many processes serve it."""

    queue: str
    label: str
    jobs: int
    oldest: dt.datetime | None
    workers: int


def queues_waiting() -> list[Waiting]:
    """What waits in each queue."""
    waiting = list(Job.objects.filter(state=JobState.QUEUED).only("kind", "created_at"))
    alive = workers.alive()
    return [
        Waiting(
            queue,
            label,
            len(mine := [job for job in waiting if queue_of(job) == queue]),
            min((job.created_at for job in mine), default=None),
            sum(worker.serves(queue) for worker in alive),
        )
        for queue, label in ((PEOPLE, "名单、开启等任务"), (PAPERS, "文书生成"))
    ]


def is_lost(job: Job) -> bool:
    """Whether the job is under way and nobody works on it any more."""
    if job.state != JobState.RUNNING or job.started_at is None:
        return False
    return clock.now() - job.started_at > TAKING and not workers.is_held(job.pk)


def retry(job: Job) -> None:
    """Queue a failed or abandoned job again with the same arguments; whoever asked for that waits for it."""
    states = [JobState.FAILED, JobState.RUNNING] if is_lost(job) else [JobState.FAILED]
    with transaction.atomic():
        cache.delete(_progress_key(job))
        rows = Job.objects.filter(pk=job.pk, attempt=job.attempt, state__in=states)
        if rows.update(**_anew()):
            _send(job, queue=PEOPLE)


def hurry(job: Job) -> None:
    """Somebody waits for a queued paper now: it goes before those nobody watches.

    Two messages for one job are run once; asking again within a minute sends no third.
    """
    if job.state != JobState.QUEUED or queue_of(job) != PAPERS:
        return
    if cache.add(f"job-hurried-{job.pk}", True, _HURRIED_FOR):
        _send(job, queue=PEOPLE)


def _anew() -> dict[str, object]:
    empty = {"failure": "", "done": 0, "total": 0, "step": "", "finished_at": None}
    return {"state": JobState.QUEUED, "sent_at": clock.now(), **empty}


def settle_lost() -> int:
    """Take the jobs of workers that are gone; returns how many.

    What somebody waits for says so and can be tried again; a paper nobody watches, and the rest of an act
    that is done for good, are queued again, a few times.
    """
    lost = [job for job in Job.objects.filter(state=JobState.RUNNING) if is_lost(job)]
    for job in lost:
        row = Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempt=job.attempt)
        goes_on = bool(job.reached) or queue_of(job) == PAPERS
        if goes_on and job.attempt < ATTEMPTS:
            if row.update(**_anew()):
                _send(job)
        else:
            row.update(state=JobState.FAILED, finished_at=clock.now(), failure=GONE)
    return len(lost)


def send_again() -> int:
    """Send the jobs nobody has taken for a while once more; returns how many.

    Their messages may be lost with a broker or a worker. One sent twice is still run once; while every
    worker is busy, a job waits for its turn and not for its message.
    """
    idle = [worker for worker in workers.alive() if worker.job is None]
    now = clock.now()
    sent = 0
    for job in Job.objects.filter(state=JobState.QUEUED, sent_at__lt=now - WAITED).order_by("pk"):
        free = any(worker.serves(queue_of(job)) for worker in idle)
        if free or job.sent_at < now - WAITED_ENOUGH:
            Job.objects.filter(pk=job.pk).update(sent_at=now, step="")
            _send(job)
            sent += 1
    return sent


def _finish(job: Job, state: str, **fields: object) -> None:
    """Write the end of this attempt; a database that is busy is asked again before giving up."""
    for wait in (1, 5, 0):
        try:
            Job.objects.filter(pk=job.pk, attempt=job.attempt).update(
                state=state, finished_at=clock.now(), **fields
            )
        except OperationalError:
            if not wait or connection.in_atomic_block:
                raise
            time.sleep(wait)
        else:
            return
