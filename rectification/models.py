"""Correction orders, what units submit, how offices decide, and what follows a failure."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from inspections.models import Finding, InspectionTask
from inspections.models.service import ServedPaper
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.models import Authority, MeasurementStandard

from .enums import (
    DispositionAction,
    DispositionState,
    ExtensionState,
    OrderKind,
    OrderState,
    ReferralRecipient,
    ReferralState,
    ReviewMethod,
    ReviewResult,
)
from .querysets import (
    DispositionQuerySet,
    FileQuerySet,
    OfFindingQuerySet,
    OfOrderQuerySet,
    OrderQuerySet,
    RectificationQuerySet,
    ReferralQuerySet,
)


class RectificationOrder(ServedPaper, StatefulModel):
    """责令改正通知书 or 整改通知书: the findings of one task a unit has to rectify by a day."""

    States = OrderState

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="orders")
    kind = models.CharField("文书", max_length=12, choices=OrderKind.choices)
    number = models.CharField("文书编号", max_length=60, unique=True)
    issued_on = models.DateField("日期")
    due_on = models.DateField("整改期限")
    requirement = models.TextField("整改要求")
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: What the papers say, as of the act; they are printed later and say the same.
    words = models.JSONField(default=dict, editable=False)
    confirmed_words = models.JSONField(default=dict, editable=False)
    document = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    confirmation = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)
    withdrawal_reason = models.TextField("撤回理由", blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: The paper again with 已撤回 on it; the one that was issued stays in ``document``.
    withdrawn_document = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    state = state_field(OrderState.PENDING, max_length=20)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改文书"
        constraints = [
            state_known("rectification_order_state_known", OrderState),
            models.CheckConstraint(
                name="an_order_is_due_after_it_is_issued",
                condition=Q(due_on__gte=models.F("issued_on")),
            ),
            models.CheckConstraint(
                name="a_withdrawn_order_says_when",
                condition=~Q(state=OrderState.WITHDRAWN) | Q(withdrawn_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["state", "task"], name="order_by_state")]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return address("rectification:order", self.pk)


class OrderItem(models.Model):
    """One finding under an order, with what exactly has to be done."""

    order = models.ForeignKey(RectificationOrder, on_delete=models.CASCADE, related_name="items")
    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="order_item")
    requirement = models.CharField("具体要求", max_length=300, blank=True)

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改事项"
        ordering = ("order", "pk")

    def __str__(self) -> str:
        return str(self.finding)


class WithdrawnItem(models.Model):
    """One finding that stood under an order until it was withdrawn, and where it went from there.

    Written when the order is withdrawn: figures and lists of earlier days read what was so then.
    """

    order = models.ForeignKey(
        RectificationOrder, on_delete=models.CASCADE, related_name="withdrawn_items"
    )
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="earlier_items")
    requirement = models.CharField("具体要求", max_length=300, blank=True)
    due_on = models.DateField("当时的整改期限", null=True)
    extended_from = models.DateField("当时的原整改期限", null=True)
    failed_at = models.DateTimeField("当时认定整改不合格的时间", null=True)
    until = models.DateTimeField("撤回时间", default=clock.now)
    replaced_by = models.ForeignKey(
        RectificationOrder,
        on_delete=models.PROTECT,
        null=True,
        related_name="replaced_items",
        verbose_name="重新列入的文书",
    )

    objects = OfOrderQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "撤回的整改事项"
        ordering = ("order", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["order", "finding"], name="one_withdrawn_item_per_finding"
            )
        ]
        indexes = [models.Index(fields=["finding", "until"], name="withdrawn_item_by_time")]

    def __str__(self) -> str:
        return str(self.finding)


class Rectification(models.Model):
    """What the unit reports on one finding: cause, action, prevention, evidence.

    The row is drafted and edited until it is submitted; each submission is a new ``round`` whose
    earlier rounds stay readable.
    """

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="rectifications")
    round = models.PositiveSmallIntegerField("次数", default=1)
    cause = models.TextField("原因分析", blank=True)
    action = models.TextField("整改措施", blank=True)
    prevention = models.TextField("预防措施", blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    client_id = models.UUIDField(null=True, editable=False)
    submitted_at = models.DateTimeField("报送时间", null=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    is_late = models.BooleanField("逾期", default=False, editable=False)

    objects = RectificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改情况"
        ordering = ("finding", "round")
        constraints = [
            models.UniqueConstraint(fields=["finding", "round"], name="one_rectification_per_round")
        ]

    def __str__(self) -> str:
        return f"{self.finding} 第{self.round}次整改"

    def next_round(self) -> "Rectification":
        """A fresh draft, unsaved, that starts from this round; the round itself stays as it is."""
        return Rectification(
            finding=self.finding,
            round=self.round + 1,
            cause=self.cause,
            action=self.action,
            prevention=self.prevention,
        )

    @property
    def outcome(self) -> "RectificationReview | None":
        """The office's decision on this round, once there is one."""
        return getattr(self, "review", None)


class RectificationFile(models.Model):
    """Evidence of repair: the photo after, the new certificate."""

    rectification = models.ForeignKey(Rectification, on_delete=models.PROTECT, related_name="files")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="after_files")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=200)
    client_id = models.UUIDField(unique=True, editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField(default=clock.now, editable=False)
    withdrawn_at = models.DateTimeField("撤下时间", null=True, editable=False)

    objects = FileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改证据"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("rectification:file", self.pk)


class ExtensionRequest(StatefulModel):
    """延期申请: one later day for one finding, asked for before the due day has passed."""

    States = ExtensionState

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="extensions")
    wanted_on = models.DateField("申请延至")
    reason = models.TextField("延期理由")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    due_on = models.DateField("批准延至", null=True, blank=True)
    opinion = models.TextField("审批意见", blank=True)
    state = state_field(ExtensionState.ASKED, max_length=8)

    objects = OfFindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "延期申请"
        ordering = ("pk",)
        constraints = [
            state_known("extension_request_state_known", ExtensionState),
            models.UniqueConstraint(
                fields=["finding"],
                condition=Q(state__in=sorted(ExtensionState.standing)),
                name="one_extension_per_finding",
            ),
            models.CheckConstraint(
                name="a_granted_extension_has_a_day",
                condition=~Q(state=ExtensionState.GRANTED) | Q(due_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.finding} 申请延期"

    def get_absolute_url(self) -> str:
        return self.finding.get_absolute_url()


class RectificationReview(models.Model):
    """The office's decision on one submission (通知二(三): 对整改情况予以确认)."""

    rectification = models.OneToOneField(
        Rectification, on_delete=models.PROTECT, related_name="review"
    )
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="reviews")
    method = models.CharField("方式", max_length=10, choices=ReviewMethod.choices)
    result = models.CharField("结果", max_length=10, choices=ReviewResult.choices)
    opinion = models.TextField("意见", blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reviewed_at = models.DateTimeField("时间", default=clock.now, editable=False)

    objects = OfFindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "整改审核"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.finding} {self.get_result_display()}"

    @property
    def result_tone(self) -> str:
        return ReviewResult(self.result).tone


class CertificateDisposition(StatefulModel):
    """证书处置: proposed by the inspecting, decided by the issuing authority (通知二(四))."""

    States = DispositionState

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="dispositions")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, related_name="dispositions"
    )
    action = models.CharField("处置", max_length=14, choices=DispositionAction.choices)
    reason = models.TextField("理由和依据")
    proposed_by_authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="+", verbose_name="提出部门"
    )
    decider = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="+", verbose_name="发证部门"
    )
    decision_no = models.CharField("决定文号", max_length=60, blank=True)
    decided_on = models.DateField("决定日期", null=True, blank=True)
    state = state_field(DispositionState.PROPOSED, max_length=10)

    objects = DispositionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "证书处置"
        constraints = [
            state_known("certificate_disposition_state_known", DispositionState),
            models.CheckConstraint(
                name="a_decided_disposition_has_a_date",
                condition=~Q(state=DispositionState.DECIDED) | Q(decided_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.standard} {self.get_action_display()}"

    def get_absolute_url(self) -> str:
        return address("rectification:disposition", self.pk)


class CaseReferral(StatefulModel):
    """案件移送: a finding, or a visit that was refused, handed to enforcement (通知二(四)).

    A refused visit has no finding: the refusal itself is the case (行政许可法第八十条第（三）项).
    """

    States = ReferralState

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="referrals")
    finding = models.ForeignKey(
        Finding, on_delete=models.PROTECT, null=True, related_name="referrals"
    )
    recipient = models.CharField(
        "移送对象",
        max_length=12,
        choices=ReferralRecipient.choices,
        default=ReferralRecipient.OTHER,
    )
    sent_to = models.CharField("移送至", max_length=100)
    reason = models.TextField("移送理由")
    legal_basis = models.CharField("法律依据", max_length=300)
    sent_on = models.DateField("移送日期")
    case_no = models.CharField("案号", max_length=60, blank=True)
    fine = models.DecimalField("罚没金额（元）", max_digits=12, decimal_places=2, default=0)
    outcome = models.CharField("处理结果", max_length=300, blank=True)
    state = state_field(ReferralState.SENT, max_length=16)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "案件移送"
        constraints = [
            state_known("case_referral_state_known", ReferralState),
            models.CheckConstraint(name="a_fine_is_not_negative", condition=Q(fine__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.finding or self.task} 移送{self.sent_to}"

    def get_absolute_url(self) -> str:
        return address("rectification:referral", self.pk)


class EarlierProgress(models.Model):
    """How far a case had come before it went on: kept for the figures of those days."""

    referral = models.ForeignKey(CaseReferral, on_delete=models.CASCADE, related_name="earlier")
    until = models.DateTimeField("进展时间", default=clock.now)
    state = models.CharField("状态", max_length=16, choices=ReferralState.choices)
    case_no = models.CharField("案号", max_length=60, blank=True)
    fine = models.DecimalField("罚没金额（元）", max_digits=12, decimal_places=2, default=0)

    class Meta:
        verbose_name = verbose_name_plural = "移送案件此前的进展"
        ordering = ("referral", "pk")
        indexes = [models.Index(fields=["referral", "until"], name="earlier_progress_by_time")]

    def __str__(self) -> str:
        return f"{self.referral} {self.get_state_display()}"
