"""风险监测和预警工作程序 on file (通知三(一)): an office files its own, the city sees who has none."""

import datetime as dt

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from metrostd.common import act_dates, audit
from metrostd.common.actors import Actor
from metrostd.common.uploads import DOCX, PDF, store_upload
from metrostd.registry.models import Authority

from .models import WarningProcedure

_PAPERS = frozenset({PDF, DOCX})


@transaction.atomic
def put_on_file(
    office: Authority, *, title: str, adopted_on: dt.date, file: UploadedFile, actor: Actor | None
) -> WarningProcedure:
    """Keep the procedure of an office; the one before stays on file, too."""
    act_dates.check_fact(adopted_on, field="adopted_on", what="印发日期")
    row = WarningProcedure.objects.create(
        authority=office,
        title=title.strip(),
        adopted_on=adopted_on,
        file=store_upload(file, accept=_PAPERS),
        filed_by=actor,
    )
    audit.record(
        row, actor=actor, action="warning_procedure.file", label="存档风险监测和预警工作程序",
        after={"title": row.title, "adopted_on": str(adopted_on)},
    )  # fmt: skip
    return row


def missing() -> list[Authority]:
    """Districts without one on file."""
    have = WarningProcedure.objects.order_by().values("authority")
    return list(Authority.objects.districts().exclude(pk__in=have))
