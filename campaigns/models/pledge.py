"""保密承诺书: its words version by version, and who has signed it for a campaign."""

from django.conf import settings
from django.db import models

from campaigns.querysets import PledgeQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock

from .campaign import Campaign


class PledgeWords(models.Model):
    """The words of a version; a version somebody may have signed is never rewritten."""

    version = models.PositiveSmallIntegerField("版本", unique=True)
    title = models.CharField("标题", max_length=60)
    basis = models.CharField("依据", max_length=200)
    #: One text per paragraph.
    lines = models.JSONField("承诺内容", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "保密承诺书文本"
        ordering = ("-version",)

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


class AskedPledge(models.Model):
    """Which words a campaign asks for; a campaign without a row asks for none."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="asked_pledge")
    words = models.ForeignKey(PledgeWords, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField("要求签署的时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "要求签署的承诺书"

    def __str__(self) -> str:
        return f"{self.campaign} {self.words}"


class Pledge(models.Model):
    """保密承诺: one person for one campaign, in their own session (通知三(三)); never taken back."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="pledges")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="pledges"
    )
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    words = models.ForeignKey(PledgeWords, on_delete=models.PROTECT, related_name="pledges")
    named = models.CharField("姓名", max_length=40, editable=False)
    acting_as = models.CharField("身份", max_length=120, editable=False)
    signed_at = models.DateTimeField("签署时间", default=clock.now, editable=False)

    objects = PledgeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保密承诺"
        ordering = ("-signed_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "person"], name="one_pledge_per_person_and_campaign"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.named} {self.campaign}"
