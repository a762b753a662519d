"""Lists of units handed to the districts that inspect them, and the rows that come back."""

import datetime as dt

from django.db import models
from django.db.models import Q

from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.registry.enums import (
    HandOverState,
    ReturnDecision,
    ReturnReason,
    ReturnState,
)
from metrostd.registry.querysets import HandOverQuerySet, HandOverReturnQuerySet

from .imports import ImportBatch, ImportRow
from .organisation import Authority


class HandOver(StatefulModel):
    """移交: the rows of one committed list that concern one district, until it has 签收.

    A district that has acknowledged and is given a further row gets a second one (``reason`` says
    why); at most one of a list waits in each district. The rows point here (``ImportRow.hand_over``).
    """

    States = HandOverState

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="hand_overs")
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="hand_overs", verbose_name="区局"
    )
    reason = models.CharField("补充移交的原因", max_length=200, blank=True)
    due_on = models.DateField("签收期限")
    acknowledged_at = models.DateTimeField("签收时间", null=True, editable=False)
    acknowledged_by = models.CharField("签收人", max_length=80, blank=True, editable=False)
    receipt_no = models.CharField("回执编号", max_length=60, blank=True, editable=False)
    #: What the receipt prints, as it was on the day: rows accepted and rows sent back.
    receipt = models.JSONField(default=dict, editable=False)
    state = state_field(HandOverState.SENT, max_length=14)

    #: Columns of ``with_counts``.
    row_count: int
    new_count: int
    unconfirmed_count: int
    draft_count: int
    open_count: int
    answered_count: int

    objects = HandOverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单移交"
        ordering = ("-pk",)
        constraints = [
            state_known("hand_over_state_known", HandOverState),
            models.CheckConstraint(
                name="an_acknowledged_hand_over_has_a_receipt",
                condition=~Q(state="acknowledged")
                | (Q(acknowledged_at__isnull=False) & ~Q(receipt_no="")),
            ),
            models.UniqueConstraint(
                fields=["receipt_no"],
                condition=~Q(receipt_no=""),
                name="one_hand_over_per_receipt_number",
            ),
            models.UniqueConstraint(
                fields=["batch", "authority"],
                condition=Q(state="sent"),
                name="one_waiting_hand_over_per_list_and_district",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority}：{self.batch}"

    def get_absolute_url(self) -> str:
        return address("lists:hand_over", self.pk)

    @property
    def is_sent(self) -> bool:
        """Whether the district has still to acknowledge it."""
        return self.state == HandOverState.SENT

    def is_late(self, on: dt.date) -> bool:
        return self.state == HandOverState.SENT and self.due_on < on


class HandOverReturn(StatefulModel):
    """退回的一行: why a district will not take a row, and what the issuing office says to it."""

    States = ReturnState

    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, related_name="returns")
    # A row only disappears when a list taken back is read again; then nothing was sent back yet.
    row = models.ForeignKey(ImportRow, on_delete=models.CASCADE, related_name="returns")
    reason = models.CharField("退回原因", max_length=12, choices=ReturnReason.choices)
    #: Where the unit is, as far as the district knows.
    district = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    words = models.CharField("说明", max_length=300, blank=True)
    decision = models.CharField(
        "处理", max_length=12, choices=ReturnDecision.choices, blank=True, editable=False
    )
    moved_to = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    answer = models.CharField("答复", max_length=300, blank=True, editable=False)
    decided_at = models.DateTimeField("处理时间", null=True, editable=False)
    state = state_field(ReturnState.DRAFT, max_length=10)

    objects = HandOverReturnQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "退回的名单行"
        ordering = ("pk",)
        constraints = [
            state_known("hand_over_return_state_known", ReturnState),
            models.UniqueConstraint(
                fields=["row"],
                condition=Q(state__in=["draft", "open", "answered"]),
                name="a_row_is_returned_once_at_a_time",
            ),
            models.CheckConstraint(
                name="an_answered_return_says_what_was_decided",
                condition=~Q(state="answered") | (~Q(decision="") & ~Q(answer="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row.unit or self.row}（{self.get_reason_display()}）"

    def get_absolute_url(self) -> str:
        return address("lists:returned", self.pk)

    @property
    def reason_words(self) -> str:
        """The reason as one sentence, with the district named and the words given."""
        place = f"（{self.district}）" if self.district else ""
        said = f"：{self.words}" if self.words else ""
        return f"{self.get_reason_display()}{place}{said}"
