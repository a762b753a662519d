"""Teams by lot, as they were drawn, and what people declared that keeps them from a unit."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from campaigns.models import Campaign
from inspections.enums import InterestKind
from inspections.querysets import AssignmentQuerySet, InterestQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.shapes import Values
from metrostd.registry.models import Authority, Unit

from .task import InspectionTask


class AssignmentRun(models.Model):
    """随机派员: one draw of teams for several visits. Never changed; ``record`` holds all it was made of."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    authority = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        related_name="assignment_runs",
        verbose_name="组织检查的部门",
    )
    number = models.PositiveIntegerField("次序")
    record = models.JSONField("记录")
    made_at = models.DateTimeField("时间", default=clock.now, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    tasks = models.ManyToManyField(InspectionTask, related_name="assignment_runs")

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "随机派员"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "authority", "number"], name="one_assignment_run_per_number"
            )
        ]

    def __str__(self) -> str:
        return f"{self.authority}第{self.number}次随机派员"

    def get_absolute_url(self) -> str:
        return address("inspections:assignment", self.pk)


class DeclaredInterest(models.Model):
    """利害关系申报: what keeps a person from inspecting a unit (行政处罚法第四十三条). Ended, never deleted."""

    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="declared_interests"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+", verbose_name="单位")
    kind = models.CharField("关系", max_length=12, choices=InterestKind.choices)
    detail = models.CharField("说明", max_length=200)
    declared_at = models.DateTimeField("申报时间", default=clock.now, editable=False)
    ended_at = models.DateTimeField("解除时间", null=True, editable=False)

    objects = InterestQuerySet.as_manager()

    #: Declared of both of two merged units it stands at the one that remains.
    stays_when_taken: ClassVar[Values] = {}

    class Meta:
        verbose_name = verbose_name_plural = "利害关系申报"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["membership", "unit", "kind"],
                condition=models.Q(ended_at=None),
                name="an_interest_is_declared_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.membership.user}：{self.unit}（{self.get_kind_display()}）"
