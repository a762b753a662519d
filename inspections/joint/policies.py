"""Who joins visits: the offices of the two, each for its own part."""

from inspections.models import InspectionTask, JointVisit
from inspections.policies import is_office, may_run
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you

from .moves import AGREE, DECLINE, PART
from .queries import joint_of, possible_partners


def can_propose(user: Actor, task: InspectionTask) -> Verdict:
    """Where another office, or the same, has a visit to this unit before it as well."""
    if task.bureau_id is not None or not (mine := may_run(user, task)):
        return may_run(user, task) and not_now("区局的考核工作监督检查不与单位检查合并。")
    if joint_of(task) is not None:
        return not_now("已经提出或者确定联合检查。")
    open_ones = possible_partners(task).exists()
    return mine and not_now("" if open_ones else "没有其他部门或者任务要检查这家单位。")


def may_answer(user: Actor, joint: JointVisit) -> Verdict:
    """Whoever was asked."""
    return YES if is_office(user, joint.second) else not_you(f"由{joint.second.authority}确认。")


def may_part(user: Actor, joint: JointVisit) -> Verdict:
    """Either office."""
    if is_office(user, joint.first) or is_office(user, joint.second):
        return YES
    return not_you("由联合检查的两个部门办理。")


def can_agree(user: Actor, joint: JointVisit) -> Verdict:
    return may_answer(user, joint) and AGREE.verdict(joint)


def can_decline(user: Actor, joint: JointVisit) -> Verdict:
    return may_answer(user, joint) and DECLINE.verdict(joint)


def can_part(user: Actor, joint: JointVisit) -> Verdict:
    return may_part(user, joint) and PART.verdict(joint)
