"""Measurement standards and their certificates."""

from django.db import models
from django.db.models import Q

from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.enums import (
    Category,
    CertificateActKind,
    CertificateState,
    IssueKind,
    PerformanceKind,
    PriorityDomain,
    Regime,
)
from metrostd.registry.querysets import CertificateQuerySet, OfStandardQuerySet, StandardQuerySet

from .organisation import Authority, ProfessionalField, Unit


class MeasurementStandard(models.Model):
    """计量标准: established by one unit, examined by a hosting and certified by an issuing authority."""

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="standards", verbose_name="建标单位"
    )
    name = models.CharField("计量标准名称", max_length=120)
    name_key = models.CharField("比对名称", max_length=120, blank=True, editable=False)
    pinyin = models.CharField("拼音首字母", max_length=120, blank=True, editable=False)
    jjf1022_code = models.CharField("计量标准代码", max_length=8, blank=True)
    field = models.ForeignKey(
        ProfessionalField,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="standards",
        verbose_name="专业计量领域",
    )
    category = models.CharField("计量标准类别", max_length=16, choices=Category.choices)
    storage_place = models.CharField("保存地点", max_length=200, blank=True)
    original_value = models.DecimalField(
        "原值（万元）", max_digits=12, decimal_places=2, null=True, blank=True
    )
    measuring_range = models.TextField("测量范围", blank=True)
    performance_kind = models.CharField(
        "性能表示", max_length=16, choices=PerformanceKind.choices, blank=True
    )
    performance = models.TextField("不确定度或准确度等级或最大允许误差", blank=True)
    responsible_person = models.CharField("计量标准负责人", max_length=40, blank=True)
    hosting_authority = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        related_name="hosted_standards",
        verbose_name="主持考核部门",
    )
    issuing_authority = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        related_name="issued_standards",
        verbose_name="发证部门",
    )
    in_scope = models.BooleanField("属于市区两级主持考核", default=True)
    #: Why a person decided so; empty while the rule of ``metrostd.registry.scope`` has decided.
    scope_reason = models.CharField("范围认定理由", max_length=200, blank=True)
    regime = models.CharField(
        "管理方式", max_length=16, choices=Regime.choices, default=Regime.CERTIFIED
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = StandardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计量标准"
        indexes = [
            models.Index(fields=["name"], name="standard_by_name"),
            models.Index(fields=["category", "unit"], name="standard_by_category"),
            models.Index(fields=["field", "unit"], name="standard_by_field"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("registry:standard", self.pk)


class StandardDomain(models.Model):
    """One priority domain of a standard (通知一: 食品安全、生产安全、生态环境、医疗卫生)."""

    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.CASCADE, related_name="priority_domains"
    )
    domain = models.CharField("重点领域", max_length=12, choices=PriorityDomain.choices)

    class Meta:
        verbose_name = verbose_name_plural = "重点领域"
        constraints = [
            models.UniqueConstraint(
                fields=["standard", "domain"], name="one_row_per_priority_domain"
            )
        ]
        indexes = [models.Index(fields=["domain", "standard"], name="standard_by_domain")]

    def __str__(self) -> str:
        return self.get_domain_display()


class EarlierDomain(models.Model):
    """Whether a standard was of a priority domain before that changed: kept for the figures of those days."""

    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.CASCADE, related_name="earlier_domains"
    )
    domain = models.CharField("重点领域", max_length=12, choices=PriorityDomain.choices)
    was = models.BooleanField("原属该领域")
    until = models.DateTimeField("变更时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "变更前的重点领域"
        ordering = ("standard", "pk")
        indexes = [
            models.Index(fields=["standard", "domain", "until"], name="earlier_domain_of_standard"),
            models.Index(fields=["until"], name="earlier_domain_by_time"),
        ]

    def __str__(self) -> str:
        return self.get_domain_display()


class StandardCertificate(StatefulModel):
    """计量标准考核证书. ``valid_until`` is stored, never computed: 4 and 5 years coexist.

    The year in the number is that of the first passed examination and may be earlier than the
    issue date. The current certificate of a standard is the one with ``is_current``.
    """

    States = CertificateState

    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, related_name="certificates"
    )
    is_current = models.BooleanField("现行", default=True)
    number_raw = models.CharField("证书号（原文）", max_length=80, blank=True)
    number = models.CharField("考核证书号", max_length=80, blank=True, db_index=True)
    identity = models.CharField("证书号比对键", max_length=80, blank=True, editable=False)
    first_year = models.PositiveSmallIntegerField("初次考核年份", null=True, blank=True)
    issue_date = models.DateField("发证日期", null=True, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True, db_index=True)
    issue_kind = models.CharField("类别", max_length=16, choices=IssueKind.choices, blank=True)
    examined_range = models.TextField("核准的测量范围", blank=True)
    examined_performance = models.TextField("核准的技术指标", blank=True)
    examined_items = models.TextField("核准的检定或校准项目", blank=True)
    scan = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = state_field(CertificateState.VALID, max_length=16, label="证书状态")

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计量标准考核证书"
        constraints = [
            models.UniqueConstraint(
                fields=["standard"],
                condition=Q(is_current=True),
                name="one_current_certificate_per_standard",
            ),
            models.UniqueConstraint(
                fields=["identity"],
                condition=Q(is_current=True) & ~Q(identity=""),
                name="one_current_certificate_per_number",
            ),
            models.CheckConstraint(
                name="certificate_ends_after_it_is_issued",
                condition=Q(issue_date=None)
                | Q(valid_until=None)
                | Q(valid_until__gt=models.F("issue_date")),
            ),
            state_known("certificate_state_known", CertificateState),
        ]
        indexes = [
            models.Index(
                fields=[column, "standard"],
                condition=Q(is_current=True),
                name=f"current_by_{column}",
            )
            for column in ("state", "valid_until", "number")
        ]

    def __str__(self) -> str:
        return self.number or "（无证书号）"

    def get_state_display(self) -> str:  # type: ignore[no-redef]  # the plugin writes one, too
        """People read the state of this moment."""
        return str(self.States(self.state_now).label)

    def get_absolute_url(self) -> str:
        return self.standard.get_absolute_url()


class CertificateIssue(models.Model):
    """An earlier issue of a certificate: number and first year stayed, dates and approved values did not.

    Written when the certificate is renewed (复查换证、恢复使用), never changed afterwards.
    """

    certificate = models.ForeignKey(
        StandardCertificate, on_delete=models.PROTECT, related_name="earlier_issues"
    )
    issue_date = models.DateField("发证日期", null=True)
    valid_until = models.DateField("有效期至", null=True)
    issue_kind = models.CharField("类别", max_length=16, choices=IssueKind.choices, blank=True)
    examined_range = models.TextField("核准的测量范围", blank=True)
    examined_performance = models.TextField("核准的技术指标", blank=True)
    examined_items = models.TextField("核准的检定或校准项目", blank=True)
    replaced_at = models.DateTimeField("换证时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "以往证书"
        ordering = ("certificate", "-pk")

    def __str__(self) -> str:
        return f"{self.certificate} {self.issue_date or ''}".strip()


class CertificateAct(models.Model):
    """封存、撤销、注销、吊销 as decided: the one record of them, whoever asked and for whatever reason.

    Written with the move of the certificate and never changed; what is resumed later was sealed all
    the same. Annex 3 counts these and nothing else.
    """

    certificate = models.ForeignKey(
        StandardCertificate, on_delete=models.PROTECT, related_name="acts"
    )
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, related_name="certificate_acts"
    )
    kind = models.CharField("处置", max_length=14, choices=CertificateActKind.choices)
    decided_at = models.DateTimeField("登记时间", default=clock.now, editable=False)
    #: The day on the decision, where it says one: it may lie before the day it was put on record.
    decided_on = models.DateField("决定日期", null=True, editable=False)
    basis = models.CharField("依据", max_length=300, blank=True)

    objects = OfStandardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "证书处置记录"
        ordering = ("-pk",)
        indexes = [models.Index(fields=["standard", "decided_at"], name="certificate_act_by_time")]

    def __str__(self) -> str:
        return f"{self.standard} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return self.standard.get_absolute_url()
