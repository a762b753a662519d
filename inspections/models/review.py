"""考核工作监督检查 of a drawn bureau (通知二(二)2、二(四)): the review, facts of its case files, problems found."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, ChecklistItem, DrawnBureau
from inspections.enums import Severity
from inspections.enums.reviews import CasePaper, ProblemResult, ReviewState
from inspections.querysets import CaseQuerySet, ProblemQuerySet, ReviewQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.enums import Answer
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.models import Authority

from .sheet import ChecklistAnswer, ChecklistSheet
from .task import InspectionTask


class CertificationReview(StatefulModel):
    """One drawn bureau from the draw to the confirmation of its measures; the visit is its ``task``."""

    States = ReviewState

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reviews")
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="+", verbose_name="组织检查的部门"
    )
    bureau = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="reviews", verbose_name="被检查区局"
    )
    drawn = models.OneToOneField(DrawnBureau, on_delete=models.PROTECT, related_name="review")
    task = models.OneToOneField(InspectionTask, on_delete=models.PROTECT, related_name="review")
    files_due_on = models.DateField("案卷备齐期限", null=True, blank=True)
    files_request = models.CharField("其他需要准备的材料", max_length=300, blank=True)
    concluded_at = models.DateTimeField("检查结束时间", null=True, editable=False)
    measures_due_on = models.DateField("整改期限", null=True, blank=True)
    requirement = models.CharField("整改要求", max_length=300, blank=True)
    #: What the notice and the demand said when they were sent; later names do not reach them.
    notice = models.JSONField(default=dict, editable=False)
    demand = models.JSONField(default=dict, editable=False)
    submitted_at = models.DateTimeField("报送时间", null=True, editable=False)
    is_late = models.BooleanField("逾期报送", default=False, editable=False)
    decided_at = models.DateTimeField("确认或者认定不合格的时间", null=True, editable=False)
    reported_to = models.CharField("上报对象", max_length=100, blank=True, editable=False)
    reported_on = models.DateField("上报日期", null=True, editable=False)
    state = state_field(ReviewState.DRAWN, max_length=20)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核工作监督检查"
        ordering = ("campaign", "bureau__code", "pk")
        constraints = [
            state_known("certification_review_state_known", ReviewState),
            models.CheckConstraint(
                name="measures_are_due_on_a_day",
                condition=~Q(state__in=["measures_due", "measures_submitted", "failed"])
                | Q(measures_due_on__isnull=False),
            ),
            models.CheckConstraint(
                name="what_was_reported_up_says_when",
                condition=~Q(state="reported_up")
                | (Q(reported_on__isnull=False) & ~Q(reported_to="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bureau} 考核工作监督检查"

    def get_absolute_url(self) -> str:
        return address("inspections:certification", self.pk)


class CaseRecord(models.Model):
    """案卷要素: the days and people of one case file, from which the portal counts and compares."""

    #: What the values of a column that holds a list mean.
    LISTS: ClassVar[dict[str, type[models.TextChoices]]] = {"documents": CasePaper}

    sheet = models.OneToOneField(
        ChecklistSheet, on_delete=models.PROTECT, related_name="case_record"
    )
    applied_on = models.DateField("申请日期", null=True, blank=True)
    supplement_on = models.DateField("补正告知日期", null=True, blank=True)
    accepted_on = models.DateField("受理日期", null=True, blank=True)
    organised_on = models.DateField("通知考评计划日期", null=True, blank=True)
    appraised_on = models.DateField("考评（含整改）完成日期", null=True, blank=True)
    rectify_due_on = models.DateField("考评整改期限", null=True, blank=True)
    rectified_on = models.DateField("考评整改完成日期", null=True, blank=True)
    materials_on = models.DateField("收到考评材料日期", null=True, blank=True)
    decided_on = models.DateField("审批决定日期", null=True, blank=True)
    is_extended = models.BooleanField("审批依法延期并已告知理由", default=False)
    delivered_on = models.DateField("发证送达日期", null=True, blank=True)
    previous_until = models.DateField("原证书有效期至", null=True, blank=True)
    documents = models.JSONField("收取的申请材料", default=list, blank=True)
    other_documents = models.CharField("清单以外收取的材料", max_length=200, blank=True)
    reviewer = models.CharField("复核人", max_length=40, blank=True)
    approver = models.CharField("审批人", max_length=40, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="填写人",
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案卷要素"

    def __str__(self) -> str:
        return str(self.sheet)


class CaseAppraiser(models.Model):
    """A 考评员 of a case file: one on record, or as the papers of the file name them."""

    record = models.ForeignKey(CaseRecord, on_delete=models.CASCADE, related_name="appraisers")
    place = models.PositiveSmallIntegerField("次序")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField("姓名", max_length=40)
    employer = models.CharField("工作单位", max_length=140, blank=True)
    cert_valid_until = models.DateField("考评员证有效期至", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "案卷考评员"
        ordering = ("record", "place")
        constraints = [
            models.UniqueConstraint(fields=["record", "place"], name="one_appraiser_per_place")
        ]

    def __str__(self) -> str:
        return self.name


class ReviewProblem(models.Model):
    """考核工作问题: one item of Annex 2 that is not met, with the bureau's measure and what became of it.

    After a reopening a problem whose answer is none any more stays on record and counts no more (``stands``).
    """

    review = models.ForeignKey(
        CertificationReview, on_delete=models.PROTECT, related_name="problems"
    )
    sheet = models.ForeignKey(
        ChecklistSheet, on_delete=models.PROTECT, related_name="review_problems"
    )
    answer = models.OneToOneField(
        ChecklistAnswer, on_delete=models.PROTECT, related_name="review_problem"
    )
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="+")
    group = models.CharField("分组", max_length=2)
    severity = models.CharField("程度", max_length=12, choices=Severity.choices)
    is_key = models.BooleanField("重点项", default=False)
    fact = models.TextField("事实")
    basis = models.CharField("依据", max_length=300, blank=True)
    self_check_answer = models.CharField(
        "自查答案", max_length=16, choices=Answer.choices, blank=True
    )
    raised_at = models.DateTimeField("认定时间", default=clock.now, editable=False)
    stands = models.BooleanField(default=True, editable=False)
    measure = models.TextField("整改措施", blank=True)
    prevention = models.TextField("预防措施", blank=True)
    completed_on = models.DateField("完成日期", null=True, blank=True)
    proof = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proof_name = models.CharField("证明材料", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    result = models.CharField("确认结果", max_length=12, choices=ProblemResult.choices, blank=True)
    opinion = models.CharField("确认意见", max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField("确认时间", null=True, editable=False)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "考核工作问题"
        ordering = ("review", "item__section__order", "item__order", "pk")
        constraints = [
            models.CheckConstraint(
                name="a_decided_problem_says_by_whom_and_when",
                condition=Q(result="") | Q(decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} {self.fact[:30]}"

    def get_absolute_url(self) -> str:
        return self.review.get_absolute_url()

    @property
    def severity_tone(self) -> str:
        return Severity(self.severity).tone
