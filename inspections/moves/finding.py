"""The moves of a finding. Findings arise when a task is concluded; the rectification stage moves them on.

Permission is the caller's business; what may follow what, and by when, is decided here.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from inspections.enums import FindingState as State
from inspections.models import Finding
from metrostd.common import clock
from metrostd.common.calendar import add_workdays
from metrostd.common.transitions import Transition, bulk_apply

#: A unit may object within five work days of the visit.
OBJECTION_WORKDAYS = 5

RAISE = Transition("raise", "确认问题", frozenset({State.DRAFT}), State.RAISED)
RECALL = Transition(
    "recall", "随检查表退回", frozenset({State.RAISED}), State.DRAFT, needs_note=True
)
DISPUTE = Transition(
    "dispute", "提出异议", frozenset({State.RAISED}), State.DISPUTED, needs_note=True
)
UPHOLD = Transition(
    "uphold", "异议不成立", frozenset({State.DISPUTED}), State.RAISED, needs_note=True
)
WITHDRAW = Transition(
    "withdraw", "认定问题不成立", frozenset({State.DISPUTED}), State.WITHDRAWN, needs_note=True
)
ORDER = Transition("order", "责令整改", frozenset({State.RAISED}), State.ORDERED)
CORRECT_ON_SPOT = Transition(
    "correct_on_spot", "认定当场改正", frozenset({State.RAISED}), State.NO_ACTION, needs_note=True
)
SUBMIT = Transition(
    "submit", "报送整改情况", frozenset({State.ORDERED, State.RETURNED}), State.SUBMITTED
)
VERIFY = Transition("verify", "确认整改合格", frozenset({State.SUBMITTED}), State.VERIFIED)
SEND_BACK = Transition(
    "send_back", "退回整改", frozenset({State.SUBMITTED}), State.RETURNED, needs_note=True
)
FAIL = Transition(
    "fail",
    "认定整改不合格",
    frozenset({State.SUBMITTED, State.RETURNED, State.ORDERED}),
    State.FAILED,
    needs_note=True,
)
EXTEND = Transition(
    "extend", "同意延期", frozenset({State.ORDERED}), State.ORDERED, needs_note=True
)
HANDLE = Transition(
    "handle", "登记处理结果", frozenset({State.FAILED}), State.HANDLED, needs_note=True
)

MOVES = (
    RAISE,
    RECALL,
    DISPUTE,
    UPHOLD,
    WITHDRAW,
    ORDER,
    CORRECT_ON_SPOT,
    SUBMIT,
    VERIFY,
    SEND_BACK,
    FAIL,
    EXTEND,
    HANDLE,
)


def raise_finding(finding: Finding, *, actor: Any, note: str = "") -> None:
    """Confirm a drafted finding (the team leader's act when the task is concluded)."""
    RAISE.apply(finding, actor=actor, note=note)


def raise_all(findings: list[Finding], *, actor: Any) -> int:
    """Confirm the drafted findings of one task with one write; returns how many."""
    return bulk_apply(RAISE, list(findings), actor=actor)


def recall_all(findings: list[Finding], *, actor: Any, note: str) -> int:
    """Take confirmed findings back into draft because their task is reopened before review."""
    return bulk_apply(RECALL, list(findings), actor=actor, note=note)


def objection_deadline(finding: Finding) -> dt.date | None:
    """The last day for an objection: five work days after the visit; None before a visit.

    The visit ends with the signatures: when it was given back and signed again, the days count
    from the second signing, because the unit has not seen these findings before.
    """
    task = finding.task
    ended = finding.sheet.signed_at or task.left_at or task.arrived_at
    if ended is None:
        return None
    return add_workdays(timezone.localtime(ended).date(), OBJECTION_WORKDAYS)


def dispute(finding: Finding, *, actor: Any, note: str) -> None:
    """The unit objects, with reasons, within five work days of the visit.

    Raises ValidationError after that day, TransitionError when the finding is not 已确认.
    """
    last = objection_deadline(finding)
    if DISPUTE.allowed_from(finding.state) and last is not None and clock.today() > last:
        raise ValidationError(
            {
                "note": f"异议应在检查结束后5个工作日内提出，已于{last.year}年{last.month}月{last.day}日截止。"
            }
        )
    DISPUTE.apply(finding, actor=actor, note=note)


def uphold(finding: Finding, *, actor: Any, note: str) -> None:
    """The office decides in writing that the finding stands."""
    UPHOLD.apply(finding, actor=actor, note=note, decision=note)


def withdraw(finding: Finding, *, actor: Any, note: str) -> None:
    """The office decides in writing that the finding does not stand; it is no longer counted."""
    WITHDRAW.apply(finding, actor=actor, note=note, decision=note)


def order(finding: Finding, *, actor: Any, due_on: dt.date, note: str = "") -> None:
    """Put the finding under a correction order with a due day."""
    ORDER.apply(finding, actor=actor, note=note, due_on=due_on)


def correct_on_spot(finding: Finding, *, actor: Any, note: str) -> None:
    """Corrected during the visit, with evidence; still counted as a finding."""
    CORRECT_ON_SPOT.apply(finding, actor=actor, note=note, decision=note)


def submit(finding: Finding, *, actor: Any, note: str = "") -> None:
    """The unit reports what it did about the finding."""
    SUBMIT.apply(finding, actor=actor, note=note)


def verify(finding: Finding, *, actor: Any, note: str = "") -> None:
    """The office confirms the rectification (通知二(三))."""
    VERIFY.apply(finding, actor=actor, note=note, decision=note or finding.decision)


def send_back(finding: Finding, *, actor: Any, note: str) -> None:
    """Return a submission for completion; not after the due day, then only 合格 or 不合格 is left."""
    due = finding.due_on
    if SEND_BACK.allowed_from(finding.state) and due is not None and clock.today() > due:
        raise ValidationError({"note": "整改期限已过，不能再退回；请确认合格或认定整改不合格。"})
    SEND_BACK.apply(finding, actor=actor, note=note, decision=note)


def fail(finding: Finding, *, actor: Any, note: str) -> None:
    """整改不合格: requirements not met, or the due day passed without an approved extension."""
    FAIL.apply(finding, actor=actor, note=note, decision=note, failed_at=clock.now())


def extend(
    finding: Finding, *, actor: Any, due_on: dt.date, note: str, asked_on: dt.date | None = None
) -> None:
    """Move the due day once, not beyond the day the summary is due; asked for before it passed.

    ``asked_on`` is the day the unit asked, today when the office acts of itself. Raises
    ValidationError naming the rule that stands against it.
    """
    if EXTEND.allowed_from(finding.state):
        _check_extension(finding, due_on, asked_on or clock.today())
    EXTEND.apply(finding, actor=actor, note=note, due_on=due_on, extended_from=finding.due_on)


def _check_extension(finding: Finding, due_on: dt.date, asked_on: dt.date) -> None:
    old = finding.due_on
    last = finding.task.campaign.summary_due
    if finding.extended_from is not None:
        raise ValidationError({"due_on": "每个问题只能延期一次。"})
    if old is not None and asked_on > old:
        raise ValidationError({"due_on": "整改期限已过，不能再延期。"})
    if old is not None and due_on <= old:
        raise ValidationError({"due_on": "延期后的期限应晚于原期限。"})
    if due_on < clock.today():
        raise ValidationError({"due_on": "延期后的期限不能早于今天。"})
    if due_on > last:
        raise ValidationError(
            {"due_on": f"延期不得超过{last.year}年{last.month}月{last.day}日（总结报告报送期限）。"}
        )


def handle(finding: Finding, *, actor: Any, note: str) -> None:
    """Record that a failed finding has been dealt with: a disposition or the result of a case."""
    HANDLE.apply(finding, actor=actor, note=note, decision=note)
