"""Writes about instruments and their tracing records."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from metrostd.common.uploads import JPEG, PDF, PNG, store_upload
from metrostd.registry.models import MeasurementStandard, StandardInstrument, TraceRecord

from .editing import create_record, labelled, write_changes

#: What a scanner or a camera makes of a certificate.
SCANS = frozenset({PDF, JPEG, PNG})


@transaction.atomic
def add_instrument(
    standard: MeasurementStandard, *, values: dict[str, Any], actor: Any
) -> StandardInstrument:
    """Register an instrument in use; raises ValidationError when it is there already."""
    instrument = StandardInstrument(standard=standard, **values)
    instrument.since = instrument.used_from
    create_record(instrument, actor=actor)
    return instrument


def update_instrument(
    instrument: StandardInstrument, *, base_version: int, values: dict[str, Any], actor: Any
) -> dict[str, list[str]]:
    """Write changed fields; returns old and new by label, raises StaleError with both values."""
    changes = write_changes(instrument, base_version=base_version, values=values, actor=actor)
    return labelled(instrument, changes)


@transaction.atomic
def add_trace(
    instrument: StandardInstrument,
    *,
    values: dict[str, Any],
    scan: UploadedFile | None,
    actor: Any,
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
    values: dict[str, Any],
    scan: UploadedFile | None,
    actor: Any,
) -> dict[str, list[str]]:
    """Correct a record; a new scan takes the place of the old one, which stays stored.

    Raises StaleError with both values, ValidationError when the scan is refused.
    """
    changes = write_changes(
        record, base_version=base_version, values=values | _stored(scan), actor=actor
    )
    return labelled(record, changes)


def _stored(scan: UploadedFile | None) -> dict[str, Any]:
    if scan is None:
        return {}
    return {"file": store_upload(scan, accept=SCANS), "file_name": (scan.name or "")[:200]}
