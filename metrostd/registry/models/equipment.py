"""Instruments of a standard and the certificates that trace them."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.enums import (
    InstrumentRole,
    InstrumentState,
    RecordState,
    TraceKind,
    TraceResult,
)
from metrostd.registry.querysets import InstrumentQuerySet, TraceQuerySet

from .records import VoidableRecord, void_says_why
from .standard import MeasurementStandard

MAX_INTERVAL_MONTHS = 120


class StandardInstrument(StatefulModel):
    """计量标准器 or 主要配套设备: the columns of the application form (JJF 1033 附录).

    The last tracing is a query over its records (``with_last_trace``), never a copied column.
    ``since`` is the day its present state began in the unit; ``state_since`` when that was recorded.
    """

    States = InstrumentState

    standard = models.ForeignKey(
        MeasurementStandard,
        on_delete=models.PROTECT,
        related_name="instruments",
        verbose_name="计量标准",
    )
    role = models.CharField("类别", max_length=10, choices=InstrumentRole.choices)
    name = models.CharField("名称", max_length=120)
    model = models.CharField("型号", max_length=120, blank=True)
    measuring_range = models.TextField("测量范围", blank=True)
    performance = models.TextField("不确定度或准确度等级或最大允许误差", blank=True)
    manufacturer = models.CharField("制造厂", max_length=120, blank=True)
    serial_no = models.CharField("出厂编号", max_length=80, blank=True)
    trace_interval_months = models.PositiveSmallIntegerField(
        "检定周期或复校间隔（月）",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_INTERVAL_MONTHS)],
    )
    used_from = models.DateField("启用日期", null=True, blank=True)
    since = models.DateField("现状态自", null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    state = state_field(InstrumentState.IN_USE, max_length=10, label="使用状态")

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "标准器及配套设备"
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "name", "model", "serial_no"],
                condition=~Q(serial_no=""),
                name="one_instrument_per_serial_number",
                violation_error_message="这项计量标准已登记同名、同型号、同编号的设备。",
            ),
            models.CheckConstraint(
                name="trace_interval_is_a_few_years_at_most",
                condition=Q(trace_interval_months=None)
                | Q(trace_interval_months__range=(1, MAX_INTERVAL_MONTHS)),
                violation_error_message=f"检定周期或复校间隔应为1至{MAX_INTERVAL_MONTHS}个月。",
            ),
            models.CheckConstraint(
                name="instrument_role_known", condition=Q(role__in=InstrumentRole.values)
            ),
            state_known("instrument_state_known", InstrumentState),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.name, self.model, self.serial_no)))

    def get_absolute_url(self) -> str:
        return address("registry:instrument", self.pk)


class TraceRecord(VoidableRecord):
    """溯源记录: one verification or calibration certificate of an instrument, or one comparison.

    Every certificate stays, so that gaps show. A wrong record is 作废 with the reason. Without
    ``valid_until`` the certificate names no end and the instrument has no interval: open-ended.
    """

    instrument = models.ForeignKey(
        StandardInstrument,
        on_delete=models.PROTECT,
        related_name="traces",
        verbose_name="标准器或配套设备",
    )
    kind = models.CharField("溯源方式", max_length=12, choices=TraceKind.choices)
    org = models.CharField("检定或校准机构", max_length=120)
    cert_no = models.CharField("证书编号", max_length=80)
    traced_on = models.DateField("检定或校准日期", db_index=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    result = models.CharField("结果", max_length=12, choices=TraceResult.choices)
    file = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="扫描件指纹",
    )
    file_name = models.CharField("证书扫描件", max_length=200, blank=True)

    objects = TraceQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "溯源记录"
        constraints = [
            models.CheckConstraint(
                name="tracing_ends_after_it_begins",
                condition=Q(valid_until=None) | Q(valid_until__gt=F("traced_on")),
                violation_error_message="有效期至应当晚于检定或校准日期。",
            ),
            models.UniqueConstraint(
                fields=["instrument", "org", "cert_no"],
                condition=~Q(state=RecordState.VOID),
                name="one_record_per_tracing_certificate",
                violation_error_message="这份证书已经登记在这台设备名下。",
            ),
            void_says_why("void_tracing_says_why"),
            models.CheckConstraint(
                name="tracing_kind_known", condition=Q(kind__in=TraceKind.values)
            ),
            models.CheckConstraint(
                name="tracing_result_known", condition=Q(result__in=TraceResult.values)
            ),
            state_known("trace_record_state_known", RecordState),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}证书 {self.cert_no}"

    def get_absolute_url(self) -> str:
        return self.instrument.get_absolute_url()

    @property
    def standard(self) -> MeasurementStandard:
        return self.instrument.standard

    @property
    def result_tone(self) -> str:
        return TraceResult(self.result).tone
