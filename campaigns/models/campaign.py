"""A campaign, its stages, who owes what by when, and which office inspects which standard."""

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from campaigns.enums import CampaignState, DutyKind, Inspector, StageKind
from campaigns.querysets import SETTLED, CampaignQuerySet, DutyQuerySet, RoutedStandardQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.enums import Category
from metrostd.registry.models import Authority, MeasurementStandard, ProfessionalField, Unit


class Campaign(StatefulModel):
    """专项行动: one special supervisory inspection, from the notice to the final report."""

    States = CampaignState

    code = models.SlugField("编号", max_length=40, unique=True)
    title = models.CharField("名称", max_length=120)
    organiser = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="campaigns", verbose_name="组织部门"
    )
    basis = models.TextField("依据", blank=True)
    notice_on = models.DateField("通知日期")
    notice_file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    default_ratio = models.PositiveSmallIntegerField(
        "抽查比例（%）", default=20, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    district_review_ratio = models.PositiveSmallIntegerField(
        "考核工作监督抽查比例（%）",
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    bureau_self_check_due = models.DateField("区局自查报送期限")
    unit_self_check_due = models.DateField("建标单位自查报送期限")
    summary_due = models.DateField("总结报告和统计表报送期限")
    state = state_field(CampaignState.DRAFT, max_length=10)
    #: What opening makes is being made, slice by slice: the plan stands still, nobody sees any of it yet.
    opening_begun_at = models.DateTimeField("开始开启", null=True, editable=False)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项行动"
        ordering = ("-notice_on", "-pk")
        constraints = [
            state_known("campaign_state_known", CampaignState),
            models.CheckConstraint(
                name="campaign_ratios_are_percentages",
                condition=Q(default_ratio__range=(1, 100), district_review_ratio__range=(1, 100)),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("campaigns:detail", self.pk)


class Stage(models.Model):
    """One stage with its dates; a row with an authority overrides the dates for that district."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="stages")
    kind = models.CharField("阶段", max_length=16, choices=StageKind.choices)
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")

    class Meta:
        verbose_name = verbose_name_plural = "阶段"
        ordering = ("starts_on", "pk")
        constraints = [
            models.CheckConstraint(
                name="stage_ends_after_it_starts", condition=Q(ends_on__gte=models.F("starts_on"))
            ),
            models.UniqueConstraint(
                fields=["campaign", "kind"],
                condition=Q(authority=None),
                name="one_stage_of_a_kind_per_campaign",
            ),
            models.UniqueConstraint(
                fields=["campaign", "kind", "authority"],
                condition=Q(authority__isnull=False),
                name="one_stage_override_per_authority",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Duty(models.Model):
    """应办事项: the one source of deadlines. Who owes what by when, for which object, done when.

    Of a campaign, or of none: what the register itself asks for (applications, lists, tracing).

    Stages of the work create and fulfil duties; to-do lists, overdue lists, reminders and
    dashboards read nothing else for deadlines. The due day is inclusive ("X日前" 含当日).
    """

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, null=True, related_name="duties", db_index=False
    )
    kind = models.CharField("事项", max_length=24, choices=DutyKind.choices)
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="duties"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="duties"
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="duties"
    )
    title = models.CharField("内容", max_length=200)
    detail = models.CharField("说明", max_length=200, blank=True)
    due_on = models.DateField("到期日")
    #: What was assumed when the day was counted, e.g. a year whose holidays were not on record.
    due_note = models.CharField("期限说明", max_length=120, blank=True)
    target_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    target_id = models.BigIntegerField()
    target = GenericForeignKey("target_type", "target_id")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    fulfilled_at = models.DateTimeField("完成时间", null=True, editable=False)
    cancelled_at = models.DateTimeField("取消时间", null=True, editable=False)

    objects = DutyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "应办事项"
        ordering = ("due_on", "pk")
        constraints = [
            models.CheckConstraint(
                name="duty_is_owed_by_exactly_one",
                condition=Q(authority__isnull=False, unit=None, membership=None)
                | Q(authority=None, unit__isnull=False, membership=None)
                | Q(authority=None, unit=None, membership__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"],
                condition=Q(fulfilled_at=None, cancelled_at=None),
                name="open_duty_by_due_date",
            ),
            models.Index(
                fields=["campaign", "due_on", "id"],
                condition=Q(fulfilled_at=None, cancelled_at=None),
                name="open_duty_of_campaign",
            ),
            models.Index(
                fields=["campaign", "due_on", "id"], condition=SETTLED, name="settled_duty"
            ),
            models.Index(fields=["target_type", "target_id", "kind"], name="duty_by_target"),
            # Owed by offices and by people. Without the many rows of units, SQLite's statistics, which look at
            # the first rows of an index, tell how few there are.
            models.Index(
                fields=["campaign", "authority"],
                condition=Q(authority__isnull=False),
                name="duty_of_office",
            ),
            models.Index(
                fields=["campaign", "membership"],
                condition=Q(membership__isnull=False),
                name="duty_of_person",
            ),
            # Counted from the index alone: all that is owed, and self-checks by unit.
            models.Index(
                fields=["campaign", "cancelled_at", "fulfilled_at", "due_on", "kind", "membership"],
                name="duty_counts",
            ),
            models.Index(
                fields=["campaign", "kind", "unit", "cancelled_at", "fulfilled_at", "due_on", "id"],
                condition=Q(unit__isnull=False),
                name="duty_counts_by_unit",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("campaigns:duty", self.pk)

    @property
    def is_open(self) -> bool:
        return self.fulfilled_at is None and self.cancelled_at is None

    @property
    def verb(self) -> str:
        """What the button that leads to it says."""
        return DutyKind(self.kind).verb


class RoutingRule(models.Model):
    """Which office inspects a category; data with a version, never code (通知二(二)1)."""

    version = models.PositiveSmallIntegerField("版本")
    category = models.CharField("计量标准类别", max_length=16, choices=Category.choices)
    inspector = models.CharField("实施检查", max_length=10, choices=Inspector.choices)
    basis = models.CharField("依据", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "任务分工规则"
        ordering = ("version", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["version", "category"], name="one_routing_rule_per_category_and_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()} → {self.get_inspector_display()}"


class RoutedStandard(models.Model):
    """One standard in one campaign: who receives its self-check, who inspects it, as routed then.

    Category, field and offices are kept as they were when the campaign was opened, so that later
    changes in the register do not move a campaign's figures.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="routed")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, related_name="routings"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="routings")
    category = models.CharField("类别", max_length=16, choices=Category.choices)
    field = models.ForeignKey(
        ProfessionalField, on_delete=models.PROTECT, null=True, related_name="+"
    )
    issuing_authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="+", verbose_name="发证部门"
    )
    territorial_authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, related_name="+", verbose_name="属地区局"
    )
    inspecting_authority = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        null=True,
        related_name="routed_standards",
        verbose_name="组织检查的部门",
        db_index=False,
    )
    unresolved_reason = models.CharField("未能分工的原因", max_length=120, blank=True)
    rule_version = models.PositiveSmallIntegerField("规则版本")

    objects = RoutedStandardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务分工"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "standard"], name="a_standard_is_routed_once_per_campaign"
            ),
            models.CheckConstraint(
                name="an_unrouted_standard_says_why",
                condition=Q(inspecting_authority__isnull=False) | ~Q(unresolved_reason=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "inspecting_authority", "unit"], name="routed_by_inspector"
            ),
            models.Index(
                fields=["inspecting_authority", "campaign", "issuing_authority", "unit"],
                name="routed_to_inspector",
            ),
        ]

    def __str__(self) -> str:
        return str(self.standard)


class EarlierRouting(models.Model):
    """Who inspected a standard before it was routed otherwise: kept for the figures of those days."""

    routed = models.ForeignKey(RoutedStandard, on_delete=models.CASCADE, related_name="earlier")
    until = models.DateTimeField("改派时间", default=clock.now)
    inspecting_authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, related_name="+"
    )
    territorial_authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = verbose_name_plural = "改派前的分工"
        ordering = ("routed", "pk")
        indexes = [models.Index(fields=["routed", "until"], name="earlier_routing_by_time")]

    def __str__(self) -> str:
        return str(self.routed)
