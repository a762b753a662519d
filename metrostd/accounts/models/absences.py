"""Who is away, and who looks after what meanwhile."""

from django.db import models
from django.db.models import F, Q

from metrostd.common import clock

from .people import Membership


class Absence(models.Model):
    """请假代办: from one day to another somebody else sees and hears of what this one owes; rights stay where they are."""

    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="absences", verbose_name="任职身份"
    )
    deputy = models.ForeignKey(
        Membership, on_delete=models.CASCADE, related_name="stands_in_for", verbose_name="代办人"
    )
    first_on = models.DateField("开始")
    last_on = models.DateField("结束（含当日）")
    made_at = models.DateTimeField("登记时间", default=clock.now, editable=False)
    ended_at = models.DateTimeField("提前结束时间", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "请假代办"
        ordering = ("-first_on", "-pk")
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_it_begins", condition=Q(last_on__gte=F("first_on"))
            ),
            models.CheckConstraint(
                name="nobody_is_their_own_deputy", condition=~Q(deputy=F("membership"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership.user}请假，{self.deputy.user}代办"
