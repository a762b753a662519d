"""Who reports a matter, who is asked, who answers. Whoever reported it does not answer it."""

from campaigns.models import Campaign
from inspections import separation
from inspections.models import InspectionTask, Opinion, SingleIssueReport
from inspections.policies import is_office, runs, team_role
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you
from metrostd.common.roles import Role

from . import moves


def may_report(user: Actor, task: InspectionTask | None) -> Verdict:
    """The team of a visit and its office; without a visit any office that runs a part of the campaign."""
    acting = user.acting
    if task is None:
        if acting and acting.role in Role.offices:
            return YES
        return not_you("一事一报由检查组或者组织检查的部门上报。")
    if is_office(user, task) or team_role(user, task):
        return YES
    return not_you("一事一报由检查组或者组织检查的部门上报。")


def can_report(user: Actor, campaign: Campaign | None, task: InspectionTask | None) -> Verdict:
    """A matter belongs to a campaign that runs."""
    if campaign is None or campaign.state != campaign.States.OPEN:
        return not_now("专项行动不在进行中，不能上报。")
    return may_report(user, task)


def may_answer(user: Actor, issue: SingleIssueReport) -> Verdict:
    """The office it was put to, but not who reported it."""
    may = runs(user, issue.reported_to)
    return separation.ANSWER_ISSUE.verdict(user, issue, may=may)


def can_answer(user: Actor, issue: SingleIssueReport) -> Verdict:
    return may_answer(user, issue) and moves.ANSWER.verdict(issue)


def may_consult(user: Actor, issue: SingleIssueReport) -> Verdict:
    return runs(user, issue.reported_to)


def can_consult(user: Actor, issue: SingleIssueReport) -> Verdict:
    return may_consult(user, issue) and moves.CONSULT.verdict(issue)


def may_give(user: Actor, opinion: Opinion) -> Verdict:
    """The person asked, in the capacity they were asked in."""
    if user.acting is not None and user.acting.pk == opinion.membership_id:
        return YES
    return not_you(f"由{opinion.membership.user}本人提出意见。")


def may_act_on(user: Actor, issue: SingleIssueReport) -> Verdict:
    """Take up the answer: who reported it, the office that reports, the team of the visit."""
    acting = user.acting
    if acting is not None and acting.pk == issue.reported_by_id:
        return YES
    if issue.task is not None and team_role(user, issue.task):
        return YES
    return runs(user, issue.authority)


def can_ask_again(user: Actor, issue: SingleIssueReport) -> Verdict:
    return may_act_on(user, issue) and moves.ASK_AGAIN.verdict(issue)


def can_close(user: Actor, issue: SingleIssueReport) -> Verdict:
    return may_act_on(user, issue) and moves.CLOSE.verdict(issue)


def can_end_ruling(user: Actor, issue: SingleIssueReport) -> Verdict:
    if not issue.is_ruling:
        return not_now("没有在用的统一口径。")
    return runs(user, issue.reported_to)
