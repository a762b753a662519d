"""案件移送: a case handed to enforcement, and how far it has come (通知二(四))."""

from collections.abc import Iterable
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction

from inspections.enums import FindingState, NotPerformedReason, TaskState
from inspections.models import Finding, InspectionTask
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import Transition, TransitionError, check_state
from rectification import notifications
from rectification.enums import ReferralRecipient
from rectification.enums import ReferralState as State
from rectification.models import CaseReferral, EarlierProgress

from .failed import handle, hold

RECEIVE = Transition("referral.receive", "接收移送", frozenset({State.SENT}), State.RECEIVED)
FILE = Transition("referral.file", "立案", frozenset({State.RECEIVED}), State.FILED)
DECLINE = Transition("referral.decline", "不予立案", frozenset({State.RECEIVED}), State.NOT_FILED)
CONCLUDE = Transition("referral.conclude", "作出处理决定", frozenset({State.FILED}), State.DECIDED)
RETURN_RESULT = Transition(
    "referral.return_result",
    "反馈处理结果",
    frozenset({State.DECIDED, State.NOT_FILED}),
    State.RETURNED,
)
MOVES = (RECEIVE, FILE, DECLINE, CONCLUDE, RETURN_RESULT)


def referral_path(state: str, target: str, *, filed: bool = False) -> list[Transition]:
    """The moves that lead a referral from one state to another; empty when there is no way.

    A result comes back by two ways: ``filed`` says whether the case had been filed on its way.
    """
    paths: list[list[Transition]] = [[]]
    found = []
    for path in paths:
        here = path[-1].target if path else state
        if path and here == target:
            found.append(path)
        paths += [[*path, move] for move in MOVES if move.allowed_from(here)]
    found.sort(key=lambda path: (FILE in path) != filed)
    return found[0] if found else []


def standing(finding: Finding) -> Verdict:
    """A case is made of a finding that stands and that nobody objects to."""
    if finding.state in FindingState.referable:
        return YES
    return not_now(f"问题目前是“{finding.get_state_display()}”，不能移送。")


def open_to_refer(referrals: Iterable[CaseReferral]) -> Verdict:
    """One case at a time about a finding."""
    if all(referral.state in State.settled for referral in referrals):
        return YES
    return not_now("已经移送，结果还没有反馈。")


def open_to_record(referral: CaseReferral) -> Verdict:
    """How far a case has come is recorded until its result is back."""
    if any(move.allowed_from(referral.state) for move in MOVES):
        return YES
    return not_now("处理结果已经反馈。")


def refused(task: InspectionTask) -> Verdict:
    """A case can be made of the refusal itself: of a visit refused, or obstructed at the door."""
    record = getattr(task, "not_performed", None)
    obstructed = record is not None and record.reason == NotPerformedReason.OBSTRUCTED
    if task.state == TaskState.REFUSED or obstructed:
        return YES
    if task.state == TaskState.FOLLOW_UP and record is None:
        return YES
    return not_now("拒绝检查、拒绝或者阻挠检查的才能按拒绝检查移送。")


@transaction.atomic
def refer_case(
    finding: Finding,
    *,
    sent_to: str,
    reason: str,
    legal_basis: str,
    actor: Actor | None,
    recipient: str = ReferralRecipient.OTHER,
) -> CaseReferral:
    """Hand a finding to enforcement, with reason and legal basis; the corps is told at once.

    Raises TransitionError for a finding that does not stand, ValidationError for bad input or
    when a case about it is under way.
    """
    hold(finding)
    check_state(standing(finding), obj=finding)
    case = CaseReferral(finding=finding, task=finding.task, recipient=ReferralRecipient(recipient))
    texts = {"sent_to": sent_to, "reason": reason, "legal_basis": legal_basis}
    return _send(case, texts, open_to_refer(finding.referrals.all()), actor=actor)


@transaction.atomic
def refer_refusal(
    task: InspectionTask,
    *,
    sent_to: str,
    reason: str,
    legal_basis: str,
    actor: Actor | None,
    recipient: str = ReferralRecipient.OTHER,
) -> CaseReferral:
    """Hand a visit that was refused to enforcement: there is no finding, the refusal is the case.

    Raises TransitionError for a visit that was not refused, else like ``refer_case``.
    """
    InspectionTask.objects.select_for_update().get(pk=task.pk)
    check_state(refused(task), obj=task)
    case = CaseReferral(task=task, recipient=ReferralRecipient(recipient))
    texts = {"sent_to": sent_to, "reason": reason, "legal_basis": legal_basis}
    return _send(case, texts, open_to_refer(task.referrals.filter(finding=None)), actor=actor)


def _send(
    referral: CaseReferral, texts: dict[str, str], verdict: Verdict, *, actor: Actor | None
) -> CaseReferral:
    if empty := {name: "请填写本项。" for name, value in texts.items() if not value.strip()}:
        raise ValidationError(empty)
    if not verdict:
        raise ValidationError(verdict.reason)
    for name, value in texts.items():
        setattr(referral, name, value.strip())
    referral.sent_on = clock.today()
    referral.save(force_insert=True)
    audit.record(
        referral,
        actor=actor,
        action="referral.send",
        label=f"移送{referral.sent_to}",
        after={"state": referral.state, "state_label": referral.get_state_display()},
        note=f"{referral.reason}（{referral.legal_basis}）",
    )
    notifications.tell_referred(referral, actor=actor)
    return referral


@transaction.atomic
def record_case_result(
    referral: CaseReferral,
    *,
    state: str,
    case_no: str,
    fine: Decimal | int,
    outcome: str,
    actor: Actor | None,
) -> None:
    """Record how far a referred case has come; steps in between are recorded along the way.

    A filed case has a number, one that was not filed has neither number nor fine; a settled one
    has an outcome, and settles the finding when it failed. A result that comes back with a number
    was filed on its way. Raises ValidationError for what is missing, TransitionError when there is
    no way there.
    """
    number = case_no.strip()
    path = referral_path(referral.state, state, filed=bool(number or referral.case_no))
    if not path:
        label = State(state).label
        raise TransitionError(
            f"“{referral}”目前是“{referral.get_state_display()}”，不能登记“{label}”。", obj=referral
        )
    _check_result(referral, path, case_no=number, fine=Decimal(fine), outcome=outcome)
    declined = _is_declined(referral, path)
    fields = {
        "case_no": "" if declined else number or referral.case_no,
        "fine": Decimal(0) if declined else Decimal(fine) or referral.fine,
        "outcome": outcome.strip() or referral.outcome,
    }
    EarlierProgress.objects.create(
        referral=referral, state=referral.state, case_no=referral.case_no, fine=referral.fine
    )
    for move in path[:-1]:
        move.apply(referral, actor=actor)
    path[-1].apply(referral, actor=actor, note=outcome.strip(), **fields)
    notifications.tell_case_progress(referral, actor=actor)
    if referral.state in State.settled and referral.finding is not None:
        handle(
            referral.finding,
            actor=actor,
            note=f"{referral.sent_to}处理结果：{referral.outcome}",
        )


def _check_result(
    referral: CaseReferral, path: list[Transition], *, case_no: str, fine: Decimal, outcome: str
) -> None:
    target = path[-1].target
    if FILE in path and not (case_no or referral.case_no):
        raise ValidationError({"case_no": "已立案的，请填写案号。"})
    if _is_declined(referral, path) and case_no:
        raise ValidationError({"case_no": "不予立案的没有案号，请核对进展。"})
    if _is_declined(referral, path) and fine > 0:
        raise ValidationError({"fine": "没有立案的没有罚没金额；已立案的，请填写案号。"})
    if target in State.settled and not (outcome.strip() or referral.outcome):
        raise ValidationError({"outcome": "请填写处理结果。"})
    if fine < 0:
        raise ValidationError({"fine": "罚没金额不能为负数。"})


def _is_declined(referral: CaseReferral, path: list[Transition]) -> bool:
    """Whether the case was, or is hereby, not filed."""
    return DECLINE in path or referral.state == State.NOT_FILED
