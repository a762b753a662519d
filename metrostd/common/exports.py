"""Taking something out: a short list at once, a long one and every paper by a job that leaves the file.

A view that exports says what it takes out and is marked ``exported``; the same function is asked again when
the job runs and when the file is fetched, so that scope and rights are those of that moment.
"""

import datetime as dt
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Generic, TypeVar, cast
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import resolve, reverse

from metrostd.common.actors import Actor
from metrostd.common.shapes import Context, JsonValue

from . import audit, clock, purposes, watermark
from .archives import Archive, write_archive
from .enums import JobState
from .http import PortalRequest, go
from .jobs import Progress, job_runner, start_job
from .models import ExportedFile, Job
from .policies import YES, NotNowError, Verdict, not_now, not_you
from .press import press
from .spreadsheet import Sheet, workbook, write_workbook, xlsx_response

JOB = "common.export"

#: A longer list is written in the background: this many rows take a second or two.
AT_ONCE = 5_000

#: How long a file waits to be fetched.
KEPT = dt.timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Export:
    """What a view takes out. Nothing is read before ``count`` or ``sheets`` is called."""

    what: str
    filename: str
    #: The rows; a paper that is no list has none.
    count: Callable[[], int] = int
    sheets: Callable[[], Iterable[Sheet]] = tuple
    #: The pages, in place of sheets: laid out by a job, never inside a request.
    paper: Callable[[], bytes] | None = None
    #: Files on record, packed with their list by a job.
    archive: Archive | None = None
    #: Asked for its purpose first: what is known of inspections and of who is to be inspected.
    restricted: bool = False

    @property
    def title(self) -> str:
        """What a job that makes it is called."""
        name = self.filename.rpartition(".")[0]
        return f"生成{name}" if self.paper or self.archive else f"导出{name}（{self.count()} 行）"


Build = Callable[..., Export]


#: What is kept of a request, a JSON value.
_K = TypeVar("_K", bound=JsonValue)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[_K]):
    """Something of a request beside its address that decides what the list holds."""

    take: Callable[[PortalRequest], _K]
    give: Callable[[PortalRequest, _K], None]


_kept: dict[str, _Kept] = {}
_ready: list[Callable[[Job, ExportedFile], None]] = []


def keep_for_export(
    name: str,
    *,
    take: Callable[[PortalRequest], _K],
    give: Callable[[PortalRequest, _K], None],
) -> None:
    """Register what a job must know of the request besides its address (a JSON value)."""
    _kept[name] = _Kept(take, give)


def on_export_ready(
    tell: Callable[[Job, ExportedFile], None],
) -> Callable[[Job, ExportedFile], None]:
    """Register how the person hears that the file can be fetched."""
    _ready.append(tell)
    return tell


def exported(build: Build) -> Callable[..., HttpResponse]:
    """A view that takes a list out, made of a function that says what it takes out."""

    @wraps(build)
    def view(request: PortalRequest, **given: object) -> HttpResponse:
        purpose = ""
        form = purposes.taken_from(request)
        asked = build(request, **given)
        if asked.restricted:
            if not form.is_valid():
                return _ask_purpose(request, asked, form)
            purpose = form.said
        if asked.paper or asked.archive or (count := asked.count()) > AT_ONCE:
            return go(request, reverse("common:job", args=[_queue(request, asked, purpose).pk]))
        with watermark.marked(watermark.text_for(request.user)):
            content = workbook(asked.sheets())
        _note(request.user, asked.what, f"{count} 行", purpose)
        return xlsx_response(content, filename=asked.filename)

    view.build = build  # type: ignore[attr-defined]
    return view


def _ask_purpose(request: PortalRequest, asked: Export, form: purposes.PurposeForm) -> HttpResponse:
    """The page that asks what restricted material is for; nothing has been read or made yet."""
    post = request.method == "POST"
    query = request.GET.urlencode()
    context: Context = {
        "what": asked.filename.rpartition(".")[0],
        "form": form,
        "carried": purposes.carried(request),
        "method": "post" if post else "get",
        "action": f"{request.path}?{query}" if post and query else request.path,
        "back": _back(request),
    }
    status = 422 if form.is_bound else 200
    return render(request, "common/purpose.html", context, status=status)


def _back(request: PortalRequest) -> str:
    """The page of the portal the person came from, otherwise the desk."""
    try:
        came = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all
        return "/"
    same = came.netloc == request.get_host() and came.path != request.path
    return f"{came.path}?{came.query}" if same and came.query else came.path if same else "/"


def _note(person: Actor | None, what: str, counted: str, purpose: str = "") -> None:
    """The count stands where a long filter cannot push it out; a paper that is no list has none."""
    ending = f"（{counted}）" if counted else ""
    audit.record_access(
        actor=person,
        kind="export",
        what=what.strip()[: 300 - len(ending)] + ending,
        purpose=purpose,
    )


@transaction.atomic
def _queue(request: PortalRequest, asked: Export, purpose: str) -> Job:
    """The job that writes the list; asked for twice in one capacity, it is still one."""
    kept = {name: each.take(request) for name, each in _kept.items()}
    arguments: dict[str, JsonValue] = {
        "address": f"{request.path}?{request.GET.urlencode()}",
        "kept": kept,
        "purpose": purpose,
    }
    acting = request.user.acting
    same = Job.objects.filter(
        kind=JOB,
        owner=request.user,
        acting=acting.pk if acting else None,
        state__in=JobState.active,
        arguments=arguments,
    )
    return same.first() or start_job(JOB, title=asked.title[:200], owner=request.user, **arguments)


def asked_again(job: Job, person: Actor) -> Export:
    """What a job takes out, as ``person`` may take it out now.

    Raises PermissionDenied when that has ended.
    """
    path, _, query = job.arguments["address"].partition("?")
    request = PortalRequest()
    request.path, request.method = path, "GET"
    request.user, request.GET = person, QueryDict(query)
    for name, value in job.arguments["kept"].items():
        _kept[name].give(request, value)
    view = resolve(path)
    try:
        found: Export = view.func.build(request, **view.kwargs)  # type: ignore[attr-defined]
    except Http404 as error:
        raise PermissionDenied("要导出的内容已不存在，或不再属于您的查看范围。") from error
    return found


@job_runner(JOB)
def write(job: Job, progress: Progress) -> str:
    """Write the list and leave the file with the job."""
    if not ExportedFile.objects.filter(job=job).exists():
        owner = cast(Actor, job.owner)  # a list is always asked for by somebody
        with watermark.marked(watermark.text_for(owner)):
            _write(job, owner, progress)
    return ""


def _write(job: Job, owner: Actor, progress: Progress) -> None:
    asked = asked_again(job, owner)
    total = asked.count()
    if asked.paper:
        progress(0, 0, "排版")
        _leave(job, asked, total, ContentFile(asked.paper()))
        return
    if archive := asked.archive:
        _pack(job, asked, archive, progress)
        return
    progress(0, total, "写入工作簿")
    with tempfile.TemporaryFile() as out:
        rows = write_workbook(
            out,
            asked.sheets(),
            told=lambda done: progress(min(done, total), total, "写入工作簿"),
        )
        progress(total, total, "保存文件")
        out.seek(0)
        _leave(job, asked, rows, File(out))


def _pack(job: Job, asked: Export, archive: Archive, progress: Progress) -> None:
    total = archive.count()
    press(archive.missing(), told=lambda done: progress(min(done, total), total, "生成尚缺的文书"))
    with tempfile.TemporaryFile() as out:
        files = write_archive(
            out, archive, told=lambda done: progress(min(done, total), total, "收集文件")
        )
        out.seek(0)
        _leave(job, asked, files, File(out))


def _leave(job: Job, asked: Export, rows: int, content: File) -> None:
    made = ExportedFile(
        job=job,
        what=asked.what.strip()[:300],
        filename=asked.filename,
        rows=rows,
        expires_at=clock.now() + KEPT,
    )
    kind = asked.filename.rpartition(".")[2]
    made.content.save(f"{job.pk}-{job.attempt}.{kind}", content, save=False)
    with transaction.atomic():
        made.save()
        _note(job.owner, f"后台导出 {made.what}", made.counted, job.arguments.get("purpose", ""))
        for tell in _ready:
            tell(job, made)


def can_fetch(person: Actor, job: Job) -> Verdict:
    """Whether the person may still take the file out.

    A file holds what one capacity may see and is given to nobody acting in another.
    """
    acting = person.acting
    if job.acting != (acting.pk if acting else None):
        return not_you("这份文件是以另一身份导出的，请切换到该身份后再下载。")
    try:
        asked_again(job, person)
    except PermissionDenied as error:
        return (not_now if isinstance(error, NotNowError) else not_you)(str(error))
    return YES


def note_fetched(made: ExportedFile, person: Actor) -> None:
    """Write down that the file was taken out."""
    _note(person, f"下载 {made.what}", made.counted, made.job.arguments.get("purpose", ""))


def forget_expired() -> int:
    """Delete the files whose time is over; what was exported and when stays on record."""
    over = list(ExportedFile.objects.filter(expires_at__lte=clock.now()).exclude(content=""))
    for made in over:
        made.content.delete(save=False)
        ExportedFile.objects.filter(pk=made.pk).update(content="")
    return len(over)
