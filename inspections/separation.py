"""Who may not decide on a visit and what came of it: its team, and whoever proposed or approved an order."""

from collections.abc import Iterable

from campaigns.separation import people_of
from metrostd.accounts.separation import Act, separated
from metrostd.registry.models import Authority

from .models import (
    CertificationReview,
    Finding,
    InspectionTask,
    SingleIssueReport,
    StopTransferOrder,
    TeamMember,
)
from .team import Recusals

#: Said of a paper that was issued, by whichever app issued it.
ISSUER, TAKE_BACK = "下达文书的人", "自己撤回"


def team_of(task: InspectionTask) -> Iterable[int]:
    """The people of the team, whatever their place in it."""
    return TeamMember.objects.filter(task=task).values_list("membership__user", flat=True)


def _office(task: InspectionTask) -> Authority:
    return task.authority


def _partial(task: InspectionTask) -> Iterable[int]:
    """The team, and whoever could not have been on it: the same interests keep a person from judging its work."""
    recusals = Recusals.of(task)
    return {*team_of(task), *recusals.unit_users, *recusals.declared}


_ON_THE_TEAM = "参加本次检查的人"
REVIEW = separated(
    Act(
        name="task.review",
        who=f"{_ON_THE_TEAM}和应当回避的人",
        may_not="审核本次检查的结果",
        kept=_partial,
        office=_office,
    )
)
REOPEN = separated(
    Act(name="task.reopen", who=_ON_THE_TEAM, may_not="退回本次检查", kept=team_of, office=_office)
)
CLOSE = separated(
    Act(name="task.close", who=_ON_THE_TEAM, may_not="办结本次检查", kept=team_of, office=_office)
)


def _concerned(review: CertificationReview) -> Iterable[int]:
    """The team, and the people who run the bureau that was looked at, whatever else they are."""
    return {*team_of(review.task), *people_of(review.bureau_id)}


def _office_of_review(review: CertificationReview) -> Authority:
    return review.authority


DECIDE_REVIEW = separated(
    Act(
        name="review.decide",
        who=f"{_ON_THE_TEAM}和被检查区局的人员",
        may_not="提出整改要求、确认或者上报考核工作整改",
        kept=_concerned,
        office=_office_of_review,
    )
)


def _proposer(order: StopTransferOrder) -> Iterable[int | None]:
    return [order.proposed_by_id]


def _office_of_order(order: StopTransferOrder) -> Authority:
    return order.task.authority


APPROVE_STOP = separated(
    Act(
        name="stop.approve",
        who="提出停止量值传递的人",
        may_not="自己批准或者不予采取",
        kept=_proposer,
        office=_office_of_order,
    )
)
WITHDRAW_STOP = separated(
    Act(
        name="stop.withdraw",
        who=ISSUER,
        may_not=TAKE_BACK,
        kept=lambda order: [order.approved_by_id],
        office=_office_of_order,
        alone=True,
    )
)


def _team_of_finding(finding: Finding) -> Iterable[int]:
    return team_of(finding.task)


DECIDE_OBJECTION = separated(
    Act(
        name="finding.decide_objection",
        who="认定该问题的检查组成员",
        may_not="答复对它的异议",
        kept=_team_of_finding,
        office=lambda finding: finding.task.authority,
    )
)


def _reporter(issue: SingleIssueReport) -> Iterable[int]:
    return [issue.reported_by.user_id]


ANSWER_ISSUE = separated(
    Act(
        name="single_issue.answer",
        who="上报该事项的人",
        may_not="自己答复",
        kept=_reporter,
        office=lambda issue: issue.reported_to,
    )
)
