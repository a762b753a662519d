"""The table of levels, warnings that were raised, procedures on file, what was counted of the register beforehand."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.models import Authority, MeasurementStandard

from .enums import WarningState
from .querysets import CountingQuerySet, ProcedureQuerySet, RiskTableQuerySet, RiskWarningQuerySet


class RiskTable(models.Model):
    """风险分级表: points of each indicator, thresholds, how often each level is inspected.

    A version is never changed; another one is in force from its day on.
    """

    version = models.PositiveIntegerField("版本", unique=True)
    starts_on = models.DateField("执行日期")
    points = models.JSONField("指标分值", default=dict)
    medium_from = models.PositiveSmallIntegerField("中风险起点")
    high_from = models.PositiveSmallIntegerField("高风险起点")
    #: Years from one inspection to the next by level; 0 leaves it to the random draw.
    years = models.JSONField("检查频次（年）", default=dict)
    reason = models.CharField("修订理由", max_length=300)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField("修订时间", default=clock.now, editable=False)

    objects = RiskTableQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险分级表"
        ordering = ("-version",)
        constraints = [
            models.CheckConstraint(
                name="high_risk_is_above_medium",
                condition=Q(high_from__gt=F("medium_from"), medium_from__gt=0),
            )
        ]

    def __str__(self) -> str:
        return f"风险分级表第{self.version}版" if self.version else "风险分级表（系统初始值）"

    def get_absolute_url(self) -> str:
        return address("risk:table")


class RiskWarning(StatefulModel):
    """风险预警: one 台账预警 as it was raised, with who deals with it and what was done."""

    States = WarningState

    kind = models.CharField("类别", max_length=40)
    kind_label = models.CharField("预警类别", max_length=60)
    tone = models.CharField(max_length=4)
    sentence = models.CharField("内容", max_length=500)
    url = models.CharField(max_length=200)
    #: When it began or will begin, where there is such a day.
    began_on = models.DateField("起始日期", null=True)
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, related_name="risk_warnings"
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="risk_warnings", verbose_name="负责部门"
    )
    raised_on = models.DateField("发出日期")
    assigned_to = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, related_name="risk_warnings"
    )
    due_on = models.DateField("处置期限", null=True)
    measure = models.CharField("处置情况", max_length=1000, blank=True)
    handled_at = models.DateTimeField("处置时间", null=True, editable=False)
    closed_at = models.DateTimeField("办结时间", null=True, editable=False)
    #: The cause stood when it was closed: the day from which it is raised again.
    again_on = models.DateField("再次核查日期", null=True)
    state = state_field(WarningState.RAISED, max_length=10)

    objects = RiskWarningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险预警"
        ordering = ("-raised_on", "-pk")
        constraints = [
            state_known("risk_warning_state_known", WarningState),
            models.UniqueConstraint(
                fields=["standard", "kind"],
                condition=Q(state__in=WarningState.open),
                name="one_open_risk_warning_of_a_kind",
            ),
            models.CheckConstraint(
                name="an_assigned_risk_warning_has_a_day",
                condition=~Q(state__in=["assigned", "handled"])
                | Q(assigned_to__isnull=False, due_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "state", "due_on"], name="risk_warning_by_office")
        ]

    def __str__(self) -> str:
        return f"{self.kind_label}：{self.standard}"

    def get_absolute_url(self) -> str:
        return address("risk:warning", self.pk)

    @property
    def holder(self) -> str:
        """Whom it was given to."""
        return str(self.assigned_to.user) if self.assigned_to else ""


class WarningProcedure(models.Model):
    """风险监测和预警工作程序 of an office on file; an earlier one is kept."""

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="warning_procedures"
    )
    title = models.CharField("文件名称", max_length=120)
    adopted_on = models.DateField("印发日期")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField("存档时间", default=clock.now, editable=False)
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = ProcedureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险监测和预警工作程序"
        ordering = ("authority__code", "-adopted_on", "-pk")

    def __str__(self) -> str:
        return self.title


class Counting(models.Model):
    """The register's indicators of every unit on a day, counted beforehand (``counting``).

    Written once and dropped when a later one of the day is there; what has changed since is ``Touched``. Triggers
    write to both tables (``watching``), so a migration that makes either anew first takes the triggers away.
    """

    on = models.DateField("日期")
    #: Marks from here on are of changes it may not have seen.
    horizon = models.BigIntegerField()
    #: Which server the horizon is of.
    server = models.CharField(max_length=40, blank=True)
    begun_at = models.DateTimeField(default=clock.now, editable=False)
    #: Null until all of it is there.
    counted_at = models.DateTimeField("统计时间", null=True, editable=False)

    objects = CountingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账风险指标统计"
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["on", "-id"], name="risk_counting_by_day"),
            models.Index(fields=["horizon"], name="risk_counting_by_horizon"),
        ]

    def __str__(self) -> str:
        return f"{self.on}的台账风险指标"


class CountingPart(models.Model):
    """The units of one district in a counting, as compressed JSON; those without a district are a part, too."""

    counting = models.ForeignKey(Counting, on_delete=models.CASCADE, related_name="parts")
    authority = models.ForeignKey(Authority, on_delete=models.CASCADE, null=True, related_name="+")
    #: Counts by unit.
    units = models.BinaryField()
    #: Counts by unit and field, by unit and priority domain.
    cells = models.BinaryField()

    class Meta:
        verbose_name = verbose_name_plural = "台账风险指标统计（属地）"
        constraints = [
            models.UniqueConstraint(fields=["counting", "authority"], name="one_part_a_district")
        ]

    def __str__(self) -> str:
        return f"{self.counting}（{self.authority or '属地未定'}）"


class Touched(models.Model):
    """A mark: something the register's indicators look at was written. Triggers write it, nothing else does."""

    kind = models.PositiveSmallIntegerField()
    key = models.BigIntegerField()
    stamp = models.BigIntegerField()

    class Meta:
        verbose_name = verbose_name_plural = "台账变动标记"
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "stamp"], name="one_mark_a_change")
        ]
        indexes = [models.Index(fields=["stamp"], name="touched_by_stamp")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"
