"""Writes about instruments and their tracing records."""

from copy import copy

from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction

from metrostd.common.actors import Actor
from metrostd.common.shapes import Values
from metrostd.common.uploads import PDF, PHOTOS, file_name, store_upload
from metrostd.registry.models import MeasurementStandard, StandardInstrument, TraceRecord

from .editing import create_record, labelled, write_changes

#: What a scanner or a camera makes of a certificate.
SCANS = PHOTOS | {PDF}


@transaction.atomic
def add_instrument(
    standard: MeasurementStandard, *, values: Values, actor: Actor | None
) -> StandardInstrument:
    """Register an instrument in use; raises ValidationError when it is there already."""
    instrument = StandardInstrument(standard=standard, **values)
    instrument.since = instrument.used_from
    create_record(instrument, actor=actor)
    return instrument


def update_instrument(
    instrument: StandardInstrument,
    *,
    base_version: int,
    values: Values,
    actor: Actor | None,
) -> dict[str, list[str]]:
    """Write changed fields; returns old and new by label.

    Raises StaleError with both values, ValidationError when it would be one registered already.
    """
    _check(instrument, values)
    changes = write_changes(instrument, base_version=base_version, values=values, actor=actor)
    return labelled(instrument, changes)


@transaction.atomic
def add_trace(
    instrument: StandardInstrument,
    *,
    values: Values,
    scan: UploadedFile | None,
    actor: Actor | None,
) -> TraceRecord:
    """Register a tracing certificate with its scan; raises ValidationError when it is refused."""
    record = TraceRecord(instrument=instrument, **values, **_stored(scan))
    create_record(record, actor=actor)
    return record


@transaction.atomic
def update_trace(
    record: TraceRecord,
    *,
    base_version: int,
    values: Values,
    scan: UploadedFile | None,
    actor: Actor | None,
) -> dict[str, list[str]]:
    """Correct a record; a new scan takes the place of the old one, which stays stored.

    Raises StaleError with both values, ValidationError when the scan is refused or the certificate
    is registered already.
    """
    _check(record, values)
    changes = write_changes(
        record, base_version=base_version, values={**values, **_stored(scan)}, actor=actor
    )
    return labelled(record, changes)


def _check(obj: models.Model, values: Values) -> None:
    """The database's constraints in words, before it refuses the changed row."""
    draft = copy(obj)
    for name, value in values.items():
        setattr(draft, name, value)
    draft.validate_constraints()


def _stored(scan: UploadedFile | None) -> dict[str, object]:
    if scan is None:
        return {}
    return {"file": store_upload(scan, accept=SCANS), "file_name": file_name(scan)}
