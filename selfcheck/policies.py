"""Who may do what with a self-check report, with the reason when not."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role

from .enums import ReportState, SubjectKind
from .models import SelfCheckProblem, SelfCheckReport
from .moves import ACCEPT, EXEMPT, REOPEN, REVIVE, SEND_BACK, SUBMIT
from .separation import ACCEPT_REPORT
from .services.editing import writable
from .services.material import correctable, handed_in


def is_subject(user: Actor, report: SelfCheckReport) -> Verdict:
    """The unit itself, or the office of the bureau that checks its own certification work."""
    acting = user.acting
    if report.kind == SubjectKind.UNIT:
        if acting and acting.role == Role.UNIT_USER and acting.unit_id == report.unit_id:
            return YES
        return not_you("自查报告由建标单位自己填报。")
    if acting and acting.role in Role.offices and acting.authority_id == report.bureau_id:
        return YES
    return not_you("考核工作自查由该区局计量科填报。")


def is_receiver(user: Actor, report: SelfCheckReport) -> Verdict:
    """The office of the issuing authority; the municipal office when that is the city."""
    acting = user.acting
    if acting and acting.role == Role.DISTRICT_ADMIN:
        if report.receiver_id in user.scope.casework.authority_ids:
            return YES
    elif acting and acting.role == Role.CITY_ADMIN and acting.authority_id == report.receiver_id:
        return YES
    return not_you(f"只有接收部门{report.receiver}能够办理。")


def can_read(user: Actor, report: SelfCheckReport) -> Verdict:
    """Answers are the subject's own until they are handed in."""
    if is_subject(user, report) or report.state in ReportState.readable:
        return YES
    return not_now("尚未报送，填报内容暂不可见。")


def can_edit(user: Actor, report: SelfCheckReport) -> Verdict:
    return first_no(is_subject(user, report), writable(report))


def may_correct(user: Actor, report: SelfCheckReport) -> Verdict:
    """Whether problems of the report may be reported corrected one by one."""
    return first_no(is_subject(user, report), handed_in(report))


def can_correct(user: Actor, problem: SelfCheckProblem) -> Verdict:
    """Report a problem corrected that was open when the report was handed in."""
    return first_no(is_subject(user, problem.report), correctable(problem))


def can_remove_problem(user: Actor, report: SelfCheckReport) -> Verdict:
    """Mistakes may be taken back until the report was first handed in."""
    verdict = can_edit(user, report)
    if verdict and report.first_submitted_at is not None:
        return not_now("已报送过的问题不能删除，请填写整改情况。")
    return verdict


def can_submit(user: Actor, report: SelfCheckReport) -> Verdict:
    """Whether the report may be handed in now; what is missing in it is said when it is."""
    return first_no(is_subject(user, report), SUBMIT.verdict(report))


def may_accept(user: Actor, report: SelfCheckReport) -> Verdict:
    """Take a report or waive it: the receiver, but nobody who filled it in or handed it in."""
    return ACCEPT_REPORT.verdict(user, report, may=is_receiver(user, report))


def can_accept(user: Actor, report: SelfCheckReport) -> Verdict:
    return first_no(may_accept(user, report), ACCEPT.verdict(report))


def can_send_back(user: Actor, report: SelfCheckReport) -> Verdict:
    return first_no(is_receiver(user, report), SEND_BACK.verdict(report))


def can_exempt(user: Actor, report: SelfCheckReport) -> Verdict:
    return may_accept(user, report) and EXEMPT.verdict(report)


def can_revive(user: Actor, report: SelfCheckReport) -> Verdict:
    return first_no(is_receiver(user, report), REVIVE.verdict(report))


def can_reopen(user: Actor, report: SelfCheckReport) -> Verdict:
    return first_no(is_receiver(user, report), REOPEN.verdict(report))


def can_see_receipt(report: SelfCheckReport) -> Verdict:
    return YES if report.receipt_no else not_now("报送以后才有回执。")
