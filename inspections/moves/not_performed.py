"""未能实施: a visit not performed is recorded in detail and followed up (通知二(二)1)."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections import escalating, notifications
from inspections.deadlines import task_due, visit_refusals
from inspections.enums import NotPerformedReason, TaskKind, TeamRole
from inspections.enums import TaskState as State
from inspections.from_draw import check_drawn
from inspections.models import InspectionTask, NotPerformedRecord, TaskStandard
from inspections.services import EVIDENCE_TYPES
from metrostd.accounts.models import Membership
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.transitions import Transition
from metrostd.common.uploads import store_upload


def not_final(task: InspectionTask) -> str:
    """What can never be made up for is closed, and what was followed up in vain; the rest is followed up."""
    record = getattr(task, "not_performed", None)
    if record is not None and record.reason in NotPerformedReason.terminal:
        return ""
    if task.kind == TaskKind.FOLLOW_UP:
        return ""
    return "只有单位注销、标准已撤销或证书失效，或者后续检查仍未能实施的可以办结，其他情况应安排后续检查。"


def of_bureau(task: InspectionTask) -> str:
    """A drawn bureau is visited on another day; it neither moves away nor refuses its superior."""
    return "区局的考核工作监督检查改期进行，请调整检查日期。" if task.bureau_id is not None else ""


NOT_PERFORMED = Transition(
    "task.record_not_performed",
    "登记未能实施",
    State.not_begun | {State.IN_PROGRESS},
    State.NOT_PERFORMED,
    guards=(of_bureau,),
)
REFUSE = Transition(
    "task.refuse",
    "登记拒绝检查",
    frozenset({State.IN_PROGRESS}),
    State.REFUSED,
    needs_note=True,
    guards=(of_bureau,),
)
ARRANGE_FOLLOW_UP = Transition(
    "task.arrange_follow_up",
    "安排后续检查",
    frozenset({State.NOT_PERFORMED, State.REFUSED}),
    State.FOLLOW_UP,
)
CLOSE_NOT_PERFORMED = Transition(
    "task.close_not_performed",
    "办结（不再检查）",
    frozenset({State.NOT_PERFORMED, State.REFUSED}),
    State.CLOSED,
    needs_note=True,
    guards=(not_final,),
)

MOVES = (NOT_PERFORMED, REFUSE, ARRANGE_FOLLOW_UP, CLOSE_NOT_PERFORMED)


@transaction.atomic
def record_not_performed(
    task: InspectionTask,
    *,
    actor: Actor | None,
    reason: str,
    detail: str,
    attempted_at: dt.datetime,
    follow_up_due: dt.date | None,
    follow_up_owner: Membership | None = None,
    attempts: str = "",
    evidence: UploadedFile | None = None,
    late_reason: str = "",
) -> NotPerformedRecord:
    """Record why a listed visit was not performed; a follow-up is owed unless the reason is final.

    ``follow_up_owner`` sees to it; nobody named, whoever records it or led the team does. When the follow-up is not
    performed either, the organising office owes a decision by the same day. Raises ValidationError when the record is
    incomplete, TransitionError when the draw that listed the task has been declared void.
    """
    check_drawn(task)
    NOT_PERFORMED.check(task)
    _check_record(task, reason, detail, attempted_at, follow_up_due, late_reason)
    NOT_PERFORMED.apply(
        task,
        actor=actor,
        note=act_dates.noted(f"{_label(reason)}：{detail.strip()}", late_reason),
        left_at=_left(task),
        unvisited_at=clock.now(),
    )
    final = reason in NotPerformedReason.terminal
    owner = None if final else follow_up_owner or _owner(task, actor)
    record = NotPerformedRecord.objects.create(
        task=task,
        reason=reason,
        detail=detail.strip(),
        attempts=attempts.strip(),
        evidence=store_upload(evidence, accept=EVIDENCE_TYPES) if evidence else None,
        attempted_at=attempted_at,
        follow_up_due=follow_up_due,
        follow_up_owner=owner,
        recorded_by=actor,
    )
    _drop_visit_duties(task, keep_inspection=final)
    if not final and follow_up_due is not None:
        _owe_follow_up(task, follow_up_due, owner=owner)
    notifications.tell_office(
        task, subject=f"未能实施检查：{task.subject}（{_label(reason)}）", sender=actor
    )
    if owner is not None and follow_up_due is not None:
        notifications.tell_owner(task, owner, due_on=follow_up_due, sender=actor)
    if task.kind == TaskKind.FOLLOW_UP:
        escalating.escalate(record, actor=actor)
    return record


def _owner(task: InspectionTask, actor: Actor | None) -> Membership | None:
    """Who sees to the follow-up where nobody was named."""
    if actor is not None and actor.acting is not None and actor.acting.role in Role.officers:
        return actor.acting
    leader = task.team.filter(role=TeamRole.LEADER).select_related("membership__user").first()
    return leader.membership if leader else None


def _check_record(
    task: InspectionTask,
    reason: str,
    detail: str,
    attempted_at: dt.datetime,
    follow_up_due: dt.date | None,
    late_reason: str,
) -> None:
    errors = visit_refusals(
        task, attempted_at, field="attempted_at", what="到场时间", reason=late_reason
    )
    if reason not in NotPerformedReason.values:
        errors["reason"] = "请选择原因。"
    if len(detail.strip()) < NotPerformedRecord.DETAIL_MINIMUM:
        errors["detail"] = f"请写明详细情况，不少于{NotPerformedRecord.DETAIL_MINIMUM}个字。"
    if reason not in NotPerformedReason.terminal:
        if follow_up_due is None:
            errors["follow_up_due"] = "请填写后续检查期限。"
        elif passed := act_dates.not_owed_by(follow_up_due, what="后续检查期限"):
            errors["follow_up_due"] = passed
    if errors:
        raise ValidationError(errors)


@transaction.atomic
def refuse(task: InspectionTask, *, actor: Actor | None, note: str) -> None:
    """The unit refuses the visit that has begun: recorded, the office follows up and refers the case.

    行政许可法第八十条第（三）项、计量法第十八条.
    """
    REFUSE.apply(task, actor=actor, note=note, left_at=_left(task), unvisited_at=clock.now())
    _drop_visit_duties(task, keep_inspection=False)
    _owe_follow_up(task, task_due(task))
    notifications.tell_office(
        task,
        subject=f"拒绝检查：{task.subject}",
        body=f"{note}。请依法处理，并安排后续监督检查。",
        sender=actor,
    )


@transaction.atomic
def arrange_follow_up(
    task: InspectionTask, *, actor: Actor | None, due_on: dt.date
) -> InspectionTask:
    """List a follow-up visit for the same unit and standards, linked to this one; returns it."""
    ARRANGE_FOLLOW_UP.check(task)
    act_dates.check_due(due_on, field="due_on", what="后续检查期限")
    ARRANGE_FOLLOW_UP.apply(task, actor=actor)
    follow_up = InspectionTask.objects.create(
        campaign=task.campaign,
        authority=task.authority,
        unit=task.unit,
        drawn_unit=task.drawn_unit,
        follows=task,
        kind=TaskKind.FOLLOW_UP,
        place=task.place,
    )
    TaskStandard.objects.bulk_create(
        TaskStandard(
            task=follow_up,
            standard_id=row.standard_id,
            category=row.category,
            field_id=row.field_id,
        )
        for row in task.standards.order_by("pk")
    )
    audit.record(
        follow_up,
        actor=actor,
        action="task.create",
        label="列入清单",
        after={"state": State.PLANNED.value, "state_label": State.PLANNED.label},
        note=f"后续监督检查，期限{due_on.year}年{due_on.month}月{due_on.day}日",
    )
    duties.fulfil(task, kind=DutyKind.FOLLOW_UP)
    duties.cancel(task, kind=DutyKind.INSPECTION)
    _owe_follow_up(follow_up, due_on)
    return follow_up


@transaction.atomic
def close_not_performed(task: InspectionTask, *, actor: Actor | None, note: str) -> None:
    """Close a visit that will never be made: a final reason, or a follow-up that was in vain, too.

    The note says what was done about it: reported to the city, referred, disposed of.
    """
    CLOSE_NOT_PERFORMED.apply(task, actor=actor, note=note)
    duties.fulfil(task, kind=DutyKind.INSPECTION)
    duties.fulfil(task, kind=DutyKind.FOLLOW_UP)


def _drop_visit_duties(task: InspectionTask, *, keep_inspection: bool) -> None:
    duties.fulfil(task, kind=DutyKind.ONSITE_TASK)
    duties.fulfil(task, kind=DutyKind.FOLLOW_UP)
    if not keep_inspection:
        duties.cancel(task, kind=DutyKind.INSPECTION)


def _owe_follow_up(
    task: InspectionTask, due_on: dt.date, *, owner: Membership | None = None
) -> None:
    duties.assign(
        task.campaign,
        kind=DutyKind.FOLLOW_UP,
        title=f"后续监督检查：{task.subject}",
        due_on=due_on,
        target=task,
        authority=task.authority,
        detail=f"责任人：{owner.user}" if owner else "",
    )


def _left(task: InspectionTask) -> dt.datetime | None:
    return task.left_at or (clock.now() if task.arrived_at else None)


def _label(reason: str) -> str:
    return NotPerformedReason(reason).label if reason in NotPerformedReason.values else reason
