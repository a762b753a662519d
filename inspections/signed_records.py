"""The signed record of a visit on file. Every version stays: a reopened visit adds one, it replaces none."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.jobs import start_job
from metrostd.common.models import AuditEntry, Job, StoredFile
from metrostd.common.uploads import PDF, store_bytes

from . import documents
from .models import InspectionTask

ACTION = "task.file_record"
RECORD_JOB = "inspections.record"


@dataclass(frozen=True, slots=True)
class FiledRecord:
    """One version of the record as it was put on file."""

    file: StoredFile
    filed_at: dt.datetime
    number: int


def render_record(task: InspectionTask, *, actor: Actor | None) -> Job:
    """Queue the signed record of a concluded visit; what is on file already is not made again."""
    return start_job(RECORD_JOB, title=f"检查记录：{task.subject}", owner=actor, task=task.pk)


def record_job(task: InspectionTask) -> Job | None:
    """The last job that was to file the record of this visit."""
    return Job.objects.filter(kind=RECORD_JOB, arguments__task=task.pk).first()


def file_record(task: InspectionTask) -> StoredFile | None:
    """Render the record and keep it with every sheet; nothing while the sheets are not signed.

    Running twice for the same signatures files nothing new.
    """
    sheets = list(task.sheets.all())
    if not sheets or any(sheet.signed_at is None for sheet in sheets):
        return None
    signatures = sorted(task.signatures.filter(void_at=None).values_list("pk", flat=True))
    for entry in AuditEntry.objects.about(task).filter(action=ACTION):
        if isinstance(entry.after, dict) and entry.after.get("signatures") == signatures:
            return StoredFile.objects.get(pk=entry.after["file"])
    stored = store_bytes(documents.record_pdf(task), media_type=PDF)
    with transaction.atomic():
        task.sheets.update(record=stored)
        audit.record(
            task,
            actor=None,
            action=ACTION,
            label="检查记录归档",
            after={"file": stored.pk, "sha256": stored.sha256, "signatures": signatures},
        )
    return stored


def filed_records(task: InspectionTask) -> list[FiledRecord]:
    """Every version of the record on file, the first one first."""
    return filed_of([task.pk])[task.pk]


def filed_of(tasks: Iterable[int]) -> dict[int, list[FiledRecord]]:
    """Every version of the records of these visits by visit, read at once."""
    found: dict[int, list[tuple[dt.datetime, int]]] = {task: [] for task in tasks}
    entries = AuditEntry.objects.about_all(InspectionTask, found).filter(action=ACTION)
    for entry in entries.order_by("pk"):
        if isinstance(entry.after, dict):
            found[entry.target_id].append((entry.at, entry.after["file"]))
    files = StoredFile.objects.in_bulk([pk for rows in found.values() for _, pk in rows])
    return {
        task: [
            FiledRecord(files[pk], at, number)
            for number, (at, pk) in enumerate(rows, start=1)
            if pk in files
        ]
        for task, rows in found.items()
    }
