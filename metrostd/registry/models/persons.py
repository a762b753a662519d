"""Who works with a standard, what may be done with it, and the certificate that makes it public."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from metrostd.common.models import StoredFile, state_known
from metrostd.registry.enums import PersonState, QualificationKind, RecordState
from metrostd.registry.querysets import StandardPersonQuerySet, StandardRecordQuerySet

from .records import VoidableRecord, void_says_why
from .standard import MeasurementStandard

#: A proof counts as running out this many days before its end.
EXPIRING_DAYS = 92


class StandardRecord(VoidableRecord):
    """A record that has no page of its own beside that of its standard."""

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        return self.standard.get_absolute_url()  # type: ignore[attr-defined]


class StandardPerson(StandardRecord):
    """检定或校准人员 of a standard, with the proof of ability (JJF 1033-2016 4.4).

    ``since`` and ``until`` are the days of work with this standard; somebody who left stays on record.
    Without ``valid_until`` the proof names no end.
    """

    standard = models.ForeignKey(
        MeasurementStandard,
        on_delete=models.PROTECT,
        related_name="persons",
        verbose_name="计量标准",
    )
    name = models.CharField("姓名", max_length=40)
    qualification_kind = models.CharField(
        "资格或能力证明", max_length=16, choices=QualificationKind.choices
    )
    cert_no = models.CharField("证明编号", max_length=80, blank=True)
    project = models.CharField("核准的检定或校准项目", max_length=200, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    since = models.DateField("从事本标准工作自", null=True, blank=True)
    until = models.DateField("至", null=True, blank=True)

    objects = StandardPersonQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检定或校准人员"
        constraints = [
            models.CheckConstraint(
                name="person_leaves_after_coming",
                condition=Q(since=None) | Q(until=None) | Q(until__gte=F("since")),
                violation_error_message="离开的日期不能早于开始的日期。",
            ),
            models.CheckConstraint(
                name="qualification_kind_known",
                condition=Q(qualification_kind__in=QualificationKind.values),
            ),
            void_says_why("void_person_says_why"),
            state_known("standard_person_state_known", RecordState),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.get_qualification_kind_display()}）"

    def standing(self, on: dt.date) -> PersonState:
        """How the person stands on a day."""
        if self.until is not None and self.until < on:
            return PersonState.LEFT
        if self.since is not None and self.since > on:
            return PersonState.COMING
        if self.valid_until is None:
            return PersonState.VALID
        left = (self.valid_until - on).days
        if left < 0:
            return PersonState.EXPIRED
        return PersonState.EXPIRING if left <= EXPIRING_DAYS else PersonState.VALID


class StandardItem(StandardRecord):
    """One 开展的检定或校准项目 of a standard; ``until`` is the day it was given up."""

    standard = models.ForeignKey(
        MeasurementStandard,
        on_delete=models.PROTECT,
        related_name="items",
        verbose_name="计量标准",
    )
    name = models.CharField("项目名称", max_length=120)
    measuring_range = models.CharField("测量范围", max_length=200, blank=True)
    performance = models.CharField("不确定度或准确度等级或最大允许误差", max_length=200, blank=True)
    basis = models.CharField("依据的规程或规范编号", max_length=80, blank=True)
    until = models.DateField("停止开展日期", null=True, blank=True)

    objects = StandardRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "开展的检定或校准项目"
        constraints = [
            void_says_why("void_item_says_why"),
            state_known("standard_item_state_known", RecordState),
        ]

    def __str__(self) -> str:
        return self.name


class PublicStandardCertificate(StandardRecord):
    """社会公用计量标准证书: issued by the government that set the standard up, after the examination.

    计量法实施细则第八条; only for standards of the categories ``Category.public`` (the form checks:
    the category stands in another table). The current one is the one that ends last.
    """

    standard = models.ForeignKey(
        MeasurementStandard,
        on_delete=models.PROTECT,
        related_name="public_certificates",
        verbose_name="计量标准",
    )
    number = models.CharField("证书编号", max_length=80)
    issuer = models.CharField("发证机关", max_length=100)
    issue_date = models.DateField("发证日期")
    valid_until = models.DateField("有效期至", null=True, blank=True)
    valid_region = models.CharField("有效区域", max_length=100, blank=True)
    authorisation_no = models.CharField("授权证书号", max_length=80, blank=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    file_name = models.CharField("证书扫描件", max_length=200, blank=True)

    objects = StandardRecordQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "社会公用计量标准证书"
        constraints = [
            models.CheckConstraint(
                name="public_certificate_ends_after_it_is_issued",
                condition=Q(valid_until=None) | Q(valid_until__gt=F("issue_date")),
                violation_error_message="有效期至应当晚于发证日期。",
            ),
            models.UniqueConstraint(
                fields=["standard", "number", "issue_date"],
                condition=~Q(state=RecordState.VOID),
                name="one_row_per_public_certificate",
                violation_error_message="这份社会公用计量标准证书已经登记。",
            ),
            void_says_why("void_public_certificate_says_why"),
            state_known("public_standard_certificate_state_known", RecordState),
        ]

    def __str__(self) -> str:
        return self.number
