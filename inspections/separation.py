"""Who may not decide on a visit and what came of it: its team, and whoever proposed or approved an order."""

from collections.abc import Iterable

from metrostd.accounts.separation import Act, separated
from metrostd.registry.models import Authority

from .models import Finding, InspectionTask, StopTransferOrder, TeamMember

#: Said of a paper that was issued, by whichever app issued it.
ISSUER, TAKE_BACK = "下达文书的人", "自己撤回"


def team_of(task: InspectionTask) -> Iterable[int]:
    """The people of the team, whatever their place in it."""
    return TeamMember.objects.filter(task=task).values_list("membership__user", flat=True)


def _office(task: InspectionTask) -> Authority:
    return task.authority


_ON_THE_TEAM = "参加本次检查的人"
REVIEW = separated(
    Act(
        name="task.review",
        who=_ON_THE_TEAM,
        may_not="审核本次检查的结果",
        kept=team_of,
        office=_office,
    )
)
REOPEN = separated(
    Act(name="task.reopen", who=_ON_THE_TEAM, may_not="退回本次检查", kept=team_of, office=_office)
)
CLOSE = separated(
    Act(name="task.close", who=_ON_THE_TEAM, may_not="办结本次检查", kept=team_of, office=_office)
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
