"""Who may do what in rectification, with the reason when not."""

from typing import Any

from inspections.enums import FindingState, TaskState
from inspections.models import Finding, InspectionTask
from inspections.moves import finding as finding_moves
from metrostd.common import clock
from metrostd.common.policies import YES, Verdict, first_no
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import Transition

from .enums import DispositionState, ExtensionState, ReferralRecipient, ReferralState
from .models import (
    CaseReferral,
    CertificateDisposition,
    ExtensionRequest,
    RectificationOrder,
)

_WITH_UNIT = frozenset({FindingState.ORDERED, FindingState.RETURNED})


def is_office(user: Any, task: InspectionTask) -> Verdict:
    """The office of the authority that organised the inspection; nobody else decides."""
    acting = user.acting
    if acting and acting.role in Role.offices and acting.authority_id == task.authority_id:
        return YES
    return Verdict(f"由组织检查的部门（{task.authority}）办理。")


def is_unit(user: Any, task: InspectionTask) -> Verdict:
    """The inspected unit's own people."""
    acting = user.acting
    if acting and acting.role == Role.UNIT_USER and acting.unit_id == task.unit_id:
        return YES
    return Verdict("由被检查单位办理。")


def can_issue(user: Any, task: InspectionTask) -> Verdict:
    """Issue an order: the office, on a reviewed task."""
    return first_no(is_office(user, task), _reviewed(task))


def can_edit(user: Any, finding: Finding) -> Verdict:
    """Write the report on a finding: the unit, while the finding waits for it."""
    return first_no(is_unit(user, finding.task), _with_unit(finding))


def can_submit(user: Any, order: RectificationOrder, states: list[str]) -> Verdict:
    """Submit: the unit, while any finding of the order (``states``) waits for it."""
    mine = is_unit(user, order.task)
    if mine and not _WITH_UNIT & set(states):
        return Verdict("没有待报送的整改情况。")
    return mine


def can_dispute(user: Any, finding: Finding) -> Verdict:
    """Object: the unit, before an order, within five work days of the visit."""
    verdict = first_no(is_unit(user, finding.task), _allows(finding_moves.DISPUTE, finding))
    last = finding_moves.objection_deadline(finding)
    if verdict and last is not None and clock.today() > last:
        return Verdict(f"异议应在检查结束后5个工作日内提出，已于{cn_date(last)}截止。")
    return verdict


def can_decide_objection(user: Any, finding: Finding) -> Verdict:
    """Answer an objection."""
    return first_no(is_office(user, finding.task), _allows(finding_moves.UPHOLD, finding))


def can_correct_on_spot(user: Any, finding: Finding) -> Verdict:
    """Record a correction made during the visit: before an order."""
    return first_no(
        is_office(user, finding.task),
        _reviewed(finding.task),
        _allows(finding_moves.CORRECT_ON_SPOT, finding),
    )


def can_review(user: Any, finding: Finding) -> Verdict:
    """Confirm, return or fail what has been submitted."""
    return first_no(is_office(user, finding.task), _allows(finding_moves.VERIFY, finding))


def can_ask_extension(user: Any, finding: Finding, requests: list[ExtensionRequest]) -> Verdict:
    """Ask for a later day: the unit, once, before the due day has passed."""
    verdict = first_no(is_unit(user, finding.task), _allows(finding_moves.EXTEND, finding))
    if not verdict:
        return verdict
    if any(r.state == ExtensionState.ASKED for r in requests):
        return Verdict("延期申请已提交，等待批准。")
    if finding.extended_from or any(r.state in ExtensionState.standing for r in requests):
        return Verdict("每个问题只能延期一次。")
    if finding.due_on and clock.today() > finding.due_on:
        return Verdict("整改期限已过，不能再申请延期。")
    return YES


def can_extend(user: Any, finding: Finding, requests: list[ExtensionRequest]) -> Verdict:
    """Grant a later day: the office, in time or on a request made in time."""
    verdict = first_no(is_office(user, finding.task), _allows(finding_moves.EXTEND, finding))
    if not verdict:
        return verdict
    if finding.extended_from:
        return Verdict("每个问题只能延期一次。")
    asked = any(r.state == ExtensionState.ASKED for r in requests)
    if not asked and finding.due_on and clock.today() > finding.due_on:
        return Verdict("整改期限已过，不能再延期。")
    return YES


def can_propose(user: Any, finding: Finding, pending: bool) -> Verdict:
    """Propose a disposition: the inspecting office, for a failed finding on a standard."""
    verdict = is_office(user, finding.task)
    if verdict and finding.state != FindingState.FAILED:
        return Verdict("整改不合格的问题才能提出处置建议。")
    if verdict and finding.standard_id is None:
        return Verdict("单位层面的问题没有对应的证书，请作案件移送。")
    if verdict and pending:
        return Verdict("已有待决定的处置建议。")
    return verdict


def may_decide_disposition(user: Any, disposition: CertificateDisposition) -> Verdict:
    """The office of the authority that issued the certificate."""
    acting = user.acting
    if acting and acting.role in Role.offices and acting.authority_id == disposition.decider_id:
        return YES
    return Verdict(f"由发证部门（{disposition.decider}）决定。")


def can_decide_disposition(user: Any, disposition: CertificateDisposition) -> Verdict:
    """Decide what is still proposed."""
    verdict = may_decide_disposition(user, disposition)
    if verdict and disposition.state != DispositionState.PROPOSED:
        return Verdict(f"处置建议目前是“{disposition.get_state_display()}”。")
    return verdict


def can_refer(user: Any, finding: Finding, pending: bool) -> Verdict:
    """Hand a case to enforcement: the office, for a finding that stands."""
    verdict = is_office(user, finding.task)
    if verdict and (
        finding.state not in FindingState.counted or finding.state == FindingState.DISPUTED
    ):
        return Verdict(f"问题目前是“{finding.get_state_display()}”，不能移送。")
    if verdict and pending:
        return Verdict("已经移送，结果还没有反馈。")
    return verdict


def may_record_result(user: Any, referral: CaseReferral) -> Verdict:
    """The office that sent a case, or the liaison of the corps it was sent to."""
    acting = user.acting
    addressed = referral.recipient == ReferralRecipient.CORPS
    if acting and acting.role == Role.ENFORCEMENT_LIAISON and addressed:
        return YES
    return is_office(user, referral.finding.task)


def can_record_result(user: Any, referral: CaseReferral) -> Verdict:
    """Record how far a case has come, until its result is back."""
    verdict = may_record_result(user, referral)
    if verdict and referral.state == ReferralState.RETURNED:
        return Verdict("处理结果已经反馈。")
    return verdict


def _reviewed(task: InspectionTask) -> Verdict:
    if task.state == TaskState.REVIEWED:
        return YES
    return Verdict(f"检查任务目前是“{task.get_state_display()}”，审核后、办结前才能办理。")


def _with_unit(finding: Finding) -> Verdict:
    if finding.state in _WITH_UNIT:
        return YES
    return Verdict(f"问题目前是“{finding.get_state_display()}”，不能填写整改情况。")


def _allows(move: Transition, finding: Finding) -> Verdict:
    if move.allowed_from(finding.state):
        return YES
    return Verdict(f"问题目前是“{finding.get_state_display()}”。")
