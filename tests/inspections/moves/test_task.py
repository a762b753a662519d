"""Every state of a task against every move, by hand; then what each move asks for."""

import datetime as dt
import itertools

import pytest

from inspections.enums import TaskState, TeamRole
from inspections.models import CostDeclaration, NotPerformedRecord
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import result as result_moves
from inspections.moves import task as task_moves
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import (
    SheetFactory,
    TaskFactory,
    TeamMemberFactory,
)
from tests.inspections.story import VISIT, annex1

DETAIL = "到场后大门关闭，联系人电话停机，物业证实已停产。"


def _assign(task):
    team = [
        (MembershipFactory(role="district_inspector", authority=task.authority), role)
        for role in (TeamRole.LEADER, TeamRole.OFFICER)
    ]
    task_moves.assign(task, actor=None, members=team, planned_on=VISIT.date())


MOVES = {
    "assign": _assign,
    "notify": lambda t: task_moves.notify(t, actor=None),
    "start": lambda t: task_moves.start(
        t, actor=None, arrived_at=VISIT, credential_shown=True, rules_read=True, attendees="示例人"
    ),
    "to_signing": lambda t: task_moves.to_signing(t, actor=None),
    "resume": lambda t: task_moves.resume(t, actor=None, note="单位对事实有不同意见"),
    "conclude": lambda t: result_moves.conclude(
        t, actor=None, refusal=result_moves.Refusal("拒绝签字", witness="示例见证人")
    ),
    "review": lambda t: result_moves.review(t, actor=None),
    "reopen": lambda t: result_moves.reopen(t, actor=None, note="事实不清"),
    "close": lambda t: result_moves.close(t, actor=None),
    "record_not_performed": lambda t: not_performed_moves.record_not_performed(
        t,
        actor=None,
        reason="suspended",
        detail=DETAIL,
        attempted_at=VISIT,
        follow_up_due=dt.date(2021, 7, 15),
    ),
    "refuse": lambda t: not_performed_moves.refuse(t, actor=None, note="拒绝提供记录"),
    "arrange_follow_up": lambda t: not_performed_moves.arrange_follow_up(
        t, actor=None, due_on=dt.date(2021, 7, 15)
    ),
    "close_not_performed": lambda t: not_performed_moves.close_not_performed(
        t, actor=None, note="单位已注销"
    ),
}

ALLOWED = {
    ("planned", "assign"): "assigned",
    ("planned", "record_not_performed"): "not_performed",
    ("assigned", "notify"): "notified",
    ("assigned", "start"): "in_progress",
    ("assigned", "record_not_performed"): "not_performed",
    ("notified", "start"): "in_progress",
    ("notified", "record_not_performed"): "not_performed",
    ("in_progress", "to_signing"): "signing",
    ("in_progress", "record_not_performed"): "not_performed",
    ("in_progress", "refuse"): "refused",
    ("signing", "conclude"): "concluded",
    ("signing", "resume"): "in_progress",
    ("concluded", "review"): "reviewed",
    ("concluded", "reopen"): "in_progress",
    ("reviewed", "close"): "closed",
    ("not_performed", "arrange_follow_up"): "follow_up",
    ("not_performed", "close_not_performed"): "closed",
    ("refused", "close_not_performed"): "closed",
    ("refused", "arrange_follow_up"): "follow_up",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "move"), list(itertools.product(TaskState.values, MOVES)))
def test_every_state_against_every_move(state, move):
    if move == "start":
        annex1()
    task = TaskFactory(state=state)
    if state not in ("planned", "assigned", "notified"):
        SheetFactory(task=task, standard=None, conclusion="conform")
        task.sheets.update(standard=None)
    TeamMemberFactory(task=task, role="leader")
    if move == "conclude":
        task.team.all().delete()
    if move == "close_not_performed":
        NotPerformedRecord.objects.create(
            task=task, reason="dissolved", detail=DETAIL, attempted_at=VISIT
        )

    if move == "review":
        CostDeclaration.objects.create(task=task)

    if target := ALLOWED.get((state, move)):
        MOVES[move](task)
        task.refresh_from_db()
        assert task.state == target
        entry = AuditEntry.objects.about(task).get(action=f"task.{move}")
        assert (entry.before["state"], entry.after["state"]) == (state, target)
    else:
        with pytest.raises(TransitionError):
            MOVES[move](task)
        task.refresh_from_db()
        assert task.state == state
        assert not AuditEntry.objects.about(task).exists()
