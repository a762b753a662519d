"""What can be done next with a visit, in the order it is usually done, with the verdict of the policy."""

from dataclasses import replace
from typing import Any

from django.urls import reverse

from inspections import extension, policies
from inspections.enums import TaskState
from inspections.models import InspectionTask
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import result as result_moves
from inspections.moves import stop as stop_moves
from inspections.moves import task as task_moves
from metrostd.common.policies import YES, Verdict, first_no

from .rows import Action


def actions_for(user: Any, task: InspectionTask) -> list[Action]:
    """The moves open to this person, and always the next one of the visit with who has to make it."""
    possible = _visit(user, task) + _after(user, task) + _failed(user, task)
    found = [action for n, action in enumerate(possible) if action.verdict or n == 0]
    first = next((n for n, action in enumerate(found) if action.verdict), None)
    return [
        replace(action, tone="primary") if number == first and action.tone == "default" else action
        for number, action in enumerate(found)
    ]


def _url(name: str, task: InspectionTask) -> str:
    return reverse(f"inspections:{name}", args=[task.pk])


def _visit(user: Any, task: InspectionTask) -> list[Action]:
    state = task.state
    found = []
    if state == TaskState.PLANNED:
        found.append(
            Action(
                "派员", _url("assign", task), policies.can_assign(user, task), "link", icon="users"
            )
        )
    if task_moves.START.allowed_from(state):
        found.append(
            Action(
                "开始检查",
                _url("start", task),
                policies.can_start(user, task),
                "link",
                icon="player-play",
            )
        )
    if task_moves.NOTIFY.allowed_from(state):
        found.append(
            Action(
                "通知被检查单位",
                _url("notify", task),
                policies.can_notify(user, task),
                icon="send",
                confirm="通知发出后，被检查单位能看到检查时间、地点和检查组成员。确定通知？",
            )
        )
    if state in task_moves.REPLACEABLE:
        found.append(
            Action("调整检查组", _url("assign", task), policies.can_assign(user, task), "link")
        )
    if state == TaskState.IN_PROGRESS:
        found.append(
            Action(
                "核对并送签",
                _url("signing", task),
                policies.can_fill(user, task),
                "link",
                icon="signature",
            )
        )
    if state == TaskState.SIGNING:
        found.append(
            Action(
                "签字",
                _url("signing", task),
                policies.can_sign(user, task),
                "link",
                icon="signature",
            )
        )
    return found


def _after(user: Any, task: InspectionTask) -> list[Action]:
    state = task.state
    found = []
    if result_moves.REVIEW.allowed_from(state):
        found += [
            Action(
                "审核通过",
                _url("review", task),
                policies.can_review(user, task),
                icon="circle-check",
                confirm="审核通过后不能再退回重填；问题可以下达整改文书。确定？",
            ),
            Action("退回重填", _url("reopen", task), policies.can_reopen(user, task), "note"),
        ]
    if result_moves.CLOSE.allowed_from(state):
        found += [
            Action(label, url, YES, "link", icon="file-text")
            for label, url in extension.next_steps(task, user)
        ]
        found.append(
            Action(
                "办结",
                _url("close", task),
                first_no(policies.can_close(user, task), _settled(task)),
                icon="archive",
                confirm="所有问题已销号、停止量值传递已解除的才能办结。确定办结？",
            )
        )
    if state in stop_moves.PROPOSABLE:
        found.append(
            Action(
                "提出停止量值传递",
                _url("propose_stop", task),
                policies.can_propose_stop(user, task),
                "link",
                tone="danger",
                icon="hand-stop",
            )
        )
    return found


def _settled(task: InspectionTask) -> Verdict:
    reason = result_moves.unsettled(task)
    return Verdict(reason) if reason else YES


def _failed(user: Any, task: InspectionTask) -> list[Action]:
    state = task.state
    found = []
    if not_performed_moves.ARRANGE_FOLLOW_UP.allowed_from(state):
        found.append(
            Action(
                "安排后续检查",
                _url("follow_up", task),
                policies.can_arrange_follow_up(user, task),
                "link",
                icon="calendar-plus",
            )
        )
    if not_performed_moves.CLOSE_NOT_PERFORMED.allowed_from(state):
        found.append(
            Action(
                "办结（不再检查）",
                _url("close_not_performed", task),
                policies.can_close_not_performed(user, task),
                "note",
                note_label="处理情况",
            )
        )
    if not_performed_moves.NOT_PERFORMED.allowed_from(state):
        found.append(
            Action(
                "登记未能实施",
                _url("not_performed", task),
                policies.can_record_not_performed(user, task),
                "link",
                tone="danger",
            )
        )
    if not_performed_moves.REFUSE.allowed_from(state):
        found.append(
            Action(
                "登记拒绝检查",
                _url("refuse", task),
                policies.can_refuse(user, task),
                "note",
                tone="danger",
                note_label="拒绝检查的情况",
            )
        )
    return found
