"""What the municipal office makes of the reports: its own report, and what it publishes."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from campaigns.models import Campaign, DrawRun
from metrostd.common.addresses import address
from metrostd.common.models import Job, StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.models import Authority
from reporting.enums import BulletinKind, BulletinState, CityChapter, CityReportState
from reporting.querysets import BulletinQuerySet, CityReportQuerySet

from .hand_in import Passage


class CityReport(StatefulModel):
    """全市总结报告 of a campaign, made of accepted editions; once finished its words stand still."""

    States = CityReportState

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="city_report")
    #: As it was finished last, with its figures (``narrative.paper``).
    narrative = models.JSONField(default=dict, editable=False)
    finished_at = models.DateTimeField("定稿时间", null=True, editable=False)
    report_pdf = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    report_docx = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    #: The job that makes both.
    files_job = models.ForeignKey(
        Job, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    state = state_field(CityReportState.DRAFT, max_length=10)

    objects = CityReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "全市总结报告"
        constraints = [state_known("city_report_state_known", CityReportState)]

    def __str__(self) -> str:
        return f"{self.campaign} 全市总结报告"

    def get_absolute_url(self) -> str:
        return address("reporting:city_report")


class CityReportChapter(Passage):
    """全市总结报告的一章."""

    report = models.ForeignKey(CityReport, on_delete=models.CASCADE, related_name="chapters")
    chapter = models.CharField("章", max_length=10, choices=CityChapter.choices, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "全市总结报告的一章"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "chapter"], name="one_chapter_of_its_kind_per_city_report"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report} “{self.get_chapter_display()}”"


class Bulletin(StatefulModel):
    """The act of publication: what of a campaign, on which basis, from when until when; nothing else is public.

    A 通报 is words with figures; 抽取结果 and 检查结果 bring their list, taken from the records when published.
    """

    States = BulletinState

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="bulletins")
    kind = models.CharField(
        "类别", max_length=10, choices=BulletinKind.choices, default=BulletinKind.BULLETIN
    )
    #: The draw whose result it is.
    run = models.ForeignKey(
        DrawRun, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    #: The office whose draw or inspections these are.
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    #: The day the information came about, from which the days of the law count.
    formed_on = models.DateField("信息形成日期", null=True, editable=False)
    title = models.CharField("标题", max_length=100)
    text = models.TextField("内容")
    basis = models.CharField("公开依据", max_length=300)
    visible_from = models.DateField("公开自")
    visible_until = models.DateField("公开至", null=True, blank=True)
    published_at = models.DateTimeField("发布时间", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    #: Paragraphs as they were published, with their figures (``narrative.paper``).
    published = models.JSONField(default=dict, editable=False)
    #: What anybody computes the draw again with, and the visits whose results these are.
    record = models.JSONField(default=dict, editable=False)
    visits = models.JSONField(default=list, editable=False)
    #: Every word of it, to be found by.
    searched = models.TextField(blank=True, editable=False)
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)
    withdrawal_reason = models.CharField("撤回理由", max_length=300, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    state = state_field(BulletinState.DRAFT, max_length=10)

    objects = BulletinQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通报"
        ordering = ("-pk",)
        constraints = [
            state_known("bulletin_state_known", BulletinState),
            models.CheckConstraint(
                name="a_bulletin_is_visible_for_some_time",
                condition=Q(visible_until=None) | Q(visible_until__gte=F("visible_from")),
            ),
            models.CheckConstraint(
                name="a_published_bulletin_says_when",
                condition=Q(state=BulletinState.DRAFT) | Q(published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("reporting:bulletin", self.pk)
