"""Self-check reports of units (Annex 1 items) and of district bureaus (Annex 2 items)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, ChecklistItem, ChecklistTemplate
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.enums import Answer
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.models import Authority, MeasurementStandard, Unit

from .enums import ReportState, SubjectKind
from .querysets import CoveredQuerySet, OfReportQuerySet, ReportQuerySet


class SelfCheckReport(StatefulModel):
    """自查报告: one per unit and issuing authority, because a unit may owe reports to two issuers.

    For a bureau's self-check of its certification work ``bureau`` is set instead of ``unit`` and
    the municipal office receives it (通知二(一)).
    """

    States = ReportState

    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="self_checks", db_index=False
    )
    kind = models.CharField("类别", max_length=8, choices=SubjectKind.choices)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, related_name="self_checks", db_index=False
    )
    bureau = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, related_name="self_checks"
    )
    receiver = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="received_self_checks"
    )
    template = models.ForeignKey(ChecklistTemplate, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("报送期限")
    summary = models.TextField("自查情况", blank=True)
    declaration_by = models.CharField("单位负责人", max_length=40, blank=True)
    revision = models.PositiveSmallIntegerField("版次", default=1, editable=False)
    first_submitted_at = models.DateTimeField("首次报送", null=True, editable=False)
    submitted_at = models.DateTimeField("报送时间", null=True, editable=False)
    is_late = models.BooleanField("逾期报送", default=False, editable=False)
    receipt_no = models.CharField("回执编号", max_length=60, blank=True, editable=False)
    #: What the receipt of the last submission says, as of that submission.
    receipt = models.JSONField(default=dict, editable=False)
    state = state_field(ReportState.NOT_STARTED, max_length=12)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查报告"
        constraints = [
            state_known("self_check_report_state_known", ReportState),
            models.CheckConstraint(
                name="self_check_subject_fits_kind",
                condition=Q(kind=SubjectKind.UNIT, unit__isnull=False, bureau=None)
                | Q(kind=SubjectKind.BUREAU, unit=None, bureau__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["campaign", "unit", "receiver"],
                condition=Q(kind=SubjectKind.UNIT),
                name="one_self_check_per_unit_and_issuer",
            ),
            models.UniqueConstraint(
                fields=["campaign", "bureau"],
                condition=Q(kind=SubjectKind.BUREAU),
                name="one_self_check_per_bureau",
            ),
            models.UniqueConstraint(
                fields=["receipt_no"],
                condition=~Q(receipt_no=""),
                name="one_self_check_per_receipt_number",
            ),
            models.CheckConstraint(
                name="a_received_self_check_has_a_time",
                condition=~Q(state__in=ReportState.received)
                | Q(submitted_at__isnull=False, first_submitted_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "receiver", "state"], name="report_by_receiver"),
            models.Index(fields=["unit", "campaign", "receiver", "state"], name="report_of_unit"),
            # What is counted and what is late is answered by the index alone.
            models.Index(fields=["campaign", "state", "due_on", "bureau"], name="report_by_state"),
            models.Index(
                fields=["campaign", "due_on", "id", "state", "bureau"], name="report_by_day"
            ),
            # In the order of names: which unit each is about, without reading the reports.
            models.Index(fields=["campaign", "kind", "unit"], name="report_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} 自查报告"

    def get_state_display(self) -> str:  # type: ignore[no-redef]  # the plugin writes one, too
        """People read the state of this moment."""
        return str(self.States(self.state_now).label)

    def get_absolute_url(self) -> str:
        return address("selfcheck:detail", self.pk)

    @property
    def subject(self) -> Unit | Authority:
        """Who checked itself."""
        return self.unit or self.bureau  # type: ignore[return-value]


class SelfCheckStandard(models.Model):
    """A standard covered by a report."""

    report = models.ForeignKey(SelfCheckReport, on_delete=models.CASCADE, related_name="covered")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, related_name="self_checks"
    )
    #: It left the scope with nothing written about it: asked about no more, kept for figures of earlier days.
    left_at = models.DateTimeField("移出时间", null=True, editable=False)

    objects = CoveredQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查标准"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "standard"], name="a_standard_is_once_in_a_report"
            )
        ]

    def __str__(self) -> str:
        return str(self.standard)


class SelfCheckAnswer(models.Model):
    """The answer to one item, for one standard or for the subject as a whole.

    ``version`` counts saves; a save says which version it is based on. ``client_id`` is that of
    the last save, so that the same save sent twice counts once.
    """

    report = models.ForeignKey(SelfCheckReport, on_delete=models.CASCADE, related_name="answers")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, null=True, related_name="+"
    )
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("答案", max_length=16, choices=Answer.choices, blank=True)
    note = models.TextField("说明", blank=True)
    review_mark = models.CharField("审核意见", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    client_id = models.UUIDField(null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查答案"
        constraints = [
            models.UniqueConstraint(
                fields=["report", "standard", "item"],
                condition=Q(standard__isnull=False),
                name="one_self_check_answer_per_standard_and_item",
            ),
            models.UniqueConstraint(
                fields=["report", "item"],
                condition=Q(standard=None),
                name="one_self_check_answer_per_subject_item",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} {Answer.word(self.answer, prohibition=self.item.is_prohibition)}"


class SelfCheckProblem(models.Model):
    """A problem found in the self-check, its measure and its prevention (通知二(一))."""

    report = models.ForeignKey(SelfCheckReport, on_delete=models.CASCADE, related_name="problems")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    item = models.ForeignKey(
        ChecklistItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    description = models.TextField("存在问题")
    measure = models.TextField("整改措施", blank=True)
    prevention_measure = models.TextField("预防措施", blank=True)
    rectified_on = models.DateField("完成整改日期", null=True, blank=True)
    found_on = models.DateField("发现日期", default=clock.today)
    created_at = models.DateTimeField("记录时间", default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    client_id = models.UUIDField(unique=True, editable=False)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查问题"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.description[:40]


class EarlierProblem(models.Model):
    """What a reported problem said before it was changed: kept for the figures of those days."""

    problem = models.ForeignKey(SelfCheckProblem, on_delete=models.CASCADE, related_name="earlier")
    until = models.DateTimeField("修改时间", default=clock.now)
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, null=True, related_name="+"
    )
    rectified_on = models.DateField("完成整改日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "自查问题修改前的内容"
        ordering = ("problem", "pk")
        indexes = [models.Index(fields=["problem", "until"], name="earlier_problem_by_time")]

    def __str__(self) -> str:
        return str(self.problem)


class SelfCheckFile(models.Model):
    """Material that goes with a report, or evidence for one of its problems."""

    report = models.ForeignKey(SelfCheckReport, on_delete=models.CASCADE, related_name="files")
    problem = models.ForeignKey(
        SelfCheckProblem, on_delete=models.CASCADE, null=True, related_name="files"
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=200)
    client_id = models.UUIDField(unique=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(default=clock.now, editable=False)

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "自查材料"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("selfcheck:file", self.pk)
