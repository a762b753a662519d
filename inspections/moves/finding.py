"""The moves of a finding. Findings arise when a task is concluded; the rectification stage moves them on.

Permission is the caller's business; what may follow what, and by when, is decided here.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

from inspections.deadlines import OBJECTION_WORKDAYS
from inspections.enums import FindingState as State
from inspections.models import Finding
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.common.templatetags.formats import cn_date, counted_caveat
from metrostd.common.transitions import Transition, bulk_apply


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


def too_late_to_object(finding: Finding) -> str:
    """An objection comes within five work days of the visit."""
    last = objection_deadline(finding)
    if last is None or clock.today() <= last:
        return ""
    return f"异议应在检查结束后{OBJECTION_WORKDAYS}个工作日内提出，已于{cn_date(last)}截止{counted_caveat(last)}。"


def still_objectable(finding: Finding) -> str:
    """An order would end the unit's days to object: it waits for them, or for the unit's waiver."""
    last = objection_deadline(finding)
    if last is None or clock.today() > last or finding.objection_waiver:
        return ""
    return (
        f"{finding.item.code}：单位可以在{cn_date(last)}（含当日）前提出异议，期满后才能下达；"
        "单位放弃异议的，请先写明放弃的情况。"
    )


def too_late_to_return(finding: Finding) -> str:
    """After the due day only 合格 or 不合格 is left."""
    if finding.due_on is None or clock.today() <= finding.due_on:
        return ""
    return "整改期限已过，不能再退回；请确认合格或认定整改不合格。"


def too_late_to_extend(finding: Finding, asked_on: dt.date) -> str:
    """A later day is asked for before the due day has passed."""
    if finding.due_on is None or asked_on <= finding.due_on:
        return ""
    return "整改期限已过，不能再延期。"


def no_later_day(finding: Finding, day: dt.date) -> str:
    """What speaks against a day as the later one: before the old one, or after the summary is due."""
    last = finding.task.campaign.summary_due
    if finding.due_on is not None and day <= finding.due_on:
        return "延期后的期限应晚于原期限。"
    return act_dates.not_owed_by(day, what="延期后的期限", last=last, because="总结报告报送期限")


def extended_before(finding: Finding) -> str:
    """One later day for each finding."""
    return "每个问题只能延期一次。" if finding.extended_from else ""


def waived(finding: Finding) -> str:
    """Who has given the days to object away does not take them back."""
    return "单位已书面放弃异议。" if finding.objection_waiver else ""


RAISE = Transition("finding.raise", "确认问题", frozenset({State.DRAFT}), State.RAISED)
RECALL = Transition(
    "finding.recall", "随检查表退回", frozenset({State.RAISED}), State.DRAFT, needs_note=True
)
DISPUTE = Transition(
    "finding.dispute",
    "提出异议",
    frozenset({State.RAISED}),
    State.DISPUTED,
    needs_note=True,
    guards=(too_late_to_object, waived),
)
UPHOLD = Transition(
    "finding.uphold", "异议不成立", frozenset({State.DISPUTED}), State.RAISED, needs_note=True
)
WITHDRAW = Transition(
    "finding.withdraw",
    "认定问题不成立",
    frozenset({State.DISPUTED}),
    State.WITHDRAWN,
    needs_note=True,
)
ORDER = Transition(
    "finding.order",
    "责令整改",
    frozenset({State.RAISED}),
    State.ORDERED,
    otherwise="不能列入整改文书",
    guards=(still_objectable,),
)
CORRECT_ON_SPOT = Transition(
    "finding.correct_on_spot",
    "认定当场改正",
    frozenset({State.RAISED}),
    State.NO_ACTION,
    needs_note=True,
)
SUBMIT = Transition(
    "finding.submit",
    "报送整改情况",
    State.owed_by_unit,
    State.SUBMITTED,
    otherwise="不能再填写整改情况",
)
VERIFY = Transition(
    "finding.verify",
    "确认整改合格",
    frozenset({State.SUBMITTED}),
    State.VERIFIED,
    otherwise="没有待确认的整改情况",
)
SEND_BACK = Transition(
    "finding.send_back",
    "退回整改",
    frozenset({State.SUBMITTED}),
    State.RETURNED,
    needs_note=True,
    guards=(too_late_to_return,),
)
FAIL = Transition(
    "finding.fail",
    "认定整改不合格",
    State.in_rectification,
    State.FAILED,
    needs_note=True,
)
EXTEND = Transition(
    "finding.extend",
    "同意延期",
    frozenset({State.ORDERED}),
    State.ORDERED,
    needs_note=True,
    otherwise="不能延期",
    guards=(extended_before,),
)
#: What was sent back still waits for the unit: it may ask for the one later day, too.
EXTEND_RETURNED = Transition(
    "finding.extend_returned",
    "同意延期",
    frozenset({State.RETURNED}),
    State.RETURNED,
    needs_note=True,
    otherwise="不能延期",
    guards=(extended_before,),
)
HANDLE = Transition(
    "finding.handle", "登记处理结果", frozenset({State.FAILED}), State.HANDLED, needs_note=True
)
#: The order it stood under is withdrawn: it waits for the office again, as before the order.
RELEASE = Transition(
    "finding.release",
    "随文书撤回",
    State.in_rectification | {State.FAILED},
    State.RAISED,
    needs_note=True,
)


def extension_of(finding: Finding) -> Transition:
    """The move that gives a finding its later day, from where it waits for the unit."""
    return EXTEND_RETURNED if finding.state == State.RETURNED else EXTEND


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
    EXTEND_RETURNED,
    HANDLE,
    RELEASE,
)


def raise_all(findings: list[Finding], *, actor: Actor | None) -> int:
    """Confirm the drafted findings of one task with one write; returns how many."""
    return bulk_apply(RAISE, list(findings), actor=actor)


def recall_all(findings: list[Finding], *, actor: Actor | None, note: str) -> int:
    """Take confirmed findings back into draft because their task is reopened before review."""
    return bulk_apply(RECALL, list(findings), actor=actor, note=note, objection_waiver="")


def dispute(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """The unit objects, with reasons, within five work days of the visit.

    Raises ValidationError after that day, TransitionError when the finding is not 已确认.
    """
    DISPUTE.check(finding, beside="note")
    DISPUTE.apply(finding, actor=actor, note=note)


def waive_objection(finding: Finding, *, actor: Actor | None, statement: str) -> None:
    """The unit does not object, or its statement that it does not is put on record; it is final.

    Raises TransitionError once nothing can be objected to any more.
    """
    DISPUTE.check(finding, beside="note")
    text = statement.strip()[:300]
    if not text:
        raise ValidationError({"note": "请写明单位放弃异议的情况。"})
    rows = Finding.objects.filter(pk=finding.pk, state=State.RAISED, objection_waiver="")
    if not rows.update(objection_waiver=text):
        raise DISPUTE.refusal(finding)
    finding.objection_waiver = text
    audit.record(
        finding,
        actor=actor,
        action="finding.waive_objection",
        label="放弃异议",
        after={"statement": text},
        note=text,
    )


def uphold(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """The office decides in writing that the finding stands."""
    UPHOLD.apply(finding, actor=actor, note=note, decision=note)


def withdraw(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """The office decides in writing that the finding does not stand; it is no longer counted."""
    WITHDRAW.apply(finding, actor=actor, note=note, decision=note)


def order(finding: Finding, *, actor: Actor | None, due_on: dt.date, note: str = "") -> None:
    """Put the finding under a correction order with a due day."""
    ORDER.apply(finding, actor=actor, note=note, due_on=due_on)


def correct_on_spot(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """Corrected during the visit, with evidence; still counted as a finding."""
    CORRECT_ON_SPOT.apply(finding, actor=actor, note=note, decision=note)


def submit(finding: Finding, *, actor: Actor | None, note: str = "") -> None:
    """The unit reports what it did about the finding."""
    SUBMIT.apply(finding, actor=actor, note=note)


def verify(finding: Finding, *, actor: Actor | None, note: str = "") -> None:
    """The office confirms the rectification (通知二(三))."""
    VERIFY.apply(finding, actor=actor, note=note, decision=note or finding.decision)


def send_back(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """Return a submission for completion; not after the due day, then only 合格 or 不合格 is left."""
    SEND_BACK.check(finding, beside="note")
    SEND_BACK.apply(finding, actor=actor, note=note, decision=note)


def fail(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """整改不合格: requirements not met, or the due day passed without an approved extension."""
    FAIL.apply(finding, actor=actor, note=note, decision=note, failed_at=clock.now())


def extend(
    finding: Finding,
    *,
    actor: Actor | None,
    due_on: dt.date,
    note: str,
    asked_on: dt.date | None = None,
) -> None:
    """Move the due day once, not beyond the day the summary is due; asked for before it passed.

    ``asked_on`` is the day the unit asked, today when the office acts of itself. Raises
    ValidationError naming the rule that stands against it.
    """
    late = too_late_to_extend(finding, asked_on or clock.today())
    # The days first: once they have passed the state says only what follows from it.
    if late and finding.state in State.owed_by_unit:
        raise ValidationError({"due_on": late})
    move = extension_of(finding)
    move.check(finding, beside="due_on")
    if reason := no_later_day(finding, due_on):
        raise ValidationError({"due_on": reason})
    move.apply(finding, actor=actor, note=note, due_on=due_on, extended_from=finding.due_on)


def handle(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """Record that a failed finding has been dealt with: a disposition or the result of a case."""
    HANDLE.apply(finding, actor=actor, note=note, decision=note)


def release(finding: Finding, *, actor: Actor | None, note: str) -> None:
    """Take the finding out of an order that is withdrawn; days and decision go with the order."""
    RELEASE.apply(
        finding,
        actor=actor,
        note=note,
        due_on=None,
        extended_from=None,
        failed_at=None,
        decision="",
    )
