"""Market-supervision authorities, professional fields, and the units that hold standards."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.shapes import Values
from metrostd.registry.enums import Level, OperatingStatus, UnitType
from metrostd.registry.querysets import AuthorityQuerySet, UnitManager, UnitQuerySet


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
    #: Set on a row that was merged away: it stays as evidence, is in no list, and leads here.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_units",
        editable=False,
        verbose_name="并入单位",
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = UnitManager()
    #: For frozen lists and old draws, which name units as they were.
    with_merged = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "建标单位"
        constraints = [
            models.UniqueConstraint(
                fields=["uscc"],
                condition=~Q(uscc="") & Q(merged_into=None),
                name="one_unit_per_credit_code",
            ),
        ]
        indexes = [models.Index(fields=["name"], name="unit_by_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("registry:unit", self.pk)

    @property
    def operating_tone(self) -> str:
        return OperatingStatus(self.operating_status).tone

    @property
    def current(self) -> "Unit":
        """The unit this row stands for today: itself, or the one it was merged into."""
        return self.merged_into or self


class FormerName(models.Model):
    """曾用名: found by search and by the import, so that an old list still matches."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="former_names")
    name = models.CharField("曾用名", max_length=120)
    name_key = models.CharField(max_length=120, db_index=True, editable=False)

    #: A name the survivor of a merge has already stays with the row merged away, as it is.
    stays_when_taken: ClassVar[Values] = {}

    class Meta:
        verbose_name = verbose_name_plural = "曾用名"
        constraints = [
            models.UniqueConstraint(fields=["unit", "name_key"], name="one_row_per_former_name")
        ]

    def __str__(self) -> str:
        return self.name
