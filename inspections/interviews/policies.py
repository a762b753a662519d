"""Who writes a record down, who signs it, who reads its paper."""

from inspections.enums import TeamRole
from inspections.models import InspectionTask, Interview
from inspections.policies import may_take_part, team_role
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you

from .moves import CLOSE, OPEN, REFUSE, VOID


def can_begin(user: Actor, task: InspectionTask) -> Verdict:
    """A member of the team, from the arrival to the review."""
    open_now = "" if task.state in OPEN else "检查开始后、审核前才能制作现场笔录。"
    return may_take_part(user, task) and not_now(open_now)


def may_sign(user: Actor, interview: Interview) -> Verdict:
    """Officers of the team sign, and take the signature of who answered."""
    if team_role(user, interview.task) in TeamRole.officers:
        return YES
    return not_you("由检查组执法人员签字和收取签字。")


def can_close(user: Actor, interview: Interview) -> Verdict:
    return may_sign(user, interview) and CLOSE.verdict(interview)


def can_refuse(user: Actor, interview: Interview) -> Verdict:
    return may_sign(user, interview) and REFUSE.verdict(interview)


def can_void(user: Actor, interview: Interview) -> Verdict:
    return may_sign(user, interview) and VOID.verdict(interview)
