"""The work plan of one district in one campaign."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from campaigns import together
from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.registry.models import Authority

from .enums import PlanState
from .querysets import WorkPlanQuerySet


class WorkPlan(StatefulModel):
    """区局工作计划: ratio, dates, teams, merged inspections, measures, coordination."""

    States = PlanState

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="work_plans")
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="work_plans", verbose_name="部门"
    )
    ratio_percent = models.PositiveSmallIntegerField(
        "抽查比例（%）", validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    onsite_start = models.DateField("现场检查开始")
    onsite_end = models.DateField("现场检查结束")
    teams = models.TextField("检查组设置", blank=True)
    merged_with = models.TextField(together.LABEL, blank=True)
    measures = models.TextField("主要措施", blank=True)
    coordination = models.TextField("审批与监管协同", blank=True)
    version = models.PositiveIntegerField(default=0)
    submitted_at = models.DateTimeField("报送时间", null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    filed_at = models.DateTimeField("备案时间", null=True, editable=False)
    return_reason = models.CharField("退回理由", max_length=300, blank=True, editable=False)
    state = state_field(PlanState.DRAFT, max_length=10)

    objects = WorkPlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "工作计划"
        constraints = [
            state_known("work_plan_state_known", PlanState),
            models.UniqueConstraint(
                fields=["campaign", "authority"], name="one_work_plan_of_an_office"
            ),
            models.CheckConstraint(
                name="plan_ratio_is_a_percentage", condition=Q(ratio_percent__range=(1, 100))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority}工作计划"

    def get_absolute_url(self) -> str:
        return address("plans:detail", self.pk)


class EarlierPlan(models.Model):
    """What a plan said from its handing in until it was given back or taken up again: tables of those days quote it."""

    plan = models.ForeignKey(WorkPlan, on_delete=models.CASCADE, related_name="earlier")
    merged_with = models.TextField(together.LABEL, blank=True)
    submitted_at = models.DateTimeField("报送时间")
    until = models.DateTimeField("退回或者修订时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "修订前的工作计划"
        ordering = ("plan", "pk")

    def __str__(self) -> str:
        return str(self.plan)
