"""What a campaign came to each time it was closed; kept as it was when the campaign is reopened."""

from django.conf import settings
from django.db import models

from campaigns.querysets import EditionQuerySet
from metrostd.common import clock
from metrostd.common.models import StoredFile

from .campaign import Campaign


class ClosedEdition(models.Model):
    """One closing of a campaign: when, by whom, over what, with the table of that moment."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveSmallIntegerField("次数")
    closed_at = models.DateTimeField("结束时间", default=clock.now)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    left_open = models.JSONField("结束时未办的事项", default=list)
    reason = models.TextField("结束的理由", blank=True)
    table = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    reopened_at = models.DateTimeField("重新开启时间", null=True)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reopened_reason = models.TextField("重新开启的理由", blank=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项行动的历次结束"
        ordering = ("-number",)
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "number"], name="one_edition_per_number_of_a_campaign"
            )
        ]

    def __str__(self) -> str:
        return f"{self.campaign} 第{self.number}次结束"
