"""What the inbox adds to the extension points below it."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.urls import reverse

from metrostd.accounts.models import Membership
from metrostd.accounts.telling import on_told
from metrostd.common.exports import on_export_ready
from metrostd.common.models import ExportedFile, Job
from metrostd.common.templatetags.formats import cn_datetime

from .models import Line, Message
from .outbox import renews
from .services import tell

on_told(tell)


@on_export_ready
def say_file_is_ready(job: Job, made: ExportedFile) -> None:
    """Whoever left the page of the job finds the file from the inbox."""
    tell(
        Membership.objects.filter(pk=job.acting or 0),
        subject=f"导出完成：{made.filename}（{made.rows} 行）",
        body=f"请在 {cn_datetime(made.expires_at)} 前下载，到期自动删除。",
        url=reverse("common:job", args=[job.pk]),
    )


@renews("notifications.message")
def unread_still(lines: Sequence[Line], on: dt.date) -> Mapping[int, str]:
    """What was read in the inbox meanwhile needs no mail."""
    rows = Message.objects.filter(pk__in=[line.target_id for line in lines], read_at=None)
    waiting = set(rows.values_list("pk", flat=True))
    return {line.pk: line.subject for line in lines if line.target_id in waiting}
