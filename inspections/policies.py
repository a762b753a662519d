"""Who may do what with a visit. Scope is decided by ``visible_to``; here it is the next step only.

``may_…`` asks about the person alone and is what a POST enforces: the state is left to the move, so
that a second press is answered as stale (409) and not as forbidden. ``can_…`` asks both and is what
a button shows.
"""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

from . import separation, services, signatures
from .enums import TaskState, TeamRole
from .models import ChecklistAnswer, ChecklistSheet, InspectionTask, StopTransferOrder, TaskLease
from .moves import lease as lease_moves
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


def may_oversee_visits(user: Actor) -> Verdict:
    """Calendar and board of visits: whoever runs an office, each within what it sees."""
    return YES if runs_an_office(user) else not_you("日历和现场看板由组织检查的部门查看。")


def runs_an_office(user: Actor) -> bool:
    """Whether the acting membership runs any office at all: such a person may be asked to step in."""
    return user.acting is not None and user.acting.role in Role.offices


def can_keep_checklists(user: Actor) -> Verdict:
    """Annex 1 and Annex 2 are everybody's; the administrator keeps them."""
    if user.scope.role == Role.SYSTEM_ADMIN:
        return YES
    return not_you("检查表由系统管理员维护。")


def team_role(user: Actor, task: InspectionTask) -> str:
    """The acting membership's place in the team, or an empty string. Uses what was read along if any."""
    acting = user.acting
    if acting is None:
        return ""
    if task.known_roles is not None and acting.pk in task.known_roles:
        return task.known_roles[acting.pk]
    return next((row.role for row in task.team.all() if row.membership_id == acting.pk), "")


def is_inspected(user: Actor, task: InspectionTask) -> bool:
    """Whether the person acts for the unit or the bureau the visit is to: they see what is told to them."""
    if user.scope.role == Role.UNIT_USER:
        return True
    acting = user.acting
    return (
        task.bureau_id is not None
        and acting is not None
        and acting.authority_id == task.bureau_id
        and not team_role(user, task)
    )


def may_run(user: Actor, task: InspectionTask) -> Verdict:
    """Steps of the office that organises the visit."""
    return YES if is_office(user, task) else _OFFICE


def may_lead(user: Actor, task: InspectionTask) -> Verdict:
    """Steps of the leader of the team."""
    return YES if team_role(user, task) == TeamRole.LEADER else _LEADER


def may_take_part(user: Actor, task: InspectionTask) -> Verdict:
    """Steps of every member of the team."""
    return YES if team_role(user, task) else _TEAM


def can_take_along(user: Actor, task: InspectionTask) -> Verdict:
    """Take a visit to a device that works without a network: its team, while the sheets are filled in."""
    return can_fill(user, task)


def may_use_lease(user: Actor, lease: TaskLease) -> Verdict:
    """The key, the bundle and the queue of a device are its member's alone, in that very capacity."""
    if user.acting is not None and user.acting.pk == lease.membership_id:
        return YES
    return not_you("只有带走这项任务的人能在设备上打开和送达。")


def may_see_leases(user: Actor, task: InspectionTask) -> Verdict:
    """Which devices hold a visit is for its team and its office to know."""
    return can_open_signing(user, task)


def may_shut_out(user: Actor, lease: TaskLease) -> Verdict:
    """A lost device: its member, the leader of the team, or the office."""
    if may_use_lease(user, lease) or is_office(user, lease.task):
        return YES
    return may_lead(user, lease.task)


def can_shut_out(user: Actor, lease: TaskLease) -> Verdict:
    return may_shut_out(user, lease) and lease_moves.SHUT_OUT.verdict(lease)


def can_assign(user: Actor, task: InspectionTask) -> Verdict:
    """Name the team, or change it before the visit starts."""
    if task.state in TaskState.arranged:
        return may_run(user, task)
    return may_run(user, task) and task_moves.ASSIGN.verdict(task)


def can_notify(user: Actor, task: InspectionTask) -> Verdict:
    return may_run(user, task) and task_moves.NOTIFY.verdict(task)


def can_start(user: Actor, task: InspectionTask) -> Verdict:
    return may_lead(user, task) and task_moves.START.verdict(task)


def can_read_notice(user: Actor, task: InspectionTask) -> Verdict:
    """The letter that announces a visit, to everybody who sees it, once the unit has been told; a bureau has its own."""
    if task.bureau_id is not None:
        return not_now("区局的通知书在考核工作检查中。")
    return not_now("" if task.state in TaskState.known_to_unit else "还没有通知被检查单位。")


def can_print_sheets(user: Actor, task: InspectionTask) -> Verdict:
    """Blank sheets, to whoever goes there or sends the team."""
    return may_take_part(user, task) or may_run(user, task)


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


def can_confirm_evidence(user: Actor, task: InspectionTask) -> Verdict:
    """Take down that the inspected confirm evidence: before it is signed for, by who ends the visit."""
    return services.filling(task) and may_end(user, task)


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


def may_settle_escalated(user: Actor, task: InspectionTask) -> Verdict:
    """What is to be done about a visit that failed twice says the office it was reported to."""
    record = getattr(task, "not_performed", None)
    above = record.escalated_to if record else None
    return runs(user, above) if above else not_you("没有上报的不用提出处理意见。")


def can_settle_escalated(user: Actor, task: InspectionTask) -> Verdict:
    record = getattr(task, "not_performed", None)
    done = "已经提出处理意见。" if record and record.outcome_at else ""
    return may_settle_escalated(user, task) and not_now(done)


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


def may_ask_acceptance(user: Actor) -> Verdict:
    """The unit whose standard is stopped asks for itself; whose it is says the scope."""
    return YES if user.scope.role == Role.UNIT_USER else not_you("由被检查单位申请验收。")


def can_ask_acceptance(user: Actor, order: StopTransferOrder) -> Verdict:
    return may_ask_acceptance(user) and stop_moves.open_to_ask(order)


def can_lift_stop(user: Actor, order: StopTransferOrder) -> Verdict:
    return may_run(user, order.task) and stop_moves.LIFT.verdict(order)
