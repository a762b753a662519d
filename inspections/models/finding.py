"""What a visit found, and the order to stop value transfer."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.enums import ProblemCategory
from campaigns.models import Campaign, ChecklistItem
from inspections.enums import FindingState, Severity, StopState
from inspections.querysets import FindingQuerySet, StopQuerySet
from metrostd.common.addresses import address
from metrostd.common.enums import Answer
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.registry.models import Authority, MeasurementStandard

from .service import ServedPaper
from .sheet import ChecklistAnswer, ChecklistSheet
from .task import InspectionTask


class Finding(StatefulModel):
    """发现问题: one problem on one item, with fact and basis; rectified, confirmed, struck off."""

    States = FindingState

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="findings")
    #: As the task has them, which never changes them: the lists of a campaign are read by these.
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="findings", db_index=False, editable=False
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="+", db_index=False, editable=False
    )
    sheet = models.ForeignKey(ChecklistSheet, on_delete=models.PROTECT, related_name="findings")
    answer = models.OneToOneField(ChecklistAnswer, on_delete=models.PROTECT, related_name="finding")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, null=True, related_name="findings"
    )
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="findings")
    category = models.CharField("问题类别", max_length=1, choices=ProblemCategory.choices)
    severity = models.CharField("程度", max_length=12, choices=Severity.choices)
    is_key = models.BooleanField("重点项", default=False)
    fact = models.TextField("事实")
    basis = models.CharField("依据", max_length=300)
    self_check_answer = models.CharField(
        "自查答案", max_length=16, choices=Answer.choices, blank=True
    )
    due_on = models.DateField("整改期限", null=True, blank=True, editable=False)
    extended_from = models.DateField("原整改期限", null=True, blank=True, editable=False)
    objection_waiver = models.CharField("放弃异议的情况", max_length=300, blank=True)
    decision = models.TextField("决定", blank=True)
    failed_at = models.DateTimeField("认定整改不合格的时间", null=True, editable=False)
    state = state_field(FindingState.DRAFT, max_length=12)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发现问题"
        constraints = [
            state_known("finding_state_known", FindingState),
            models.CheckConstraint(
                name="a_finding_under_rectification_has_a_due_date",
                condition=~Q(state__in=FindingState.in_rectification) | Q(due_on__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["task", "state", "due_on"], name="finding_of_task"),
            # What is counted and what is listed of a campaign is answered by the index alone.
            models.Index(fields=["campaign", "state", "due_on"], name="finding_by_state"),
            models.Index(fields=["campaign", "due_on", "id", "state"], name="finding_by_day"),
            models.Index(
                fields=["authority", "campaign", "state", "due_on"], name="finding_of_office"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} {self.fact[:30]}"

    def get_state_display(self) -> str:  # type: ignore[no-redef]  # the plugin writes one, too
        """People read the state of this moment."""
        return str(self.States(self.state_now).label)

    def get_absolute_url(self) -> str:
        return address("rectification:finding", self.pk)

    @property
    def severity_word(self) -> str:
        """不符合 or 有缺陷; of prohibited conduct 发现. Reads the item: lists bring it along."""
        if self.item.is_prohibition:
            return Answer.word(self.severity, prohibition=True)
        return str(Severity(self.severity).label)

    @property
    def self_check_word(self) -> str:
        return Answer.word(self.self_check_answer, prohibition=self.item.is_prohibition)

    @property
    def severity_tone(self) -> str:
        return Severity(self.severity).tone


class StopTransferOrder(ServedPaper, StatefulModel):
    """责令停止量值传递: a signed act of the inspecting office; the checklist only suggests it."""

    States = StopState

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="stop_orders")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, related_name="stop_orders"
    )
    number = models.CharField("文书编号", max_length=60, blank=True)
    basis = models.TextField("事实和依据")
    #: Every field of the notice as it was approved; names of later days do not reach it.
    paper = models.JSONField(default=dict, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField("批准时间", null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    in_force_from = models.DateField("起始日期", null=True, blank=True)
    #: The unit says that the standard meets its conditions again and asks for somebody to come and see.
    acceptance_asked_at = models.DateTimeField("申请验收的时间", null=True, editable=False)
    acceptance_asked = models.CharField(
        "申请验收的说明", max_length=300, blank=True, editable=False
    )
    accepted_on = models.DateField("验收日期", null=True, blank=True)
    acceptance = models.CharField("验收情况", max_length=300, blank=True)
    not_accepted_on = models.DateField("验收不合格的日期", null=True, editable=False)
    not_accepted_why = models.CharField(
        "验收不合格的情况", max_length=300, blank=True, editable=False
    )
    lifted_on = models.DateField("解除日期", null=True, blank=True)
    lifted_basis = models.CharField("解除依据", max_length=300, blank=True)
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True, editable=False)
    withdrawal_reason = models.CharField("撤回理由", max_length=300, blank=True, editable=False)
    state = state_field(StopState.PROPOSED, max_length=12)

    objects = StopQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责令停止量值传递"
        constraints = [
            state_known("stop_transfer_order_state_known", StopState),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="one_stop_order_per_number"
            ),
            models.UniqueConstraint(
                fields=["task", "standard"],
                condition=~Q(state=StopState.WITHDRAWN),
                name="one_stop_order_per_task_and_standard",
            ),
            models.CheckConstraint(
                name="a_stop_in_force_has_a_start",
                condition=~Q(state__in=["in_force", "lifted"]) | Q(in_force_from__isnull=False),
            ),
            models.CheckConstraint(
                name="a_withdrawn_stop_says_when",
                condition=~Q(state=StopState.WITHDRAWN) | Q(withdrawn_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard} 停止量值传递"

    def get_absolute_url(self) -> str:
        return self.task.get_absolute_url()
