"""Who declares, who settles, who gives feedback and who alone reads it."""

from inspections.enums import TaskState, TeamRole
from inspections.models import CostDeclaration, InspectionTask, IntegrityFeedback
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role


def may_watch(user: Actor) -> Verdict:
    """纪检监督 alone: neither offices nor administrators nor auditors."""
    if user.scope.role == Role.DISCIPLINE:
        return YES
    return not_you("廉政反馈只由纪检监督查看。")


def may_declare(user: Actor, task: InspectionTask) -> Verdict:
    """The leader of the team, who travelled with it."""
    acting = user.acting
    leads = acting is not None and any(
        row.membership_id == acting.pk and row.role == TeamRole.LEADER for row in task.team.all()
    )
    return YES if leads else not_you("检查费用由检查组组长申报。")


def declared(task: InspectionTask) -> bool:
    """Whether the costs of the visit are declared already."""
    return CostDeclaration.objects.filter(task=task).exists()


def can_declare(user: Actor, task: InspectionTask) -> Verdict:
    """Once, after the visit."""
    if task.state not in TaskState.inspected:
        return not_now("检查结束后才能申报检查费用。")
    done = "检查费用已经申报。" if declared(task) else ""
    return first_no(may_declare(user, task), not_now(done))


def may_give(user: Actor, task: InspectionTask) -> Verdict:
    """The inspected unit."""
    if user.scope.role == Role.UNIT_USER and task.unit_id in user.scope.casework.unit_ids:
        return YES
    return not_you("廉政反馈由被检查单位提交。")


def can_give(user: Actor, task: InspectionTask) -> Verdict:
    """Once, after the visit."""
    if task.state not in TaskState.inspected:
        return not_now("检查结束后才能提交廉政反馈。")
    given = IntegrityFeedback.objects.filter(task=task).exists()
    return first_no(may_give(user, task), not_now("已经提交过廉政反馈。" if given else ""))
