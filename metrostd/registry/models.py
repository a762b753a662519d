"""Authorities, standard-holding units, measurement standards and their certificates."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.models import StatefulModel, StoredFile

from .enums import (
    Category,
    CertificateState,
    ImportState,
    IssueKind,
    Level,
    OperatingStatus,
    PerformanceKind,
    PriorityDomain,
    Regime,
    RowChange,
    UnitType,
)
from .querysets import (
    AuthorityQuerySet,
    CertificateQuerySet,
    ImportBatchQuerySet,
    StandardQuerySet,
    UnitQuerySet,
)


class Authority(models.Model):
    """市场监管部门. A tree: 市市场监管委, district bureaus, functional-zone bureaus below them.

    ``code`` is GB/T 2260 for cities and districts; a prefix of it does not mean a subtree, the
    ``parent`` does, because functional zones have no code of their own.
    """

    code = models.CharField("代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=100)
    short_name = models.CharField("简称", max_length=40)
    region_name = models.CharField("行政区", max_length=40)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    office = models.CharField("承办处室", max_length=40, blank=True)
    document_prefix = models.CharField("文书代字", max_length=20, blank=True)
    address = models.CharField("地址", max_length=200, blank=True)
    phone = models.CharField("联系电话", max_length=40, blank=True)
    approval_split = models.BooleanField("审批权与监督管理权分开", default=False)
    approval_body_name = models.CharField("审批机构", max_length=100, blank=True)

    objects = AuthorityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "市场监管部门"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.short_name


class ProfessionalField(models.Model):
    """专业计量领域: the first two digits of a JJF 1022 code."""

    code = models.CharField("代码", max_length=2, unique=True)
    name = models.CharField("名称", max_length=40)
    is_special_industry = models.BooleanField("专门行业", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "专业计量领域"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """建标单位: a body that establishes and keeps measurement standards."""

    name = models.CharField("单位名称", max_length=120)
    name_key = models.CharField("比对名称", max_length=120, db_index=True, editable=False)
    pinyin = models.CharField("拼音首字母", max_length=120, blank=True, editable=False)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)
    uscc_missing_reason = models.CharField("无代码原因", max_length=100, blank=True)
    unit_type = models.CharField("单位类型", max_length=24, choices=UnitType.choices)
    territorial_authority = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="units",
        verbose_name="属地区局",
    )
    registered_address = models.CharField("登记地址", max_length=200, blank=True)
    actual_address = models.CharField("实际地址", max_length=200, blank=True)
    competent_department = models.CharField("主管部门", max_length=100, blank=True)
    legal_representative = models.CharField("法定代表人", max_length=40, blank=True)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_phone = models.CharField("联系电话", max_length=40, blank=True)
    contact_email = models.EmailField("电子邮箱", blank=True)
    operating_status = models.CharField(
        "经营状态", max_length=12, choices=OperatingStatus.choices, default=OperatingStatus.NORMAL
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建标单位"
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"], condition=~Q(uscc=""), name="one_unit_per_credit_code"
            ),
        ]
        indexes = [models.Index(fields=["name"], name="unit_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("registry:unit", args=[self.pk])

    @property
    def operating_tone(self) -> str:
        return OperatingStatus(self.operating_status).tone


class FormerName(models.Model):
    """曾用名: found by search and by the import, so that an old list still matches."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField("曾用名", max_length=120)
    name_key = models.CharField(max_length=120, db_index=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "曾用名"
        constraints = [
            models.UniqueConstraint(fields=["unit", "name_key"], name="one_row_per_former_name")
        ]

    def __str__(self) -> str:
        return self.name


class MeasurementStandard(models.Model):
    """计量标准: established by one unit, examined by a hosting and certified by an issuing authority."""

    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, related_name="standards", verbose_name="建标单位"
    )
    name = models.CharField("计量标准名称", max_length=120)
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
    regime = models.CharField(
        "管理方式", max_length=16, choices=Regime.choices, default=Regime.CERTIFIED
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = StandardQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "计量标准"
        indexes = [
            models.Index(fields=["category"], name="standard_by_category"),
            models.Index(fields=["name"], name="standard_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("registry:standard", args=[self.pk])


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
    state = models.CharField(
        "证书状态",
        max_length=16,
        choices=CertificateState.choices,
        default=CertificateState.VALID,
        editable=False,
    )

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
            models.CheckConstraint(
                name="certificate_state_known", condition=Q(state__in=CertificateState.values)
            ),
        ]

    def __str__(self) -> str:
        return self.number or "（无证书号）"

    def get_absolute_url(self) -> str:
        return self.standard.get_absolute_url()


class ImportBatch(StatefulModel):
    """One uploaded list: the original file with its hash, what was read, what was written."""

    States = ImportState

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField("文件名", max_length=200)
    category = models.CharField(
        "清单类别", max_length=16, choices=Category.choices, default=Category.ENT_HIGHEST
    )
    issuing_authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    campaign_code = models.CharField("专项行动", max_length=40, blank=True)
    header_map = models.JSONField("表头对应", default=dict)
    edits = models.JSONField("改动的单元格", default=dict)
    summary = models.JSONField("结果", default=dict)
    issues = models.JSONField("问题", default=list)
    state = models.CharField(
        "状态",
        max_length=12,
        choices=ImportState.choices,
        default=ImportState.PARSED,
        editable=False,
    )

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单导入"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                name="import_batch_state_known", condition=Q(state__in=ImportState.values)
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("registry:import_detail", args=[self.pk])


class ImportRow(models.Model):
    """One data row of a batch: every value with its cell, and what it became in the register."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField("工作表", max_length=60)
    row_no = models.PositiveIntegerField("行号")
    #: Target to ``[clean value, cell, raw text, row it was filled from]``, short when the rest is empty.
    values = models.JSONField("数据", default=dict)
    #: What the values say together: district and field by code, identity of the certificate.
    derived = models.JSONField(default=dict)
    change = models.CharField("变化", max_length=10, choices=RowChange.choices)
    #: What the row does to its unit; empty on all but the first row of a unit.
    unit_change = models.CharField("单位变化", max_length=10, choices=RowChange.choices, blank=True)
    differences = models.JSONField("新旧值", default=dict)
    unit = models.ForeignKey(Unit, on_delete=models.SET_NULL, null=True, related_name="+")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.SET_NULL, null=True, related_name="import_rows"
    )

    class Meta:
        verbose_name = verbose_name_plural = "导入行"
        ordering = ("batch", "pk")

    def __str__(self) -> str:
        return f"{self.sheet} 第{self.row_no}行"

    @property
    def change_tone(self) -> str:
        return RowChange(self.change).tone
