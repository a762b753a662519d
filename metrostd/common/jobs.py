"""Background jobs with progress. An app registers a runner by kind; the worker runs it by job id."""

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import transaction

from . import clock
from .enums import JobState
from .models import Job
from .transitions import TransitionError

log = logging.getLogger(__name__)

#: Nothing takes this long; a job that seems to was lost with its worker.
LOST_AFTER = dt.timedelta(hours=2)

#: A job nobody has taken for so long may have lost its message.
WAITED_ENOUGH = dt.timedelta(minutes=10)

#: The queues of the settings: what somebody watches, and what may be ready a little later.
PEOPLE = "people"
PAPERS = "papers"

#: Seconds for which progress told outside the database is believed.
_TOLD_FOR = 3600

Runner = Callable[[Job, "Progress"], str]


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
        Job.objects.filter(pk=self._job.pk).update(done=done, total=total, step=step)
        # Inside the runner's own transaction nobody would see that yet.
        cache.set(_progress_key(self._job), (done, total, step), _TOLD_FOR)


def _progress_key(job: Job) -> str:
    return f"job-progress-{job.pk}"


def with_progress(job: Job) -> Job:
    """The job as it is at this moment, also while its runner's transaction is open."""
    if job.state == JobState.RUNNING and (told := cache.get(_progress_key(job))):
        job.done, job.total, job.step = told
    return job


_runners: dict[str, Runner] = {}
_queues: dict[str, str] = {}


def job_runner(kind: str, *, queue: str = PEOPLE) -> Callable[[Runner], Runner]:
    """Register the function that does jobs of this kind; it returns the address to go to next.

    Papers, which are made by the hundred and read later, have a ``queue`` of their own.
    """

    def register(runner: Runner) -> Runner:
        _runners[kind] = runner
        _queues[kind] = queue
        return runner

    return register


def start_job(kind: str, *, title: str, owner: Any, **arguments: Any) -> Job:
    """Queue a job after the surrounding transaction commits. ``arguments`` must be JSON values."""
    job = Job.objects.create(kind=kind, title=title, owner=owner, arguments=arguments)
    _send(job)
    return job


def _send(job: Job, *, queue: str = "") -> None:
    """Hand a job to the workers after commit. What cannot be sent is logged and sent again later:
    the person's own work has been written and must not look as if it had failed."""
    chosen = queue or _queues.get(job.kind, PEOPLE)
    transaction.on_commit(lambda: run_job.apply_async((job.pk,), queue=chosen), robust=True)


def perform(job: Job) -> None:
    """Run a queued job here and now; a job already taken is left alone.

    A rule broken (ValidationError) or a record that has moved on (TransitionError) becomes the
    reason the person reads; anything else is logged and shown as an internal failure that may be
    tried again.
    """
    taken = Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(
        state=JobState.RUNNING, started_at=clock.now()
    )
    if not taken:
        return
    job.refresh_from_db()
    try:
        next_url = _runners[job.kind](job, Progress(job))
    except ValidationError as error:
        _finish(job, JobState.FAILED, failure="；".join(error.messages))
    except TransitionError as error:
        _finish(job, JobState.FAILED, failure=str(error))
    except Exception:
        log.exception("Job %s (%s) failed", job.pk, job.kind)
        _finish(
            job,
            JobState.FAILED,
            failure="系统内部错误，数据没有改动。请重试；仍不成功时请联系管理员。",
        )
    else:
        _finish(job, JobState.DONE, next_url=next_url)


@shared_task(name="common.run_job", ignore_result=True)
def run_job(job_id: int) -> None:
    """Perform a queued job; running twice does no harm."""
    if job := Job.objects.filter(pk=job_id).first():
        perform(job)


def retry(job: Job) -> None:
    """Queue a failed job again with the same arguments; whoever asked for that is waiting for it."""
    with transaction.atomic():
        cache.delete(_progress_key(job))
        if Job.objects.filter(pk=job.pk, state=JobState.FAILED).update(
            state=JobState.QUEUED, failure="", done=0, total=0, step="", finished_at=None
        ):
            _send(job, queue=PEOPLE)


def fail_lost() -> int:
    """Give up on jobs whose worker died, so that they can be tried again; returns how many."""
    now = clock.now()
    lost = Job.objects.filter(state=JobState.RUNNING, started_at__lt=now - LOST_AFTER)
    return lost.update(
        state=JobState.FAILED,
        finished_at=now,
        failure="执行被中断，没有做完（服务可能重启过）。可以再试一次。",
    )


def send_again() -> int:
    """Send the jobs nobody has taken for a while once more; returns how many.

    Their messages may be lost with a broker or a worker. One sent twice is still run once.
    """
    waiting = Job.objects.filter(
        state=JobState.QUEUED, created_at__lt=clock.now() - WAITED_ENOUGH
    ).order_by("pk")
    for job in waiting:
        _send(job)
    return len(waiting)


def _finish(job: Job, state: str, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=clock.now(), **fields)
