"""What the inbox adds to the extension points below it."""

from django.urls import reverse

from metrostd.accounts.models import Membership
from metrostd.accounts.telling import on_told
from metrostd.common.exports import on_export_ready
from metrostd.common.models import ExportedFile, Job
from metrostd.common.templatetags.formats import cn_datetime

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
