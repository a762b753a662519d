"""Who may do what in rectification, with the reason when not."""

from collections.abc import Iterable

from inspections.models import Finding, InspectionTask
from inspections.moves import finding as finding_moves
from inspections.moves.result import open_for_orders
from inspections.policies import runs
from inspections.separation import DECIDE_OBJECTION
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_you
from metrostd.common.roles import Role

from . import separation
from .enums import ReferralRecipient
from .models import (
    CaseReferral,
    CertificateDisposition,
    ExtensionRequest,
    RectificationOrder,
)
from .moves import disposition as disposition_moves
from .moves import extension as extension_moves
from .moves import referral as referral_moves
from .moves import report as report_moves
from .moves import service as service_moves
from .moves import withdrawal as withdrawal_moves


def can_pack(user: Actor) -> Verdict:
    """The offices, which file the papers; a unit opens its own one by one."""
    acting = user.acting
    if acting and acting.role in Role.offices:
        return YES
    return not_you("检查和整改文书由计量处和区局计量科打包下载。")


def is_office(user: Actor, task: InspectionTask) -> Verdict:
    """The office of the authority that organised the inspection; nobody else decides."""
    return runs(user, task.authority)


def is_unit(user: Actor, task: InspectionTask) -> Verdict:
    """The inspected unit's own people."""
    acting = user.acting
    if acting and acting.role == Role.UNIT_USER and acting.unit_id == task.unit_id:
        return YES
    return not_you("由被检查单位办理。")


def can_issue(user: Actor, task: InspectionTask) -> Verdict:
    """Issue an order: the office, on a reviewed task."""
    return is_office(user, task) and open_for_orders(task)


def can_serve(user: Actor, order: RectificationOrder) -> Verdict:
    """Record the service of an order: the office that issued it, once."""
    return is_office(user, order.task) and service_moves.open_to_serve(order)


def may_withdraw(user: Actor, order: RectificationOrder) -> Verdict:
    """Take an order back: somebody of the office who did not issue it, or the office above."""
    return separation.WITHDRAW_ORDER.verdict(user, order, may=is_office(user, order.task))


def can_withdraw(user: Actor, order: RectificationOrder) -> Verdict:
    """Take back what has not been carried out."""
    return may_withdraw(user, order) and withdrawal_moves.WITHDRAW.verdict(order)


def can_edit(user: Actor, finding: Finding) -> Verdict:
    """Write the report on a finding: the unit, while the finding waits for it."""
    return is_unit(user, finding.task) and finding_moves.SUBMIT.verdict(finding)


def can_submit(user: Actor, order: RectificationOrder, states: Iterable[str]) -> Verdict:
    """Submit: the unit, while any finding of the order (``states``) waits for it."""
    return is_unit(user, order.task) and report_moves.open_to_submit(states)


def can_dispute(user: Actor, finding: Finding) -> Verdict:
    """Object: the unit, before an order, within five work days of the visit."""
    return is_unit(user, finding.task) and finding_moves.DISPUTE.verdict(finding)


def may_decide_objection(user: Actor, finding: Finding) -> Verdict:
    """The office, but nobody of the team that raised the finding."""
    may = is_office(user, finding.task)
    return DECIDE_OBJECTION.verdict(user, finding, may=may)


def can_decide_objection(user: Actor, finding: Finding) -> Verdict:
    """Answer an objection."""
    return may_decide_objection(user, finding) and finding_moves.UPHOLD.verdict(finding)


def can_correct_on_spot(user: Actor, finding: Finding) -> Verdict:
    """Record a correction made during the visit: before an order."""
    return (
        is_office(user, finding.task)
        and open_for_orders(finding.task)
        and finding_moves.CORRECT_ON_SPOT.verdict(finding)
    )


def may_review(user: Actor, finding: Finding) -> Verdict:
    """The office, but nobody who reported the rectification for the unit."""
    return separation.REVIEW_FINDING.verdict(user, finding, may=is_office(user, finding.task))


def can_review(user: Actor, finding: Finding, *, may: Verdict | None = None) -> Verdict:
    """Confirm a rectification, return it or fail it (确认整改): the office, once it is reported.

    ``may``: what ``may_review`` said of a finding of the same task and the same reporters.
    """
    may = may_review(user, finding) if may is None else may
    return may and finding_moves.VERIFY.verdict(finding)


def can_ask_extension(user: Actor, finding: Finding, requests: list[ExtensionRequest]) -> Verdict:
    """Ask for a later day: the unit, once, before the due day has passed."""
    return is_unit(user, finding.task) and extension_moves.open_to_ask(finding, requests)


def may_extend(user: Actor, finding: Finding) -> Verdict:
    """The office, but nobody who asked for the later day."""
    return separation.EXTEND.verdict(user, finding, may=is_office(user, finding.task))


def can_extend(user: Actor, finding: Finding, requests: list[ExtensionRequest]) -> Verdict:
    """Grant a later day: the office, in time or on a request made in time."""
    return may_extend(user, finding) and extension_moves.open_to_grant(finding, requests)


def can_propose(
    user: Actor, finding: Finding, dispositions: list[CertificateDisposition]
) -> Verdict:
    """Propose a disposition: the inspecting office, for a failed finding on a standard."""
    return (
        is_office(user, finding.task)
        and disposition_moves.failed(finding)
        and disposition_moves.open_to_propose(finding, dispositions)
    )


def may_decide_disposition(user: Actor, disposition: CertificateDisposition) -> Verdict:
    """The office of the authority that issued the certificate."""
    acting = user.acting
    if acting and acting.role in Role.offices and acting.authority_id == disposition.decider_id:
        return YES
    return not_you(f"由发证部门（{disposition.decider}）决定。")


def can_decide_disposition(user: Actor, disposition: CertificateDisposition) -> Verdict:
    """Decide what is still proposed."""
    may = may_decide_disposition(user, disposition)
    return may and disposition_moves.DECIDE.verdict(disposition)


def can_refer(user: Actor, finding: Finding, referrals: list[CaseReferral]) -> Verdict:
    """Hand a case to enforcement: the office, for a finding that stands."""
    return (
        is_office(user, finding.task)
        and referral_moves.standing(finding)
        and referral_moves.open_to_refer(referrals)
    )


def can_refer_refusal(
    user: Actor, task: InspectionTask, referrals: Iterable[CaseReferral]
) -> Verdict:
    """Hand a refused visit to enforcement: the office that organised it."""
    return (
        is_office(user, task)
        and referral_moves.refused(task)
        and referral_moves.open_to_refer(referrals)
    )


def may_record_result(user: Actor, referral: CaseReferral) -> Verdict:
    """The office that sent a case, or the liaison of the corps it was sent to."""
    acting = user.acting
    addressed = referral.recipient == ReferralRecipient.CORPS
    if acting and acting.role == Role.ENFORCEMENT_LIAISON and addressed:
        return YES
    return is_office(user, referral.task)


def can_record_result(user: Actor, referral: CaseReferral) -> Verdict:
    """Record how far a case has come, until its result is back."""
    return may_record_result(user, referral) and referral_moves.open_to_record(referral)
