"""The moves of a visit from the list to the signing: who goes, the door, the sheets.

Its result has its moves in ``result``, a visit that was not performed in ``not_performed``.
"""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections import completeness, notifications, sheets, visit_papers
from inspections.deadlines import check_planned_day, task_due, visit_refusals
from inspections.enums import TaskState as State
from inspections.enums import TeamRole
from inspections.from_draw import check_drawn
from inspections.joint.queries import joined_of
from inspections.models import InspectionTask
from inspections.signatures import void_signatures
from inspections.team import Place, certificate_over, must_withdraw, team_problems, write_team
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import Transition, TransitionError

from . import review

ASSIGN = Transition("task.assign", "派员", frozenset({State.PLANNED}), State.ASSIGNED)
NOTIFY = Transition("task.notify", "通知被检查单位", frozenset({State.ASSIGNED}), State.NOTIFIED)
START = Transition(
    "task.start", "开始检查", State.arranged, State.IN_PROGRESS, guards=(must_withdraw,)
)
TO_SIGNING = Transition("task.to_signing", "送签", frozenset({State.IN_PROGRESS}), State.SIGNING)
RESUME = Transition(
    "task.resume", "退回填写", frozenset({State.SIGNING}), State.IN_PROGRESS, needs_note=True
)

MOVES = (ASSIGN, NOTIFY, START, TO_SIGNING, RESUME)


@transaction.atomic
def assign(
    task: InspectionTask,
    *,
    actor: Actor | None,
    members: list[Place],
    planned_on: dt.date | None,
    place: str = "",
    merged_with: str = "",
) -> None:
    """Send a team: at least two officers, one leader, nobody who has to withdraw (处罚法42、43).

    Raises ValidationError naming every rule broken, or the planned day outside the stage, and
    TransitionError when the draw that listed the task has been declared void.
    """
    check_drawn(task)
    ASSIGN.check(task)
    _check_team(task, members, planned_on)
    ASSIGN.apply(
        task,
        actor=actor,
        planned_on=planned_on,
        place=place.strip() or task.place,
        merged_with=merged_with.strip() or task.merged_with,
    )
    write_team(task, members)
    audit.record(task, actor=actor, action="task.team", label="组成检查组", after=_as_said(members))
    _hand_to_leader(task, members)
    notifications.tell_team(task, sender=actor)


@transaction.atomic
def change_team(
    task: InspectionTask,
    *,
    actor: Actor | None,
    members: list[Place],
    planned_on: dt.date | None,
    place: str = "",
    note: str,
) -> None:
    """Replace the team or the day before the visit starts; the state stays, the reason is recorded."""
    if task.state not in State.arranged:
        raise TransitionError("检查开始后不能再调整检查组。", obj=task)
    if not note.strip():
        raise ValidationError({"note": "请说明调整的理由。"})
    _check_team(task, members, planned_on)
    rows = InspectionTask.objects.filter(pk=task.pk, state=task.state)
    if not rows.update(planned_on=planned_on, place=place.strip()):
        raise TransitionError(f"“{task}”刚刚被他人更新，请查看最新状态。", obj=task)
    task.planned_on, task.place = planned_on, place.strip()
    team = task.team.select_related("membership__user")
    before = _as_said([(row.membership, TeamRole(row.role)) for row in team])
    write_team(task, members)
    duties.cancel(task, kind=DutyKind.ONSITE_TASK)
    _hand_to_leader(task, members)
    audit.record(
        task,
        actor=actor,
        action="task.change_team",
        label="调整检查组",
        before=before,
        after=_as_said(members),
        note=note,
    )
    notifications.tell_team(task, sender=actor)


def _as_said(members: Iterable[Place]) -> dict[str, object]:
    """A team in words, and who is in it: the auditors' desk looks who left."""
    places = list(members)
    return {
        "team": [f"{TeamRole(role).label} {member.user}" for member, role in places],
        "people": [member.user_id for member, _ in places],
    }


def _check_team(task: InspectionTask, members: list[Place], planned_on: dt.date | None) -> None:
    if problems := team_problems(task, members, on=planned_on):
        raise ValidationError(problems)
    if planned_on is not None:
        check_planned_day(task, planned_on)


def _hand_to_leader(task: InspectionTask, members: list[Place]) -> None:
    leader = next(member for member, role in members if role == TeamRole.LEADER)
    duties.assign(
        task.campaign,
        kind=DutyKind.ONSITE_TASK,
        title=f"现场检查：{task.subject}",
        due_on=task_due(task),
        target=task,
        membership=leader,
    )


@transaction.atomic
def notify(task: InspectionTask, *, actor: Actor | None) -> None:
    """Tell the unit of the visit; unannounced visits leave this out. Two visits made together have one notice."""
    NOTIFY.apply(task, actor=actor)
    visit_papers.keep_names(task, actor=actor)
    review.notified(task, actor=actor)
    joint = joined_of(task)
    partner = joint.partner_of(task) if joint else None
    if partner is not None and partner.state != State.NOTIFIED and NOTIFY.verdict(partner):
        NOTIFY.apply(partner, actor=actor, note=f"随{task.authority}的通知一并通知")
        visit_papers.keep_names(partner, actor=actor)
        notifications.tell_unit_of_visit(task, partner=partner, sender=actor)
    elif partner is None or partner.state in State.not_begun - {State.NOTIFIED}:
        notifications.tell_unit_of_visit(task, partner=partner, sender=actor)


@transaction.atomic
def start(
    task: InspectionTask,
    *,
    actor: Actor | None,
    arrived_at: dt.datetime,
    credential_shown: bool,
    rules_read: bool,
    attendees: str,
    late_reason: str = "",
) -> None:
    """Begin the visit: arrival, credentials and that the team knows the rules of 廉洁 are on record, then the sheets are laid out.

    Raises ValidationError without arrival or credentials (行政处罚法第五十五条), without the rules (通知三(三)), for a time
    outside its bounds or long past without a reason, for a certificate that is over by then, without a current
    checklist, or while somebody of the team has to withdraw.
    """
    START.check(task)
    review.check_begin(task)
    if not credential_shown:
        raise ValidationError({"credential_shown": "检查人员应当主动出示执法证件。"})
    if not rules_read:
        raise ValidationError({"rules_read": "检查组进入现场前应当学习廉洁纪律要求。"})
    if wrong := visit_refusals(
        task, arrived_at, field="arrived_at", what="到达时间", reason=late_reason
    ):
        raise ValidationError(wrong)
    day = clock.local(arrived_at).date()
    for place in task.team.select_related("membership__user"):
        if over := certificate_over(place.membership, on=day):
            raise ValidationError(f"{place.membership.user}{over}，请由组织检查的部门调整检查组。")
    START.apply(
        task,
        actor=actor,
        arrived_at=arrived_at,
        credential_shown=True,
        attendees=attendees.strip(),
        note=act_dates.noted("检查组已学习廉洁纪律要求", late_reason),
    )
    review.begun(task, actor=actor)
    sheets.lay_out(task)


@transaction.atomic
def to_signing(task: InspectionTask, *, actor: Actor | None) -> None:
    """Close the filling: everything answered, facts and evidence there, conclusions set (通知三(二)).

    Raises ValidationError listing what is missing, item by item. The task is held meanwhile: a
    save under way is part of what is checked, a later one is refused.
    """
    InspectionTask.objects.select_for_update().get(pk=task.pk)
    TO_SIGNING.check(task)
    if missing := completeness.gaps_of(task):
        lines = [f"{g.subject} {g.item_code} {g.text}".replace("  ", " ") for g in missing[:20]]
        more = len(missing) - len(lines)
        raise ValidationError([*lines, f"另有 {more} 处未填。"] if more else lines)
    found = completeness.progress_by_sheet(task)
    rows = list(task.sheets.all())
    for sheet in rows:
        if sheet.pk in found:
            sheet.suggested = found[sheet.pk].suggested
    TO_SIGNING.apply(task, actor=actor)
    task.sheets.model.objects.bulk_update(rows, ["suggested"])


@transaction.atomic
def resume(task: InspectionTask, *, actor: Actor | None, note: str) -> None:
    """Back from signing to filling, because somebody who has to sign disagrees with what is written."""
    RESUME.apply(task, actor=actor, note=note)
    void_signatures(task)
