"""Which campaign a person looks at: theirs on every machine and after every sign-in."""

from django.conf import settings
from django.db import models

from .campaign import Campaign


class ChosenCampaign(models.Model):
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="chosen_campaign",
    )
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "选定的专项行动"

    def __str__(self) -> str:
        return f"{self.user}：{self.campaign}"
