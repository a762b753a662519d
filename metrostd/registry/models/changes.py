"""更换、封存、撤销、恢复使用: the application of a unit with the fields of the official forms."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.enums import (
    ChangeCause,
    ChangeEffect,
    ChangeKind,
    ChangeSituation,
    ChangeState,
    InstrumentRole,
    LineSide,
    TraceKind,
)
from metrostd.registry.querysets import ChangeRecordQuerySet

from .equipment import StandardInstrument
from .standard import MeasurementStandard, StandardCertificate


class ChangeRecord(StatefulModel):
    """One application of a unit about one standard (JJF 1033 第七章), decided by the hosting authority.

    ``certificate`` is the current certificate on the day of the application. The number is taken
    when the application is first submitted and stays with it.
    """

    States = ChangeState
    #: Columns that hold several values of one enumeration.
    LISTS: ClassVar[dict[str, type[models.TextChoices]]] = {
        "situations": ChangeSituation,
        "causes": ChangeCause,
    }

    standard = models.ForeignKey(
        MeasurementStandard,
        on_delete=models.PROTECT,
        related_name="changes",
        verbose_name="计量标准",
    )
    certificate = models.ForeignKey(
        StandardCertificate,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="changes",
        verbose_name="考核证书",
    )
    kind = models.CharField("事项", max_length=10, choices=ChangeKind.choices)
    number = models.CharField("编号", max_length=40, blank=True, editable=False)
    situations = models.JSONField("情况", default=list, blank=True)
    situation_note = models.CharField("其他情况", max_length=200, blank=True)
    causes = models.JSONField("更换原因", default=list, blank=True)
    reason = models.TextField("原因说明", blank=True)
    effect = models.CharField(
        "更换后计量特性", max_length=16, choices=ChangeEffect.choices, blank=True
    )
    stop_from = models.DateField("停用日期起", null=True, blank=True)
    stop_until = models.DateField("停用日期止", null=True, blank=True)
    reexamined_on = models.DateField("复查考核合格日期", null=True, blank=True)
    unit_opinion = models.TextField("建标单位意见", blank=True)
    unit_opinion_by = models.CharField("建标单位负责人", max_length=40, blank=True)
    unit_opinion_on = models.DateField("建标单位意见日期", null=True, blank=True)
    department_opinion = models.TextField("主管部门意见", blank=True)
    department_opinion_by = models.CharField("主管部门负责人", max_length=40, blank=True)
    department_opinion_on = models.DateField("主管部门意见日期", null=True, blank=True)
    authority_opinion = models.TextField("主持考核部门意见", blank=True, editable=False)
    authority_opinion_by = models.CharField(
        "主持考核部门负责人", max_length=40, blank=True, editable=False
    )
    decided_on = models.DateField("决定日期", null=True, editable=False)
    new_issue_date = models.DateField("新证书发证日期", null=True, editable=False)
    new_valid_until = models.DateField("新证书有效期至", null=True, editable=False)
    certificate_returned_on = models.DateField("原证书交回日期", null=True, editable=False)
    #: Unit, standard and certificate as the form names them, as of the last submission.
    words = models.JSONField(default=dict, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    submitted_at = models.DateTimeField("提交时间", null=True, editable=False)
    state = state_field(ChangeState.DRAFT, max_length=10)

    objects = ChangeRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "变更与封存"
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "kind"],
                condition=Q(state__in=sorted(ChangeState.open)),
                name="one_open_application_per_standard_and_kind",
                violation_error_message="这项计量标准已有一份同类申请在办理。",
            ),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="one_change_record_per_number"
            ),
            models.CheckConstraint(
                name="a_stop_ends_after_it_begins",
                condition=Q(stop_from=None)
                | Q(stop_until=None)
                | Q(stop_until__gte=F("stop_from")),
                violation_error_message="停用日期止不能早于停用日期起。",
            ),
            models.CheckConstraint(
                name="change_record_kind_known", condition=Q(kind__in=ChangeKind.values)
            ),
            models.CheckConstraint(
                name="change_record_effect_known",
                condition=Q(effect="") | Q(effect__in=ChangeEffect.values),
            ),
            models.CheckConstraint(
                name="change_record_submitted_at_fits_state",
                condition=Q(state=ChangeState.DRAFT, submitted_at__isnull=True)
                | Q(state=ChangeState.WITHDRAWN)
                | Q(
                    state__in=["submitted", "returned", "approved", "refused"],
                    submitted_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="change_record_decided_on_fits_state",
                condition=Q(state__in=sorted(ChangeState.decided), decided_on__isnull=False)
                | (~Q(state__in=sorted(ChangeState.decided)) & Q(decided_on__isnull=True)),
            ),
            state_known("change_record_state_known", ChangeState),
        ]
        indexes = [models.Index(fields=["state", "submitted_at"], name="change_by_state")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()

    def get_absolute_url(self) -> str:
        return address("changes:detail", self.pk)

    @property
    def situation_words(self) -> str:
        return "、".join(ChangeSituation(code).label for code in self.situations)

    @property
    def cause_words(self) -> str:
        return "、".join(ChangeCause(code).label for code in self.causes)


class ChangeLine(models.Model):
    """One instrument in the table 更换前 or 更换后, as the form names it.

    ``instrument``: before, the registered instrument that is replaced; after, the one registered
    when the application was approved.
    """

    record = models.ForeignKey(ChangeRecord, on_delete=models.CASCADE, related_name="lines")
    side = models.CharField("表", max_length=6, choices=LineSide.choices)
    instrument = models.ForeignKey(
        StandardInstrument,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="change_lines",
        verbose_name="台账中的设备",
    )
    role = models.CharField("类别", max_length=10, choices=InstrumentRole.choices)
    name = models.CharField("名称", max_length=120)
    model = models.CharField("型号", max_length=120, blank=True)
    measuring_range = models.CharField("测量范围", max_length=200, blank=True)
    performance = models.CharField("不确定度或准确度等级或最大允许误差", max_length=200, blank=True)
    manufacturer = models.CharField("制造厂", max_length=120, blank=True)
    serial_no = models.CharField("出厂编号", max_length=80, blank=True)
    trace_org = models.CharField("检定或校准机构", max_length=120, blank=True)
    trace_cert_no = models.CharField("检定或校准证书编号", max_length=80, blank=True)
    trace_kind = models.CharField("溯源方式", max_length=12, choices=TraceKind.choices, blank=True)
    traced_on = models.DateField("检定或校准日期", null=True, blank=True)
    trace_until = models.DateField("溯源有效期至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "更换的设备"
        ordering = ("record", "pk")
        constraints = [
            models.CheckConstraint(
                name="change_line_side_known", condition=Q(side__in=LineSide.values)
            ),
            models.CheckConstraint(
                name="change_line_role_known", condition=Q(role__in=InstrumentRole.values)
            ),
            models.CheckConstraint(
                name="change_line_tracing_ends_after_it_begins",
                condition=Q(traced_on=None)
                | Q(trace_until=None)
                | Q(trace_until__gt=F("traced_on")),
                violation_error_message="溯源有效期至应当晚于检定或校准日期。",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.model, self.serial_no)))


class ChangeFile(models.Model):
    """Material with an application: the tracing certificate of a new instrument, a letter."""

    record = models.ForeignKey(ChangeRecord, on_delete=models.PROTECT, related_name="files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=200)
    created_at = models.DateTimeField("上传时间", default=clock.now, editable=False)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "变更材料"
        ordering = ("record", "pk")

    def __str__(self) -> str:
        return self.name
