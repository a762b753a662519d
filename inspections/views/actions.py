"""What can be done next with a visit, in the order it is usually done, with the verdict of the policy."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from django.urls import reverse

from inspections import extension, policies
from inspections.enums import TaskState
from inspections.integrity import policies as integrity
from inspections.joint import policies as joint
from inspections.models import InspectionTask
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import result as result_moves
from inspections.moves import task as task_moves
from metrostd.common.actions import Action
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict

Policy = Callable[[Actor, InspectionTask], Verdict]


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table: the states it belongs to, the route, the policy, and how it looks."""

    states: Collection[str]
    label: str
    route: str
    policy: Policy
    kind: str = "post"
    tone: str = "default"
    icon: str = ""
    confirm: str = ""
    note_label: str = "理由"
    #: Whether it is done already though the state is the same: what comes after it is then the next move.
    done: Callable[[InspectionTask], bool] | None = None

    def action(self, user: Actor, task: InspectionTask) -> Action:
        return Action(
            self.label,
            reverse(f"inspections:{self.route}", args=[task.pk]),
            self.policy(user, task),
            self.kind,
            self.tone,
            self.icon,
            self.confirm,
            self.note_label,
        )


#: Before the result: who goes, the door, the sheets, the signatures.
_VISIT = (
    Step({TaskState.PLANNED}, "派员", "assign", policies.can_assign, "link", icon="users"),
    Step(
        task_moves.START.sources,
        "开始检查",
        "start",
        policies.can_start,
        "link",
        icon="player-play",
    ),
    Step(
        task_moves.NOTIFY.sources,
        "通知被检查单位",
        "notify",
        policies.can_notify,
        icon="send",
        confirm="通知发出后，被检查单位能看到检查时间、地点和检查组成员。确定通知？",
    ),
    Step(TaskState.not_begun, "联合检查", "propose_joint", joint.can_propose, "link", icon="link"),
    Step(TaskState.arranged, "调整检查组", "assign", policies.can_assign, "link"),
    Step(
        task_moves.TO_SIGNING.sources,
        "核对并送签",
        "signing",
        policies.can_fill,
        "link",
        icon="signature",
    ),
    Step(
        task_moves.TO_SIGNING.sources,
        "带走（无网络填写）",
        "devices",
        policies.can_take_along,
        "link",
        icon="device-tablet",
    ),
    Step(
        result_moves.CONCLUDE.sources,
        "签字",
        "signing",
        policies.can_sign,
        "link",
        icon="signature",
    ),
    Step(
        result_moves.REVIEW.sources,
        "申报检查费用",
        "declare_cost",
        integrity.can_declare,
        "link",
        icon="receipt",
        done=integrity.declared,
    ),
    Step(
        result_moves.REVIEW.sources,
        "审核通过",
        "review",
        policies.can_review,
        icon="circle-check",
        confirm="审核通过后不能再退回重填；问题可以下达整改文书。确定？",
    ),
    Step(result_moves.REOPEN.sources, "退回重填", "reopen", policies.can_reopen, "note"),
)
#: What later stages do next with a reviewed visit stands between these and those before.
_AFTER = (
    Step(
        result_moves.CLOSE.sources,
        "办结",
        "close",
        policies.can_close,
        icon="archive",
        confirm="所有问题已销号、停止量值传递已解除的才能办结。确定办结？",
    ),
    Step(
        TaskState.open_to_stop,
        "提出停止量值传递",
        "propose_stop",
        policies.can_propose_stop,
        "link",
        tone="danger",
        icon="hand-stop",
    ),
    Step(
        not_performed_moves.ARRANGE_FOLLOW_UP.sources,
        "安排后续检查",
        "follow_up",
        policies.can_arrange_follow_up,
        "link",
        icon="calendar-plus",
    ),
    Step(
        {TaskState.NOT_PERFORMED},
        "提出处理意见",
        "settle_escalated",
        policies.can_settle_escalated,
        "note",
        note_label="处理意见",
    ),
    Step(
        not_performed_moves.CLOSE_NOT_PERFORMED.sources,
        "办结（不再检查）",
        "close_not_performed",
        policies.can_close_not_performed,
        "note",
        note_label="处理情况",
    ),
    Step(
        not_performed_moves.NOT_PERFORMED.sources,
        "登记未能实施",
        "not_performed",
        policies.can_record_not_performed,
        "link",
        tone="danger",
    ),
    Step(
        not_performed_moves.REFUSE.sources,
        "登记拒绝检查",
        "refuse",
        policies.can_refuse,
        "note",
        tone="danger",
        note_label="拒绝检查的情况",
    ),
)


def actions_for(user: Actor, task: InspectionTask) -> list[Action]:
    """The moves open to this person, and always the next one of the visit with who has to make it."""
    possible = [
        *_of_table(_VISIT, user, task),
        *_of_later_stages(user, task),
        *_of_table(_AFTER, user, task),
    ]
    found = [action for n, action in enumerate(possible) if action.verdict or n == 0]
    first = next((n for n, action in enumerate(found) if action.verdict), None)
    return [
        replace(action, tone="primary") if number == first and action.tone == "default" else action
        for number, action in enumerate(found)
    ]


def _of_table(table: tuple[Step, ...], user: Actor, task: InspectionTask) -> list[Action]:
    return [
        step.action(user, task)
        for step in table
        if task.state in step.states and not (step.done and step.done(task))
    ]


def _of_later_stages(user: Actor, task: InspectionTask) -> list[Action]:
    if task.state not in result_moves.CLOSE.sources | TaskState.not_inspected:
        return []
    return [
        Action(label, url, YES, "link", icon="file-text")
        for label, url in extension.next_steps(task, user)
    ]
