"""A roster on its way in."""

import datetime as dt
from typing import ClassVar

from django.db import models

from metrostd.common import clock

from .people import User


class RosterFile(models.Model):
    """A long roster that a job takes in: sealed, and gone once it is done."""

    #: How long a file waits for somebody to try again.
    KEPT: ClassVar[dt.timedelta] = dt.timedelta(days=3)

    filename = models.CharField("文件名", max_length=200)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField("行数")
    content = models.FileField(upload_to="rosters/", max_length=200, blank=True)
    #: How many rows did what, by the word of the preview; grows with the parts.
    done = models.JSONField("结果", default=dict)
    created_at = models.DateTimeField("上传时间", default=clock.now)
    finished_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "人员名册"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.filename
