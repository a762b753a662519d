"""Who draws teams, and whose declarations they are."""

from inspections.models import AssignmentRun, DeclaredInterest
from inspections.policies import runs
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you
from metrostd.common.roles import Role


def may_draw(user: Actor) -> Verdict:
    """An office, for its own visits."""
    acting = user.acting
    if acting is not None and acting.role in Role.offices:
        return YES
    return not_you("由组织检查的部门随机派员。")


def may_open(user: Actor, run: AssignmentRun) -> Verdict:
    """The office itself; whoever is above sees it as well."""
    return runs(user, run.authority) if not user.scope.casework.everything else YES


def may_declare(user: Actor) -> Verdict:
    """Whoever may be sent on a visit."""
    acting = user.acting
    if acting is not None and acting.role in Role.officers | Role.technical:
        return YES
    return not_you("利害关系由执法人员、考评员和专家本人申报。")


def can_end(user: Actor, interest: DeclaredInterest) -> Verdict:
    """The office of whoever declared it, with a reason: nobody lifts what keeps themselves away."""
    if interest.ended_at is not None:
        return not_now("已经解除。")
    if interest.membership.user_id == user.pk:
        return not_you("不能解除自己的申报，请由本部门的其他人员核实后解除。")
    authority = interest.membership.authority
    if authority is None:
        return not_you("由本部门核实后解除。")
    return runs(user, authority)
