"""证书处置: proposed by the inspecting office, decided by the authority that issued (通知二(四))."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections.enums import FindingState
from inspections.models import Finding
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.by_now import state_by_now
from metrostd.common.calendar import add_workdays
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.templatetags.formats import local_day
from metrostd.common.transitions import Transition, check_state
from metrostd.registry.enums import CertificateActKind
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from metrostd.registry.moves import certificate as certificate_moves
from rectification import notifications
from rectification.deadlines import ANSWER_DAYS
from rectification.enums import DispositionAction
from rectification.enums import DispositionState as State
from rectification.models import CertificateDisposition

from .failed import handle, hold

DECIDE = Transition(
    "disposition.decide", "作出处置决定", frozenset({State.PROPOSED}), State.DECIDED
)
REJECT = Transition(
    "disposition.reject",
    "不采纳处置建议",
    frozenset({State.PROPOSED}),
    State.REJECTED,
    needs_note=True,
)

MOVES = (DECIDE, REJECT)

_CERTIFICATE_MOVES: dict[str, Transition] = {
    DispositionAction.SEALED: certificate_moves.SEAL,
    DispositionAction.DEREGISTERED: certificate_moves.DEREGISTER,
    DispositionAction.REVOKED: certificate_moves.REVOKE,
    DispositionAction.ANNULLED: certificate_moves.ANNUL,
}


def failed(finding: Finding) -> Verdict:
    """A certificate is disposed of for a rectification that failed, and for nothing else."""
    state = FindingState(state_by_now(finding))
    if state == FindingState.FAILED:
        return YES
    return not_now(f"问题目前是“{state.label}”，整改不合格的问题才能提出处置建议。")


def open_to_propose(finding: Finding, dispositions: Iterable[CertificateDisposition]) -> Verdict:
    """One proposal at a time, on the certificate of a standard."""
    if finding.standard_id is None:
        return not_now("单位层面的问题没有对应的证书，请作案件移送。")
    if any(disposition.state == State.PROPOSED for disposition in dispositions):
        return not_now("这个问题已有待决定的处置建议。")
    return YES


@transaction.atomic
def propose_disposition(
    finding: Finding, *, action: str, reason: str, actor: Actor | None
) -> CertificateDisposition:
    """Propose to the issuing authority what to do with the certificate of a failed standard.

    The inspecting office proposes, the issuing authority decides. Raises TransitionError when the
    finding has not failed, ValidationError when the certificate's state rules the action out.
    """
    hold(finding)
    check_state(failed(finding), obj=finding)
    standard, verdict = finding.standard, open_to_propose(finding, finding.dispositions.all())
    if standard is None or not verdict:
        raise ValidationError(verdict.reason)
    if not reason.strip():
        raise ValidationError({"reason": "请写明理由和依据。"})
    _usable_certificate(standard, action)
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
    actor: Actor | None,
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
        REJECT.apply(disposition, actor=actor, note=note)
    else:
        _check_decision(disposition, decision_no, decided_on, note)
        number = decision_no.strip()
        DECIDE.apply(disposition, actor=actor, note=note, decision_no=number, decided_on=decided_on)
        _move_certificate(disposition, actor=actor, late_reason=note)
        handle(
            disposition.finding,
            actor=actor,
            note=f"{disposition.get_action_display()}，决定文号：{number}",
        )
    duties.fulfil(disposition, kind=DutyKind.DISPOSITION)
    notifications.tell_disposition_decided(disposition, actor=actor)


def permitted_actions(certificate: StandardCertificate | None) -> list[DispositionAction]:
    """The dispositions that the state of a certificate leaves open."""
    if certificate is None:
        return []
    return [
        action
        for action in DispositionAction
        if _CERTIFICATE_MOVES[action].allowed_from(certificate.state_now)
    ]


def _usable_certificate(standard: MeasurementStandard, action: str) -> StandardCertificate:
    if action == CertificateActKind.WITHDRAWN:
        raise ValidationError(
            {"action": "撤销计量标准由建标单位申请，经主持考核的部门批准；检查部门不能提出。"}
        )
    certificate = certificate_moves.current_certificate(standard)
    if certificate is None:
        raise ValidationError("该计量标准没有现行证书，不能提出证书处置。")
    if not _CERTIFICATE_MOVES[DispositionAction(action)].allowed_from(certificate.state_now):
        label = DispositionAction(action).label
        raise ValidationError(
            {"action": f"证书目前是“{certificate.get_state_display()}”，不能{label}。"}
        )
    return certificate


def _move_certificate(
    disposition: CertificateDisposition, *, actor: Actor | None, late_reason: str
) -> None:
    certificate = _usable_certificate(disposition.standard, disposition.action)
    note = f"决定文号：{disposition.decision_no}"
    match action := DispositionAction(disposition.action):
        case DispositionAction.SEALED:
            certificate_moves.seal(
                certificate, actor=actor, note=note, decided_on=disposition.decided_on
            )
        case DispositionAction.DEREGISTERED:
            certificate_moves.deregister(
                certificate, actor=actor, note=note, decided_on=disposition.decided_on
            )
        case DispositionAction.REVOKED | DispositionAction.ANNULLED:
            revoked = action == DispositionAction.REVOKED
            end = certificate_moves.revoke if revoked else certificate_moves.annul
            end(
                certificate,
                actor=actor,
                decision_no=disposition.decision_no,
                decided_on=disposition.decided_on,
                late_reason=late_reason,
            )


def _check_decision(
    disposition: CertificateDisposition, decision_no: str, decided_on: dt.date | None, note: str
) -> None:
    if not decision_no.strip():
        raise ValidationError({"decision_no": "请填写决定文号。"})
    act_dates.check(
        decided_on,
        field="decided_on",
        what="决定日期",
        reason=note,
        after=local_day(disposition.created_at),
        follows="提出处置建议",
        reason_field="note",
    )
