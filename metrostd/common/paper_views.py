"""A paper is sent when it is there; until then a page says how far it is, and makes it again when that failed."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django_htmx.http import HttpResponseClientRedirect

from . import clock
from .enums import JobState
from .http import PortalRequest, file_answer, send_file
from .job_views import state_of_work
from .jobs import hurry, is_lost, retry
from .models import Job, Paper, StoredFile
from .papers import make_again

#: Between looking for a file and asking for its job.
_JUST_NOW = dt.timedelta(seconds=5)

#: Not there yet, and on its way.
ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class Wanted:
    """A paper somebody may read: its file once there is one, the job that makes it, how one is begun."""

    title: str
    filename: str
    file: StoredFile | None
    job: Job | None
    make: Callable[[], Job]
    #: What is written down when it is handed out, in place of whose paper it is and its title.
    note: Callable[[], None] | None = None
    #: Where the person came from.
    back: str = ""
    #: The unit or office it is about.
    whose: str = ""


def kept(
    paper: Paper,
    *,
    title: str,
    filename: str,
    note: Callable[[], None] | None = None,
    back: str = "",
    whose: str = "",
) -> Wanted:
    """A paper of certain words, to be read."""
    make = lambda: make_again(paper, title=title)  # noqa: E731 -- begun only where a job is lacking
    return Wanted(title, filename, paper.file, paper.job, make, note, back, whose)


def hand_out(request: PortalRequest, wanted: Wanted) -> HttpResponse | FileResponse:
    """The bytes, or the page that waits for them; a POST makes again what failed.

    The caller has checked scope and rights: whoever may read a paper may have it made.
    """
    if wanted.file is not None:
        return _sent(request, wanted, wanted.file)
    job = wanted.job
    if request.method == "POST":
        _again(wanted)
        return redirect(request.get_full_path())
    if job is None:
        job = wanted.make()
    if not request.htmx:
        hurry(job)
    page = "common/paper.html"
    context = {
        "wanted": wanted,
        "nothing": _came_to_nothing(job),
        **state_of_work(job),
    }
    template = f"{page}#progress" if request.htmx else page
    return render(request, template, context, status=ACCEPTED)


def _came_to_nothing(job: Job) -> bool:
    """Done, and no file: what the paper needs was not there then. It may also have ended a moment ago."""
    if job.state != JobState.DONE or job.finished_at is None:
        return False
    return clock.now() - job.finished_at > _JUST_NOW


def _sent(request: PortalRequest, wanted: Wanted, file: StoredFile) -> HttpResponse | FileResponse:
    if request.htmx:
        return _there(request, wanted)
    if request.method == "POST":
        return redirect(request.get_full_path())
    if wanted.note:
        wanted.note()
        return file_answer(file, filename=wanted.filename)
    what = f"{wanted.whose}：{wanted.title}" if wanted.whose else wanted.title
    return send_file(request, file, filename=wanted.filename, what=what)


def _there(request: PortalRequest, wanted: Wanted) -> HttpResponse:
    """The page that waited stops asking and opens the paper once: a browser may save it and stay on the page."""
    if request.htmx.trigger == "open-paper":
        return HttpResponseClientRedirect(request.get_full_path())
    context = {"wanted": wanted, "is_there": True}
    return render(request, "common/paper.html#progress", context)


def _again(wanted: Wanted) -> None:
    """A second press finds the job queued and changes nothing."""
    job = wanted.job
    if job is None or job.state == JobState.DONE:
        hurry(wanted.make())
    elif job.state == JobState.FAILED or is_lost(job):
        retry(job)
