"""更换、封存、撤销、恢复使用: what a unit applies for, and how far the application is."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class ChangeKind(models.TextChoices):
    """The procedures of JJF 1033 第七章 that a unit starts."""

    REPLACE = "replace", "更换"
    SEAL = "seal", "封存"
    WITHDRAW = "withdraw", "撤销（计量标准）"
    RESUME = "resume", "恢复使用"

    #: 主管部门 gives its opinion on these forms.
    through_department = nonmember(frozenset({"seal", "withdraw"}))


class ChangeState(StateChoices):
    DRAFT = "draft", "填写中"
    SUBMITTED = "submitted", "已提交"
    RETURNED = "returned", "退回"
    APPROVED = "approved", "已批准"
    REFUSED = "refused", "不予批准"
    WITHDRAWN = "withdrawn", "已撤回"

    tones = nonmember(
        {
            "draft": "muted",
            "submitted": "info",
            "returned": "warn",
            "approved": "ok",
            "refused": "bad",
            "withdrawn": "muted",
        }
    )
    turns = nonmember(
        {
            Turn.UNIT: frozenset({"draft", "returned"}),
            Turn.OFFICE: frozenset({"submitted"}),
            Turn.NOBODY: frozenset({"approved", "refused", "withdrawn"}),
        }
    )
    editable = nonmember(turns[Turn.UNIT])
    open = nonmember(editable | turns[Turn.OFFICE])
    decided = nonmember(frozenset({"approved", "refused"}))


class ChangeSituation(models.TextChoices):
    """情况 of the replacement form: boxes to tick."""

    MAIN_RENEWED = "main_renewed", "计量标准器更新"
    MAIN_ADDED = "main_added", "计量标准器增加"
    MAIN_REMOVED = "main_removed", "计量标准器减少"
    AUXILIARY_RENEWED = "auxiliary_renewed", "配套设备更新"
    AUXILIARY_ADDED = "auxiliary_added", "配套设备增加"
    AUXILIARY_REMOVED = "auxiliary_removed", "配套设备减少"
    OTHER = "other", "其他"


class ChangeCause(models.TextChoices):
    """原因 of the replacement form: boxes to tick."""

    REGULATION = "regulation", "规程规范变更"
    EQUIPMENT = "equipment", "设备问题"
    WORKLOAD = "workload", "工作量变化"
    OTHER = "other", "其他"


class ChangeEffect(models.TextChoices):
    """What a replacement does to the standard; it decides which procedure follows."""

    UNCHANGED = "unchanged", "不变"
    SCOPE = "scope", "测量范围或者开展的检定、校准项目有变化"
    CHARACTERISTICS = "characteristics", "不确定度、准确度等级或者最大允许误差有变化"


class LineSide(models.TextChoices):
    BEFORE = "before", "更换前"
    AFTER = "after", "更换后"
