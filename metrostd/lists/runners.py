"""Background jobs of the register: reading, committing and taking back long lists."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError

from metrostd.common.jobs import Progress, job_runner
from metrostd.common.models import Job, StoredFile
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import ImportState
from metrostd.registry.models import Authority, ImportBatch

from .imports import commit_import, reparse, start_import, undo_import


@contextmanager
def _told() -> Iterator[None]:
    """A list somebody else committed meanwhile is a reason for a person, not a fault."""
    try:
        yield
    except TransitionError as error:
        raise ValidationError(str(error)) from error


@job_runner("lists.read")
def read(job: Job, progress: Progress) -> str:
    """Read a stored list and show its preview."""
    given = job.arguments
    if job.begun_before and (batch := _read_before(job)):
        return batch.get_absolute_url()
    progress(0, 2, "读取名单并与台账比对")
    with StoredFile.objects.get(pk=given["file"]).content.open("rb") as source:
        data = source.read()
    batch = start_import(
        data,
        given["filename"],
        category=given["category"],
        issuing_authority=Authority.objects.get(pk=given["issuing_authority"]),
        campaign_code=given["campaign_code"],
        on=dt.date.fromisoformat(given["on"]),
        actor=job.owner,
    )
    progress(2, 2, "完成")
    return batch.get_absolute_url()


def _read_before(job: Job) -> ImportBatch | None:
    """What an earlier attempt kept of this list before its worker died."""
    given = job.arguments
    return ImportBatch.objects.filter(
        file=given["file"],
        filename=given["filename"][-200:],
        category=given["category"],
        issuing_authority=given["issuing_authority"],
        campaign_code=given["campaign_code"],
        created_at__gte=job.created_at,
    ).first()


@job_runner("lists.reread")
def reread(job: Job, progress: Progress) -> str:
    """Read a list again with columns named and cells put right by hand."""
    batch = ImportBatch.objects.get(pk=job.arguments["batch"])
    progress(0, 2, "重新读取并与台账比对")
    with _told():
        reparse(
            batch,
            header_map=job.arguments["header_map"],
            edits=job.arguments["edits"],
            decisions=job.arguments.get("decisions"),
            actor=job.owner,
        )
    progress(2, 2, "完成")
    return batch.get_absolute_url()


@job_runner("lists.commit")
def commit(job: Job, progress: Progress) -> str:
    """Write a list to the register."""
    batch = ImportBatch.objects.get(pk=job.arguments["batch"])
    if job.begun_before and batch.state == ImportState.COMMITTED:
        return batch.get_absolute_url()
    with _told():
        commit_import(batch, actor=job.owner, progress=progress)
    return batch.get_absolute_url()


@job_runner("lists.undo")
def undo(job: Job, progress: Progress) -> str:
    """Take a long list back."""
    batch = ImportBatch.objects.get(pk=job.arguments["batch"])
    if job.begun_before and batch.state == ImportState.UNDONE:
        return batch.get_absolute_url()
    with _told():
        undo_import(batch, actor=job.owner, note=job.arguments["note"], progress=progress)
    return batch.get_absolute_url()
