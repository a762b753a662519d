"""Versions of the routing table that an administrator has taken in."""

from django.conf import settings
from django.db import models

from metrostd.common import clock
from metrostd.common.addresses import address


class RoutingTable(models.Model):
    """任务分工表: a version of the routing rules and the day from which it is asked.

    Versions that were delivered with the portal have no row here: the newest of them holds until the first of these
    takes effect.
    """

    version = models.PositiveSmallIntegerField("版本", unique=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    added_at = models.DateTimeField("上传时间", default=clock.now, editable=False)
    in_force_from = models.DateField("启用日期", null=True, editable=False)
    reason = models.CharField("理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "任务分工表"
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"任务分工表（第{self.version}版）"

    def get_absolute_url(self) -> str:
        return address("campaigns:routing_table", self.version)
