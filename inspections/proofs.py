"""What is said of evidence once it is there: copies that are drawn on, where it was taken, that the inspected confirm it."""

import datetime as dt
import re
import uuid
from collections.abc import Collection
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.content import PHOTOS

from .enums import EvidenceKind
from .models import ChecklistAnswer, Evidence, InspectionTask
from .places import place_words
from .services import add_evidence, require_filling

_POSITION = re.compile(r"(-?\d{1,2}(?:\.\d{1,9})?),(-?\d{1,3}(?:\.\d{1,9})?),(\d{1,6})")


def annotate(
    original: Evidence,
    *,
    file: UploadedFile,
    answer: ChecklistAnswer,
    client_id: uuid.UUID,
    actor: Actor | None,
    captured_at: dt.datetime | None = None,
) -> Evidence:
    """Add a copy of a photograph with arrows, frames and words on it; the photograph stays as it was taken.

    ``captured_at`` is when it was drawn on a device without a network; other copies were drawn now.

    Raises ValidationError when there is no such photograph to draw on or the copy is none, TransitionError when
    the task is not being filled in.
    """
    if original.answer_id != answer.pk or original.file.media_type not in PHOTOS:
        raise ValidationError("只能在本项的照片上标注。")
    if original.copy_of_id or original.withdrawn_at:
        raise ValidationError("请在照片原件上标注：标注副本和已撤下的照片不能再标注。")
    with transaction.atomic():
        copy = add_evidence(
            answer,
            file=file,
            name=file.name or "",
            kind=EvidenceKind.PHOTO,
            client_id=client_id,
            actor=actor,
            captured_at=captured_at,
            copy_of=original,
        )
        if copy.file_id == original.file_id:
            raise ValidationError("副本和原件相同，没有标注。")
    return copy


def position_said(raw: str) -> str:
    """Where the device says it is (latitude,longitude,metres), in words; nothing when it said nothing usable."""
    found = _POSITION.fullmatch(raw)
    if found is None:
        return ""
    north, east = Decimal(found[1]), Decimal(found[2])
    if abs(north) > 90 or abs(east) > 180:
        return ""
    return f"{place_words(north, east)}（误差约{int(found[3])}米）"


@transaction.atomic
def confirm(
    task: InspectionTask,
    wanted: Collection[int],
    *,
    name: str,
    actor: Actor | None,
    at: dt.datetime | None = None,
) -> int:
    """The inspected confirm pieces of evidence before signing; returns how many were not confirmed before.

    ``at`` is when they said so on a device without a network; others say so now.
    Raises ValidationError without a name, TransitionError once the sheets are closed.
    """
    name = name.strip()
    if not name:
        raise ValidationError({"name": "请填写确认人姓名和职务。"})
    require_filling(task)
    rows = Evidence.objects.select_for_update(of=("self",)).filter(
        sheet__task=task, pk__in=wanted, withdrawn_at=None, confirmed_at=None
    )
    found = list(rows)
    Evidence.objects.filter(pk__in=[row.pk for row in found]).update(
        confirmed_by=name[:80], confirmed_at=at or clock.now()
    )
    entries = [
        audit.entry(
            row,
            actor=actor,
            action="sheet.confirm_evidence",
            label="单位确认证据",
            after={"confirmed_by": name[:80]},
        )
        for row in found
    ]
    audit.AuditEntry.objects.bulk_create(entries, batch_size=1000)
    return len(found)
