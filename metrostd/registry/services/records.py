"""Writes of persons, items and public certificates of a standard."""

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction

from metrostd.common.actors import Actor
from metrostd.common.shapes import Values
from metrostd.common.uploads import PDF, PHOTOS, XLSX, file_name, store_upload

from .editing import create_record, labelled, write_changes

#: What a scanner, a camera or a worksheet makes of a record.
SCANS = PHOTOS | {PDF, XLSX}


@transaction.atomic
def add_to_standard(
    record: models.Model, *, actor: Actor | None, scan: UploadedFile | None = None
) -> None:
    """Record something about a standard, with its scan; raises ValidationError when refused."""
    for name, value in stored_scan(scan).items():
        setattr(record, name, value)
    create_record(record, actor=actor)


@transaction.atomic
def update_of_standard(
    record: models.Model,
    *,
    base_version: int,
    values: Values,
    actor: Actor | None,
    scan: UploadedFile | None = None,
) -> dict[str, list[str]]:
    """Correct it; a new scan takes the place of the old one, which stays stored.

    Returns old and new by label; raises StaleError with both values.
    """
    changes = write_changes(
        record, base_version=base_version, values={**values, **stored_scan(scan)}, actor=actor
    )
    return labelled(record, changes)


def stored_scan(scan: UploadedFile | None) -> dict[str, object]:
    """The columns of a new scan; nothing when none was chosen."""
    if scan is None:
        return {}
    return {"file": store_upload(scan, accept=SCANS), "file_name": file_name(scan)}
