"""What offices hand in: 附件3 and the five-part report, and the editions that were signed and sent."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign
from inspections.models import Finding
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import Job, StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.models import Authority
from reporting.enums import Chapter, StatReportState
from reporting.querysets import (
    ReportChapterQuerySet,
    ReportTemplateQuerySet,
    StatEditionQuerySet,
    StatReportQuerySet,
    TypicalCaseQuerySet,
)


class StatReport(StatefulModel):
    """统计表报送 of one office: what is being prepared, and where it stands.

    ``table`` holds the figures as they were computed at ``as_of``, ``evidence`` the keys of the
    records behind them, ``overrides`` the cells entered by hand, ``reasons`` what was said beside a
    rule. ``version`` counts the changes of all of these, so that two people do not undo each other.
    """

    States = StatReportState

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="stat_reports")
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="stat_reports", verbose_name="报送部门"
    )
    number = models.PositiveSmallIntegerField("版次", default=1, editable=False)
    as_of = models.DateTimeField("数据截至", null=True, editable=False)
    table = models.JSONField(default=dict, editable=False)
    evidence = models.JSONField(default=dict, editable=False)
    overrides = models.JSONField(default=dict, editable=False)
    reasons = models.JSONField(default=dict, editable=False)
    correction_note = models.TextField("更正理由", blank=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    #: A table filled in by hand outside, in place of computed figures.
    imported = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    signer_name = models.CharField("单位负责人", max_length=40, blank=True, editable=False)
    signer_position = models.CharField("职务", max_length=40, blank=True, editable=False)
    signature = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    strokes = models.JSONField(default=list, editable=False)
    signed_at = models.DateTimeField("签字时间", null=True, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    first_submitted_at = models.DateTimeField("首次报送", null=True, editable=False)
    submitted_at = models.DateTimeField("报送时间", null=True, editable=False)
    is_late = models.BooleanField("逾期报送", default=False, editable=False)
    state = state_field(StatReportState.DRAFT, max_length=12)

    objects = StatReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "统计表报送"
        constraints = [
            state_known("stat_report_state_known", StatReportState),
            models.UniqueConstraint(
                fields=["campaign", "authority"], name="one_stat_report_per_office"
            ),
            models.CheckConstraint(
                name="a_signed_stat_report_names_its_signer",
                condition=~Q(state=StatReportState.SIGNED)
                | Q(signature__isnull=False, signed_at__isnull=False) & ~Q(signer_name=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} 统计表（附件3）"

    def get_absolute_url(self) -> str:
        return address("reporting:report", self.pk)


class Passage(models.Model):
    """A text that several people write: each save says which version it is based on."""

    text = models.TextField("内容", blank=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    client_id = models.UUIDField(null=True, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    saved_at = models.DateTimeField("保存时间", null=True, editable=False)

    class Meta:
        abstract = True


class ReportChapter(Passage):
    """总结报告的一章 of one office; figures stand in it as tokens (``narrative.tokens``)."""

    report = models.ForeignKey(StatReport, on_delete=models.CASCADE, related_name="chapters")
    chapter = models.CharField("章", max_length=10, choices=Chapter.choices, editable=False)

    objects = ReportChapterQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "总结报告的一章"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "chapter"], name="one_chapter_of_its_kind_per_report"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report.authority} 总结报告“{self.get_chapter_display()}”"


class TypicalCase(Passage):
    """典型案例: what one finding was about, told without the unit it was found at."""

    report = models.ForeignKey(StatReport, on_delete=models.CASCADE, related_name="cases")
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, related_name="+", verbose_name="发现问题"
    )
    title = models.CharField("标题", max_length=60, blank=True, editable=False)

    objects = TypicalCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "典型案例"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["report", "finding"], name="one_typical_case_per_finding"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report.authority} 典型案例“{self.title}”"


class ReportTemplate(models.Model):
    """总结报告的 Word 模板 of one office: its reports are filled into it besides the portal's own form."""

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="report_templates"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=200)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField("上传时间", default=clock.now)
    #: Used no more: another took its place, or the office goes back to the portal's own form.
    retired_at = models.DateTimeField("停用时间", null=True)

    objects = ReportTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "总结报告模板"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["authority"],
                condition=Q(retired_at=None),
                name="one_report_template_in_use_per_office",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} 总结报告模板“{self.name}”"


class StatEdition(models.Model):
    """统计表版次: what was signed and handed in. Nothing of it changes.

    Its files are made of it once, by a job, and kept (``edition_files``); the office that receives it
    writes its decision, once.
    """

    report = models.ForeignKey(StatReport, on_delete=models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField("版次")
    layout = models.CharField("表式版本", max_length=20)
    as_of = models.DateTimeField("数据截至")
    table = models.JSONField(default=dict)
    evidence = models.JSONField(default=dict)
    overrides = models.JSONField(default=dict)
    reasons = models.JSONField(default=dict)
    results = models.JSONField(default=list)
    correction_note = models.TextField("更正理由", blank=True)
    #: The five-part report with the figures it was signed with (``narrative.paper``).
    narrative = models.JSONField(default=dict)
    imported = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    signer_name = models.CharField("单位负责人", max_length=40)
    signer_position = models.CharField("职务", max_length=40)
    signature = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField("签字时间")
    content_hash = models.CharField("内容摘要", max_length=64)
    receipt_no = models.CharField("回执编号", max_length=60, unique=True)
    receipt = models.JSONField(default=dict)
    submitted_at = models.DateTimeField("报送时间", default=clock.now)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    xlsx = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    pdf = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    #: The report as paper and as Word.
    report_pdf = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+"
    )
    report_docx = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: The office's own form as it was when the report was handed in, and the report filled into it.
    template = models.ForeignKey(
        ReportTemplate, on_delete=models.PROTECT, null=True, related_name="+"
    )
    report_own = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+"
    )
    files_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="+")
    accepted_at = models.DateTimeField("接收时间", null=True)
    returned_at = models.DateTimeField("退回时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    return_note = models.TextField("退回意见", blank=True)
    #: What was said about single cells (block, row, figure, text) and chapters (chapter, text).
    marks = models.JSONField(default=list)

    objects = StatEditionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "统计表版次"
        ordering = ("report", "-number")
        constraints = [
            models.UniqueConstraint(
                fields=["report", "number"], name="one_stat_edition_per_number"
            ),
            models.CheckConstraint(
                name="a_stat_edition_is_accepted_or_returned",
                condition=Q(accepted_at=None) | Q(returned_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} 第{self.number}版"

    def get_absolute_url(self) -> str:
        return address("reporting:edition", self.pk)
