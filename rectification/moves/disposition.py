"""What follows a failure: a disposition of the certificate, or a case for enforcement (通知二(四))."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections import finding_moves, stops
from inspections.enums import FindingState, StopState
from inspections.models import Finding, StopTransferOrder
from metrostd.common import audit, clock
from metrostd.common.calendar import add_workdays
from metrostd.common.transitions import Transition, TransitionError
from metrostd.registry import transitions as certificates
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from rectification import moves, notifications
from rectification.enums import (
    DispositionAction,
    DispositionState,
    ReferralRecipient,
    ReferralState,
)
from rectification.models import CaseReferral, CertificateDisposition

from .owed import ANSWER_DAYS

_CERTIFICATE_MOVES: dict[str, Transition] = {
    DispositionAction.SEALED: certificates.SEAL,
    DispositionAction.WITHDRAWN: certificates.WITHDRAW,
    DispositionAction.DEREGISTERED: certificates.DEREGISTER,
    DispositionAction.REVOKED: certificates.REVOKE,
}


@transaction.atomic
def propose_disposition(
    finding: Finding, *, action: str, reason: str, actor: Any
) -> CertificateDisposition:
    """Propose to the issuing authority what to do with the certificate of a failed standard.

    The inspecting office proposes, the issuing authority decides. Raises TransitionError when the
    finding has not failed, ValidationError when the certificate's state rules the action out.
    """
    _hold(finding)
    if finding.state != FindingState.FAILED:
        raise TransitionError(
            f"“{finding}”目前是“{finding.get_state_display()}”，整改不合格的问题才能提出处置建议。",
            obj=finding,
        )
    standard = finding.standard
    if standard is None:
        raise ValidationError("单位层面的问题没有对应的证书，请作案件移送。")
    if not reason.strip():
        raise ValidationError({"reason": "请写明理由和依据。"})
    _usable_certificate(standard, action)
    if finding.dispositions.filter(state=DispositionState.PROPOSED).exists():
        raise ValidationError("这个问题已有待决定的处置建议。")
    disposition = CertificateDisposition(
        finding=finding,
        standard=standard,
        action=DispositionAction(action),
        reason=reason.strip(),
        proposed_by_authority=finding.task.authority,
        decider=standard.issuing_authority,
    )
    disposition.save(force_insert=True)
    audit.record(
        disposition,
        actor=actor,
        action="disposition.propose",
        label=f"提出处置建议：{disposition.get_action_display()}",
        after={
            "state": disposition.state,
            "state_label": disposition.get_state_display(),
            "action": disposition.action,
        },
        note=disposition.reason,
    )
    duties.assign(
        finding.task.campaign,
        kind=DutyKind.DISPOSITION,
        title=f"审定处置建议：{disposition.get_action_display()} {standard}",
        detail=f"{finding.task.authority}提出 · {standard.unit}",
        due_on=add_workdays(clock.today(), ANSWER_DAYS),
        target=disposition,
        authority=standard.issuing_authority,
    )
    notifications.tell_proposed(disposition, actor=actor)
    return disposition


@transaction.atomic
def decide_disposition(
    disposition: CertificateDisposition,
    *,
    actor: Any,
    decision_no: str,
    decided_on: dt.date,
    accept: bool,
    note: str = "",
) -> None:
    """The issuing authority decides; when it accepts, the certificate moves and the finding is handled.

    Raises ValidationError without number or date of the decision, or when the certificate has
    moved on; a refusal needs a note.
    """
    if not accept:
        moves.REJECT.apply(disposition, actor=actor, note=note)
    else:
        _check_decision(decision_no, decided_on)
        number = decision_no.strip()
        moves.DECIDE.apply(
            disposition, actor=actor, note=note, decision_no=number, decided_on=decided_on
        )
        _move_certificate(disposition, actor=actor)
        _supersede_stops(disposition, actor=actor)
        _handle(
            disposition.finding,
            actor=actor,
            note=f"{disposition.get_action_display()}，决定文号：{number}",
        )
    duties.fulfil(disposition, kind=DutyKind.DISPOSITION)
    notifications.tell_disposition_decided(disposition, actor=actor)


@transaction.atomic
def refer_case(
    finding: Finding,
    *,
    sent_to: str,
    reason: str,
    legal_basis: str,
    actor: Any,
    recipient: str = ReferralRecipient.OTHER,
) -> CaseReferral:
    """Hand a finding to enforcement, with reason and legal basis; the corps is told at once.

    Raises TransitionError for a finding that does not stand, ValidationError for bad input or
    when a case about it is under way.
    """
    _hold(finding)
    if finding.state not in FindingState.counted or finding.state == FindingState.DISPUTED:
        raise TransitionError(
            f"“{finding}”目前是“{finding.get_state_display()}”，不能移送。", obj=finding
        )
    values = {"sent_to": sent_to, "reason": reason, "legal_basis": legal_basis}
    empty = {name: "请填写本项。" for name, value in values.items() if not value.strip()}
    if empty:
        raise ValidationError(empty)
    if finding.referrals.exclude(state__in=ReferralState.settled).exists():
        raise ValidationError("这个问题已经移送，结果还没有反馈。")
    referral = CaseReferral(
        finding=finding,
        recipient=ReferralRecipient(recipient),
        sent_on=clock.today(),
        **{name: value.strip() for name, value in values.items()},
    )
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
    actor: Any,
) -> None:
    """Record how far a referred case has come; steps in between are recorded along the way.

    A filed case has a number, one that was not filed has neither number nor fine; a settled one
    has an outcome, and settles the finding when it failed. A result that comes back with a number
    was filed on its way. Raises ValidationError for what is missing, TransitionError when there is
    no way there.
    """
    number = case_no.strip()
    path = moves.referral_path(referral.state, state, filed=bool(number or referral.case_no))
    if not path:
        label = ReferralState(state).label
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
    for move in path[:-1]:
        move.apply(referral, actor=actor)
    path[-1].apply(referral, actor=actor, note=outcome.strip(), **fields)
    notifications.tell_case_progress(referral, actor=actor)
    if referral.state in ReferralState.settled:
        _handle(
            referral.finding,
            actor=actor,
            note=f"{referral.sent_to}处理结果：{referral.outcome}",
        )


def permitted_actions(certificate: StandardCertificate | None) -> list[DispositionAction]:
    """The dispositions that the state of a certificate leaves open."""
    if certificate is None:
        return []
    return [
        action
        for action in DispositionAction
        if _CERTIFICATE_MOVES[action].allowed_from(certificate.state)
    ]


def _hold(finding: Finding) -> None:
    """Hold the finding, as it is now, until the transaction ends: one proposal, one case at a time."""
    finding.refresh_from_db(fields=["state"], from_queryset=Finding.objects.select_for_update())


def _usable_certificate(standard: MeasurementStandard, action: str) -> StandardCertificate:
    certificate = certificates.current_certificate(standard)
    if certificate is None:
        raise ValidationError("该计量标准没有现行证书，不能提出证书处置。")
    if not _CERTIFICATE_MOVES[DispositionAction(action)].allowed_from(certificate.state):
        label = DispositionAction(action).label
        raise ValidationError(
            {"action": f"证书目前是“{certificate.get_state_display()}”，不能{label}。"}
        )
    return certificate


def _move_certificate(disposition: CertificateDisposition, *, actor: Any) -> None:
    certificate = _usable_certificate(disposition.standard, disposition.action)
    note = f"决定文号：{disposition.decision_no}"
    match DispositionAction(disposition.action):
        case DispositionAction.SEALED:
            certificates.seal(certificate, actor=actor, note=note)
        case DispositionAction.WITHDRAWN:
            certificates.withdraw(certificate, actor=actor, note=note)
        case DispositionAction.DEREGISTERED:
            certificates.deregister(certificate, actor=actor, note=note)
        case DispositionAction.REVOKED:
            certificates.revoke(certificate, actor=actor, decision_no=disposition.decision_no)


def _supersede_stops(disposition: CertificateDisposition, *, actor: Any) -> None:
    """A stop order has nothing left to stop once the certificate itself has been disposed of."""
    orders = StopTransferOrder.objects.filter(
        standard=disposition.standard, state=StopState.IN_FORCE
    )
    for order in orders:
        stops.supersede_stop(
            order,
            actor=actor,
            note=f"{disposition.get_action_display()}，决定文号：{disposition.decision_no}",
        )


def _handle(finding: Finding, *, actor: Any, note: str) -> None:
    """Strike a failed finding off; one that is still being rectified goes its own way."""
    finding.refresh_from_db(fields=["state"])
    if finding.state == FindingState.FAILED:
        finding_moves.handle(finding, actor=actor, note=note)


def _check_decision(decision_no: str, decided_on: dt.date | None) -> None:
    if not decision_no.strip():
        raise ValidationError({"decision_no": "请填写决定文号。"})
    if decided_on is None or decided_on > clock.today():
        raise ValidationError({"decided_on": "请填写决定日期，不能晚于今天。"})


def _check_result(
    referral: CaseReferral, path: list[Transition], *, case_no: str, fine: Decimal, outcome: str
) -> None:
    target = path[-1].target
    if moves.FILE in path and not (case_no or referral.case_no):
        raise ValidationError({"case_no": "已立案的，请填写案号。"})
    if _is_declined(referral, path) and case_no:
        raise ValidationError({"case_no": "不予立案的没有案号，请核对进展。"})
    if _is_declined(referral, path) and fine > 0:
        raise ValidationError({"fine": "没有立案的没有罚没金额；已立案的，请填写案号。"})
    if target in ReferralState.settled and not (outcome.strip() or referral.outcome):
        raise ValidationError({"outcome": "请填写处理结果。"})
    if fine < 0:
        raise ValidationError({"fine": "罚没金额不能为负数。"})


def _is_declined(referral: CaseReferral, path: list[Transition]) -> bool:
    """Whether the case was, or is hereby, not filed."""
    return moves.DECLINE in path or referral.state == ReferralState.NOT_FILED
