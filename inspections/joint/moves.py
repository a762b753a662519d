"""Joining two visits, and parting them again before anybody stands at the door."""

import datetime as dt

from django.db import transaction

from inspections import notifications
from inspections.deadlines import check_planned_day
from inspections.enums import JointState as State
from inspections.enums import TaskState
from inspections.models import InspectionTask, JointVisit
from metrostd.common import act_dates, audit
from metrostd.common.actors import Actor
from metrostd.common.transitions import Transition, TransitionError

from .queries import possible_partners


def begun(joint: JointVisit) -> str:
    """Who stands at the door already has come together or alone."""
    both = (joint.first, joint.second)
    return "检查已经开始。" if any(t.state not in TaskState.not_begun for t in both) else ""


AGREE = Transition(
    "joint.agree", "同意联合检查", frozenset({State.PROPOSED}), State.JOINED, guards=(begun,)
)
DECLINE = Transition(
    "joint.decline", "不同意", frozenset({State.PROPOSED}), State.DECLINED, needs_note=True
)
PART = Transition(
    "joint.part",
    "改为分别检查",
    frozenset({State.PROPOSED, State.JOINED}),
    State.PARTED,
    needs_note=True,
    guards=(begun,),
)

MOVES = (AGREE, DECLINE, PART)


@transaction.atomic
def propose(
    task: InspectionTask,
    partner: InspectionTask,
    *,
    actor: Actor | None,
    planned_on: dt.date,
    place: str = "",
    note: str = "",
) -> JointVisit:
    """Ask the office of another visit to the same unit to come along; visits of one office are joined at once.

    Raises ValidationError for a day outside either stage, TransitionError when one of the two has begun or is
    spoken for already.
    """
    held = InspectionTask.objects.select_for_update(of=("self",)).order_by("pk")
    both = {row.pk: row for row in held.filter(pk__in=(task.pk, partner.pk))}
    if any(row.state not in TaskState.not_begun for row in both.values()):
        raise TransitionError("检查已经开始，不能再合并。", obj=task)
    if JointVisit.objects.of(task).standing().exists():
        raise TransitionError("这项检查已经提出或者确定联合检查。", obj=task)
    if not possible_partners(task).filter(pk=partner.pk).exists():
        raise TransitionError(
            "对方的检查不能合并：已经开始、已与其他检查合并，或者不是同一单位。", obj=task
        )
    act_dates.check_due(planned_on, field="planned_on", what="联合检查日期")
    for row in (task, partner):
        check_planned_day(row, planned_on)
    joint = JointVisit.objects.create(
        first=task, second=partner, planned_on=planned_on, place=place.strip(), note=note.strip()
    )
    for row in (task, partner):
        audit.record(
            row, actor=actor, action="task.propose_joint", label="提出联合检查", note=str(joint)
        )
    if task.authority_id == partner.authority_id:
        agree(joint, actor=actor)
    else:
        notifications.tell_office(
            partner,
            subject=f"请确认联合检查：{task.subject}",
            body=f"{task.authority}提出与本部门的检查一次进行。",
            sender=actor,
        )
    return joint


@transaction.atomic
def agree(joint: JointVisit, *, actor: Actor | None) -> None:
    """One day and one place for both. Raises ValidationError when the day has become impossible meanwhile."""
    for task in (joint.first, joint.second):
        check_planned_day(task, joint.planned_on)
    AGREE.apply(joint, actor=actor)
    for task in (joint.first, joint.second):
        before = {"planned_on": str(task.planned_on or ""), "place": task.place}
        task.planned_on = joint.planned_on
        task.place = joint.place or task.place
        task.save(update_fields=["planned_on", "place"])
        audit.record(
            task,
            actor=actor,
            action="task.join",
            label="确定联合检查",
            before=before,
            after={"planned_on": str(task.planned_on), "place": task.place},
            note=str(joint),
        )
    _tell(joint, "已确定联合检查", actor=actor)


@transaction.atomic
def decline(joint: JointVisit, *, actor: Actor | None, note: str) -> None:
    """The other office comes by itself, and says why."""
    DECLINE.apply(joint, actor=actor, note=note)
    notifications.tell_office(
        joint.first, subject=f"没有同意联合检查：{joint.first.subject}", body=note, sender=actor
    )


@transaction.atomic
def part(joint: JointVisit, *, actor: Actor | None, note: str) -> None:
    """Each office comes by itself after all; the days stay until somebody changes them."""
    PART.apply(joint, actor=actor, note=note)
    for task in (joint.first, joint.second):
        audit.record(task, actor=actor, action="task.part", label="改为分别检查", note=note)
    _tell(joint, "联合检查改为分别检查", body=note, actor=actor)


def _tell(joint: JointVisit, what: str, *, actor: Actor | None, body: str = "") -> None:
    for task in (joint.first, joint.second):
        notifications.tell_office(task, subject=f"{what}：{task.subject}", body=body, sender=actor)
        if task.team.exists():
            notifications.tell_team(task, sender=actor)
