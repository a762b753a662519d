"""Who may do what with a visit. Scope is decided by ``visible_to``; here it is the next step only.

``may_…`` asks about the person alone and is what a POST enforces: the state is left to the move, so
that a second press is answered as stale (409) and not as forbidden. ``can_…`` asks both and is what
a button shows.
"""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_you
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

from . import separation, services, signatures
from .enums import TaskState, TeamRole
from .models import ChecklistAnswer, ChecklistSheet, InspectionTask, StopTransferOrder
from .moves import not_performed as not_performed_moves
from .moves import result as result_moves
from .moves import stop as stop_moves
from .moves import task as task_moves

_OFFICE = not_you("由组织检查的部门办理。")
_LEADER = not_you("由检查组组长办理。")
_TEAM = not_you("由检查组成员办理。")
_OFFICERS_JUDGE = not_you("禁止性行为由组长或者执法人员判定；考评员、专家可以上传证据，提出意见。")


def is_office(user: Actor, task: InspectionTask) -> bool:
    """Whether the acting membership runs the office that organises this visit."""
    acting = user.acting
    if acting is None or acting.role not in Role.offices:
        return False
    return acting.authority_id == task.authority_id or (
        acting.role == Role.DISTRICT_ADMIN
        and task.authority_id in user.scope.casework.authority_ids
    )


def runs(user: Actor, authority: Authority) -> Verdict:
    """The office of this very authority."""
    acting = user.acting
    if acting and acting.role in Role.offices and acting.authority_id == authority.pk:
        return YES
    return not_you(f"由组织检查的部门（{authority}）办理。")


def runs_an_office(user: Actor) -> bool:
    """Whether the acting membership runs any office at all: such a person may be asked to step in."""
    return user.acting is not None and user.acting.role in Role.offices


def team_role(user: Actor, task: InspectionTask) -> str:
    """The acting membership's place in the team, or an empty string. Uses what was read along if any."""
    acting = user.acting
    if acting is None:
        return ""
    if task.known_roles is not None and acting.pk in task.known_roles:
        return task.known_roles[acting.pk]
    return next((row.role for row in task.team.all() if row.membership_id == acting.pk), "")


def may_run(user: Actor, task: InspectionTask) -> Verdict:
    """Steps of the office that organises the visit."""
    return YES if is_office(user, task) else _OFFICE


def may_lead(user: Actor, task: InspectionTask) -> Verdict:
    """Steps of the leader of the team."""
    return YES if team_role(user, task) == TeamRole.LEADER else _LEADER


def may_take_part(user: Actor, task: InspectionTask) -> Verdict:
    """Steps of every member of the team."""
    return YES if team_role(user, task) else _TEAM


def can_assign(user: Actor, task: InspectionTask) -> Verdict:
    """Name the team, or change it before the visit starts."""
    if task.state in TaskState.arranged:
        return may_run(user, task)
    return may_run(user, task) and task_moves.ASSIGN.verdict(task)


def can_notify(user: Actor, task: InspectionTask) -> Verdict:
    return may_run(user, task) and task_moves.NOTIFY.verdict(task)


def can_start(user: Actor, task: InspectionTask) -> Verdict:
    return may_lead(user, task) and task_moves.START.verdict(task)


def can_fill(user: Actor, task: InspectionTask) -> Verdict:
    """Answer items and attach evidence: the team, while the visit is under way."""
    return services.filling(task) and may_take_part(user, task)


def may_answer(user: Actor, answer: ChecklistAnswer) -> Verdict:
    """The team; that somebody did what is prohibited is for its officers to say."""
    task = answer.sheet.task
    if answer.item.is_prohibition and team_role(user, task) in TeamRole.advisers:
        return _OFFICERS_JUDGE
    return may_take_part(user, task)


def can_answer(user: Actor, answer: ChecklistAnswer) -> Verdict:
    return services.filling(answer.sheet.task) and may_answer(user, answer)


def can_conclude_sheet(user: Actor, sheet: ChecklistSheet) -> Verdict:
    return services.filling(sheet.task) and may_lead(user, sheet.task)


def can_send_to_signing(user: Actor, task: InspectionTask) -> Verdict:
    return may_lead(user, task) and task_moves.TO_SIGNING.verdict(task)


def can_resume(user: Actor, task: InspectionTask) -> Verdict:
    return may_lead(user, task) and task_moves.RESUME.verdict(task)


def can_open_signing(user: Actor, task: InspectionTask) -> Verdict:
    """Look at what is missing and who has signed: the team and its office."""
    if is_office(user, task) or team_role(user, task):
        return YES
    return not_you("由检查组和组织检查的部门办理。")


def can_sign(user: Actor, task: InspectionTask) -> Verdict:
    """Signatures are taken on the tablet of a member of the team."""
    return signatures.signing(task) and may_take_part(user, task)


def may_take_for_others(user: Actor, task: InspectionTask) -> Verdict:
    """Other members sign on the leader's device alone, each with their own password."""
    if team_role(user, task) == TeamRole.LEADER:
        return YES
    return not_you("不能代他人签字：由本人登录后签字，或者在组长的设备上输入本人密码后签字。")


def may_end(user: Actor, task: InspectionTask) -> Verdict:
    """Take the unit's signature and end the visit: the leader and the officers of the team."""
    if team_role(user, task) in TeamRole.officers:
        return YES
    return not_you(signatures.ONLY_OFFICERS)


def can_conclude(user: Actor, task: InspectionTask) -> Verdict:
    return may_end(user, task) and result_moves.CONCLUDE.verdict(task)


def may_review(user: Actor, task: InspectionTask) -> Verdict:
    """The office, but nobody who was on the team; so for giving the result back and closing the file."""
    return separation.REVIEW.verdict(user, task, may=may_run(user, task))


def can_review(user: Actor, task: InspectionTask) -> Verdict:
    return may_review(user, task) and result_moves.REVIEW.verdict(task)


def may_reopen(user: Actor, task: InspectionTask) -> Verdict:
    return separation.REOPEN.verdict(user, task, may=may_run(user, task))


def can_reopen(user: Actor, task: InspectionTask) -> Verdict:
    return may_reopen(user, task) and result_moves.REOPEN.verdict(task)


def may_close(user: Actor, task: InspectionTask) -> Verdict:
    return separation.CLOSE.verdict(user, task, may=may_run(user, task))


def can_close(user: Actor, task: InspectionTask) -> Verdict:
    return may_close(user, task) and result_moves.CLOSE.verdict(task)


def may_record_not_performed(user: Actor, task: InspectionTask) -> Verdict:
    """The leader at the door, or the office."""
    return YES if is_office(user, task) else may_lead(user, task)


def can_record_not_performed(user: Actor, task: InspectionTask) -> Verdict:
    may = may_record_not_performed(user, task)
    return may and not_performed_moves.NOT_PERFORMED.verdict(task)


def can_refuse(user: Actor, task: InspectionTask) -> Verdict:
    return may_lead(user, task) and not_performed_moves.REFUSE.verdict(task)


def can_arrange_follow_up(user: Actor, task: InspectionTask) -> Verdict:
    return may_run(user, task) and not_performed_moves.ARRANGE_FOLLOW_UP.verdict(task)


def can_close_not_performed(user: Actor, task: InspectionTask) -> Verdict:
    return may_close(user, task) and not_performed_moves.CLOSE_NOT_PERFORMED.verdict(task)


def can_propose_stop(user: Actor, task: InspectionTask) -> Verdict:
    return stop_moves.open_to_stop(task) and may_lead(user, task)


def may_decide_stop(user: Actor, order: StopTransferOrder) -> Verdict:
    """The office, but not who proposed the order."""
    return separation.APPROVE_STOP.verdict(user, order, may=may_run(user, order.task))


def can_approve_stop(user: Actor, order: StopTransferOrder) -> Verdict:
    return may_decide_stop(user, order) and stop_moves.APPROVE.verdict(order)


def can_reject_stop(user: Actor, order: StopTransferOrder) -> Verdict:
    return may_decide_stop(user, order) and stop_moves.REJECT.verdict(order)


def can_serve_stop(user: Actor, order: StopTransferOrder) -> Verdict:
    return may_run(user, order.task) and stop_moves.SERVE.verdict(order)


def may_withdraw_stop(user: Actor, order: StopTransferOrder) -> Verdict:
    """Take an order back: somebody of the office who did not approve it, or the office above."""
    may = runs(user, order.task.authority)
    return separation.WITHDRAW_STOP.verdict(user, order, may=may)


def can_withdraw_stop(user: Actor, order: StopTransferOrder) -> Verdict:
    return may_withdraw_stop(user, order) and stop_moves.WITHDRAW.verdict(order)


def can_accept_standard(user: Actor, order: StopTransferOrder) -> Verdict:
    return may_run(user, order.task) and stop_moves.open_to_accept(order)


def can_lift_stop(user: Actor, order: StopTransferOrder) -> Verdict:
    return may_run(user, order.task) and stop_moves.LIFT.verdict(order)
