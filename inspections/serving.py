"""Recording that a paper was served, with what each way of serving has to prove."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from metrostd.common import act_dates
from metrostd.common.models import StoredFile
from metrostd.common.uploads import store_upload

from .enums import ServiceHow
from .models.service import ServedPaper


@dataclass(frozen=True, slots=True)
class Service:
    """What is known of one service. ``receipt`` is the signed 送达回证, scanned or photographed."""

    served_on: dt.date
    how: str
    by: str
    to: str
    note: str = ""
    receipt: UploadedFile | None = None
    late_reason: str = ""


class Columns(TypedDict):
    """What the record of a paper keeps of its service."""

    served_on: dt.date
    served_how: str
    served_by: str
    served_to: str
    service_note: str
    service_receipt: StoredFile | None


def columns(service: Service, *, issued_on: dt.date) -> Columns:
    """The columns of a served paper. Raises ValidationError naming the field that does not do."""
    wrong = act_dates.refusals(
        service.served_on,
        field="served_on",
        what="送达日期",
        reason=service.late_reason,
        after=issued_on,
        follows="文书日期",
    )
    if not service.by.strip():
        wrong["by"] = "请填写送达人。"
    if not service.to.strip():
        wrong["to"] = "请填写受送达人。"
    if (asked := ServiceHow(service.how).must_say) and not service.note.strip():
        wrong["note"] = f"{ServiceHow(service.how).label}的，请写明{asked}。"
    if wrong:
        raise ValidationError(wrong)
    return {
        "served_on": service.served_on,
        "served_how": service.how,
        "served_by": service.by.strip(),
        "served_to": service.to.strip(),
        "service_note": service.note.strip(),
        "service_receipt": store_upload(service.receipt) if service.receipt else None,
    }


def for_the_trail(paper: ServedPaper) -> dict[str, str]:
    """What the trail keeps of a service."""
    return {
        "served_on": paper.served_on.isoformat() if paper.served_on else "",
        "how": paper.get_served_how_display(),
        "by": paper.served_by,
        "to": paper.served_to,
        "receipt": paper.service_receipt.sha256 if paper.service_receipt else "",
    }
