"""疑难复杂情况一事一报 (通知三(二)): one matter a report, the opinions asked for, the answer."""

from django.conf import settings
from django.db import models

from campaigns.models import Campaign, ChecklistItem
from inspections.enums import SingleIssueState, Urgency
from inspections.querysets import OpinionQuerySet, SingleIssueQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.registry.models import Authority

from .finding import Finding
from .task import InspectionTask


class SingleIssueReport(StatefulModel):
    """One matter an office or a team on site cannot settle by itself, put to the office that runs the campaign.

    A ruling (统一口径) is what the answer means for everybody: in general words, found again beside the item.
    """

    States = SingleIssueState

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="single_issues", db_index=False
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="single_issues", verbose_name="上报部门"
    )
    reported_to = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="+", verbose_name="报送"
    )
    number = models.CharField("编号", max_length=40, editable=False)
    task = models.ForeignKey(
        InspectionTask,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="single_issues",
        verbose_name="检查任务",
    )
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, null=True, blank=True, related_name="single_issues"
    )
    item = models.ForeignKey(
        ChecklistItem,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="检查项",
    )
    #: Of the item as it was asked: a ruling is found by it in later versions of the checklist, too.
    item_code = models.CharField("检查项编码", max_length=4, blank=True, editable=False)
    urgency = models.CharField(
        "缓急", max_length=10, choices=Urgency.choices, default=Urgency.ORDINARY
    )
    subject = models.CharField("事项", max_length=80)
    facts = models.TextField("事实情况")
    question = models.TextField("请示的问题")
    proposal = models.TextField("处理建议", blank=True)
    reported_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", verbose_name="上报人"
    )
    reported_at = models.DateTimeField("上报时间", default=clock.now, editable=False)
    due_on = models.DateField("答复期限", editable=False)
    answer = models.TextField("答复", blank=True, editable=False)
    basis = models.CharField("依据", max_length=200, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    ruling = models.TextField("统一口径", blank=True, editable=False)
    ruling_ended_at = models.DateTimeField("口径停用时间", null=True, editable=False)
    closed_at = models.DateTimeField("办结时间", null=True, editable=False)
    state = state_field(SingleIssueState.REPORTED, max_length=16)

    objects = SingleIssueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一事一报"
        constraints = [
            state_known("single_issue_state_known", SingleIssueState),
            models.UniqueConstraint(fields=["number"], name="a_single_issue_has_its_own_number"),
            models.CheckConstraint(
                name="an_answered_issue_has_an_answer",
                condition=models.Q(state__in=["reported", "in_consultation"])
                | (~models.Q(answer="") & models.Q(answered_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "authority", "state"], name="single_issue_by_office"),
            models.Index(fields=["item_code"], name="single_issue_by_item"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    def get_absolute_url(self) -> str:
        return address("inspections:single_issue", self.pk)

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still waits for the answer."""
        return self.state in SingleIssueState.waiting

    @property
    def is_ruling(self) -> bool:
        """Whether its answer stands as a ruling for everybody."""
        return bool(self.ruling) and self.ruling_ended_at is None


class Opinion(models.Model):
    """What one person was asked about a matter, and said (及时协商)."""

    issue = models.ForeignKey(SingleIssueReport, on_delete=models.CASCADE, related_name="opinions")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", verbose_name="征求意见的人员"
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField("征求时间", default=clock.now, editable=False)
    text = models.TextField("意见", blank=True)
    given_at = models.DateTimeField("提出时间", null=True, editable=False)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协商意见"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "membership"], name="a_person_is_asked_once_about_an_issue"
            )
        ]

    def __str__(self) -> str:
        return f"{self.membership.user}的意见"
