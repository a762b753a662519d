"""Who may do what with a visit. Scope is decided by ``visible_to``; here it is the next step only.

``may_…`` asks about the person alone and is what a POST enforces: the state is left to the move, so
that a second press is answered as stale (409) and not as forbidden. ``can_…`` asks both and is what
a button shows.
"""

from typing import Any

from metrostd.common.policies import YES, Verdict, first_no
from metrostd.common.roles import Role

from .enums import NotPerformedReason, TaskState, TeamRole
from .models import ChecklistSheet, Finding, InspectionTask, StopTransferOrder
from .moves import finding as finding_moves
from .moves import not_performed as not_performed_moves
from .moves import result as result_moves
from .moves import stop as stop_moves
from .moves import task as task_moves

_OFFICE = Verdict("由组织检查的部门办理。")
_LEADER = Verdict("由检查组组长办理。")
_TEAM = Verdict("由检查组成员办理。")


def is_office(user: Any, task: InspectionTask) -> bool:
    """Whether the acting membership runs the office that organises this visit."""
    acting = user.acting
    if acting is None or acting.role not in Role.offices:
        return False
    return acting.authority_id == task.authority_id or (
        acting.role == Role.DISTRICT_ADMIN
        and task.authority_id in user.scope.casework.authority_ids
    )


def team_role(user: Any, task: InspectionTask) -> str:
    """The acting membership's place in the team, or an empty string. Uses prefetched rows if any."""
    acting = user.acting
    if acting is None:
        return ""
    return next((row.role for row in task.team.all() if row.membership_id == acting.pk), "")


def may_run(user: Any, task: InspectionTask) -> Verdict:
    """Steps of the office that organises the visit."""
    return YES if is_office(user, task) else _OFFICE


def may_lead(user: Any, task: InspectionTask) -> Verdict:
    """Steps of the leader of the team."""
    return YES if team_role(user, task) == TeamRole.LEADER else _LEADER


def may_take_part(user: Any, task: InspectionTask) -> Verdict:
    """Steps of every member of the team."""
    return YES if team_role(user, task) else _TEAM


def _state(move: Any, obj: InspectionTask | StopTransferOrder) -> Verdict:
    if move.allowed_from(obj.state):
        return YES
    return Verdict(f"目前是“{obj.get_state_display()}”，不能“{move.label}”。")


def can_assign(user: Any, task: InspectionTask) -> Verdict:
    if task.state in task_moves.REPLACEABLE:
        return may_run(user, task)
    return first_no(may_run(user, task), _state(task_moves.ASSIGN, task))


def can_notify(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_run(user, task), _state(task_moves.NOTIFY, task))


def can_start(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_lead(user, task), _state(task_moves.START, task))


def can_fill(user: Any, task: InspectionTask) -> Verdict:
    """Answer items and attach evidence: the team, while the visit is under way."""
    if task.state != TaskState.IN_PROGRESS:
        return Verdict(f"目前是“{task.get_state_display()}”，检查表不能再填写。")
    return may_take_part(user, task)


def can_conclude_sheet(user: Any, sheet: ChecklistSheet) -> Verdict:
    if sheet.task.state != TaskState.IN_PROGRESS:
        return Verdict(f"目前是“{sheet.task.get_state_display()}”，不能再确定结论。")
    return may_lead(user, sheet.task)


def can_send_to_signing(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_lead(user, task), _state(task_moves.TO_SIGNING, task))


def can_resume(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_lead(user, task), _state(task_moves.RESUME, task))


def can_open_signing(user: Any, task: InspectionTask) -> Verdict:
    """Look at what is missing and who has signed: the team and its office."""
    if is_office(user, task) or team_role(user, task):
        return YES
    return Verdict("由检查组和组织检查的部门办理。")


def can_sign(user: Any, task: InspectionTask) -> Verdict:
    """Signatures are taken on the tablet of a member of the team."""
    if task.state != TaskState.SIGNING:
        return Verdict(f"目前是“{task.get_state_display()}”，不能签字。")
    return may_take_part(user, task)


def can_conclude(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_take_part(user, task), _state(result_moves.CONCLUDE, task))


def can_review(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_run(user, task), _state(result_moves.REVIEW, task))


def can_reopen(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_run(user, task), _state(result_moves.REOPEN, task))


def can_close(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_run(user, task), _state(result_moves.CLOSE, task))


def may_record_not_performed(user: Any, task: InspectionTask) -> Verdict:
    """The leader at the door, or the office."""
    return YES if is_office(user, task) else may_lead(user, task)


def can_record_not_performed(user: Any, task: InspectionTask) -> Verdict:
    who = may_record_not_performed(user, task)
    return first_no(who, _state(not_performed_moves.NOT_PERFORMED, task))


def can_refuse(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_lead(user, task), _state(not_performed_moves.REFUSE, task))


def can_arrange_follow_up(user: Any, task: InspectionTask) -> Verdict:
    return first_no(may_run(user, task), _state(not_performed_moves.ARRANGE_FOLLOW_UP, task))


def can_close_not_performed(user: Any, task: InspectionTask) -> Verdict:
    verdict = first_no(may_run(user, task), _state(not_performed_moves.CLOSE_NOT_PERFORMED, task))
    if not verdict:
        return verdict
    record = getattr(task, "not_performed", None)
    if record is None or record.reason not in NotPerformedReason.terminal:
        return Verdict("只有单位注销、标准已撤销或证书失效的可以直接办结。")
    return YES


def can_propose_stop(user: Any, task: InspectionTask) -> Verdict:
    if task.state not in stop_moves.PROPOSABLE:
        return Verdict("检查开始后、办结前才能提出停止量值传递。")
    return may_lead(user, task)


def can_approve_stop(user: Any, order: StopTransferOrder) -> Verdict:
    return first_no(may_run(user, order.task), _state(stop_moves.APPROVE, order))


def can_reject_stop(user: Any, order: StopTransferOrder) -> Verdict:
    return first_no(may_run(user, order.task), _state(stop_moves.REJECT, order))


def can_serve_stop(user: Any, order: StopTransferOrder) -> Verdict:
    return first_no(may_run(user, order.task), _state(stop_moves.SERVE, order))


def can_lift_stop(user: Any, order: StopTransferOrder) -> Verdict:
    return first_no(may_run(user, order.task), _state(stop_moves.LIFT, order))


def can_dispute(user: Any, finding: Finding) -> Verdict:
    """The unit's own word on a finding; days are checked by the move itself."""
    acting = user.acting
    if acting is None or acting.unit_id != finding.task.unit_id:
        return Verdict("由被检查单位提出。")
    if not finding_moves.DISPUTE.allowed_from(finding.state):
        return Verdict(f"目前是“{finding.get_state_display()}”，不能提出异议。")
    return YES
