"""Who may do what with the review of a bureau: the office that inspects it, and the bureau itself."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you
from metrostd.common.roles import Role

from . import policies, separation
from .enums.reviews import ReviewState
from .models import CertificationReview, ChecklistSheet
from .moves import review as moves

_CITY = not_you("由组织检查的部门办理。")
_BUREAU = not_you("由被检查的区局办理。")


def inspects(user: Actor, review: CertificationReview) -> bool:
    """Whether the person acts for the office that inspects the bureau."""
    acting = user.acting
    return (
        acting is not None
        and acting.role in Role.offices
        and acting.authority_id == review.authority_id
    )


def is_inspected(user: Actor, review: CertificationReview) -> bool:
    """Whether the person acts for the office of the inspected bureau."""
    acting = user.acting
    return (
        acting is not None
        and acting.role in Role.offices
        and acting.authority_id == review.bureau_id
    )


def may_inspect(user: Actor, review: CertificationReview) -> Verdict:
    return YES if inspects(user, review) else _CITY


def may_decide(user: Actor, review: CertificationReview) -> Verdict:
    """The office, but nobody who was on the team."""
    may = may_inspect(user, review)
    return may and separation.DECIDE_REVIEW.verdict(user, review, may=may)


def may_answer_for(user: Actor, review: CertificationReview) -> Verdict:
    """The office of the bureau says what it does about its problems."""
    return YES if is_inspected(user, review) else _BUREAU


def can_request_files(user: Actor, review: CertificationReview) -> Verdict:
    return may_inspect(user, review) and moves.REQUEST_FILES.verdict(review)


def can_demand(user: Actor, review: CertificationReview) -> Verdict:
    return may_decide(user, review) and moves.DEMAND.verdict(review)


def can_clear(user: Actor, review: CertificationReview) -> Verdict:
    return may_decide(user, review) and moves.CLEAR.verdict(review)


def can_write_measures(user: Actor, review: CertificationReview) -> Verdict:
    """Measures are written while they are due, also after their day."""
    if review.state != ReviewState.MEASURES_DUE:
        return not_now(f"考核工作监督检查目前是“{review.get_state_display()}”，不能填写整改措施。")
    return may_answer_for(user, review)


def can_submit(user: Actor, review: CertificationReview) -> Verdict:
    return may_answer_for(user, review) and moves.SUBMIT.verdict(review)


def can_confirm(user: Actor, review: CertificationReview) -> Verdict:
    return may_decide(user, review) and moves.CONFIRM.verdict(review)


def can_fail(user: Actor, review: CertificationReview) -> Verdict:
    return may_decide(user, review) and moves.FAIL.verdict(review)


def can_report_up(user: Actor, review: CertificationReview) -> Verdict:
    return may_decide(user, review) and moves.REPORT_UP.verdict(review)


def can_fill_case(user: Actor, sheet: ChecklistSheet) -> Verdict:
    """The days and people of a case file are the team's to enter, while the visit is under way."""
    return policies.can_fill(user, sheet.task)
