"""Watching long work: leave the page and come back, see why it failed, run it again."""

import datetime as dt

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from metrostd.common.actors import Actor
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest

from . import clock, exports, workers
from .enums import JobState
from .http import go
from .jobs import UNSENT, WAITED, is_lost, queue_of, queues_waiting, retry, with_progress
from .models import ExportedFile, Job
from .policies import YES, Verdict, not_you, require
from .roles import Role
from .shapes import Context
from .uploads import PDF, XLSX

#: What jobs leave, by the ending of its name.
_TYPES = {"pdf": PDF, "xlsx": XLSX, "zip": "application/zip", "json": "application/json"}


@require_safe
def job(request: PortalRequest, pk: int) -> HttpResponse:
    """Progress of one's own job; a finished one sends the browser on."""
    row = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    if request.htmx and row.state == JobState.DONE and row.next_url:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(row.next_url)
    page = "common/job.html"
    template = f"{page}#progress" if request.htmx else page  # type: ignore[attr-defined]
    context = {**state_of_work(row), "made": ExportedFile.objects.filter(job=row).first()}
    return render(request, template, context)


def state_of_work(row: Job) -> Context:
    """What a page that waits for a job says of it."""
    lost = is_lost(row)
    return {
        "job": with_progress(row),
        "lost": lost,
        "unsent": row.state == JobState.QUEUED and row.step == UNSENT,
        "idle": not lost and _nobody_serves(row),
    }


def _nobody_serves(row: Job) -> bool:
    """Whether the job waits for a worker that is not there."""
    if row.state != JobState.QUEUED or clock.now() - row.sent_at < WAITED / 3:
        return False
    return not any(worker.serves(queue_of(row)) for worker in workers.alive())


@require_POST
def download(request: PortalRequest, pk: int) -> FileResponse:
    """The workbook or paper a job has made, while its owner may still take it out."""
    row = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    made = get_object_or_404(ExportedFile, job=row)
    require(exports.can_fetch(request.user, row))
    if not made.is_there:
        raise Http404
    answer = FileResponse(
        made.content.open("rb"),
        as_attachment=True,
        filename=made.filename,
        content_type=_TYPES[made.filename.rpartition(".")[2]],
    )
    exports.note_fetched(made, request.user)
    return answer


@require_POST
def retry_job(request: PortalRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    retry(row)
    return go(request, request.path.removesuffix("retry/"))


def can_watch_workers(user: Actor) -> Verdict:
    """Whether somebody operates the portal."""
    acting = user.acting
    if acting is None or acting.role != Role.SYSTEM_ADMIN:
        return not_you("后台服务由系统管理员查看。")
    return YES


@require_safe
def watch_workers(request: PortalRequest) -> HttpResponse:
    """Which processes do background work, what waits, and what was left behind."""
    require(can_watch_workers(request.user))
    running = Job.objects.filter(state=JobState.RUNNING).select_related("owner")
    held = workers.held(job.pk for job in running)
    titles = {job.pk: job.title for job in running}
    alive = [
        {
            "name": worker.name,
            "queues": worker.queues,
            "since": dt.datetime.fromtimestamp(worker.since, tz=dt.UTC),
            "job": titles.get(worker.job or 0, ""),
        }
        for worker in workers.alive()
    ]
    context = {
        "workers": alive,
        "waiting": queues_waiting(),
        "lost": [job for job in running if job.pk not in held and is_lost(job)],
    }
    return render(request, "common/workers.html", context)
