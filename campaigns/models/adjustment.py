"""What of a plan was changed while it ran: the old value stays, with who changed it and why."""

import datetime as dt

from django.conf import settings
from django.db import models

from campaigns.enums import AdjustmentCause, PlanField
from metrostd.common import clock
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.models import Authority

from .campaign import Campaign


class PlanAdjustment(models.Model):
    """One value of a running campaign's plan, changed for all or for one district (通知三)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="adjustments")
    authority = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="适用部门",
    )
    field = models.CharField("调整内容", max_length=24, choices=PlanField.choices)
    #: A day as YYYY-MM-DD, a ratio as a number.
    old = models.CharField("原值", max_length=10)
    new = models.CharField("新值", max_length=10)
    cause = models.CharField("原因", max_length=10, choices=AdjustmentCause.choices)
    note = models.CharField("说明", max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField("调整时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "方案调整"
        ordering = ("-made_at", "-pk")
        indexes = [models.Index(fields=["campaign", "field"], name="adjustment_by_field")]

    def __str__(self) -> str:
        return f"{self.get_field_display()}：{self.old_shown} → {self.new_shown}"

    @property
    def old_shown(self) -> str:
        return self._shown(self.old)

    @property
    def new_shown(self) -> str:
        return self._shown(self.new)

    def _shown(self, text: str) -> str:
        ratio = self.field == PlanField.DEFAULT_RATIO
        return f"{text}%" if ratio else cn_date(dt.date.fromisoformat(text))
