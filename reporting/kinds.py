"""What a record behind a figure shows, kind by kind: its columns, a link to its page."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.db import models

from inspections.enums import StopState
from metrostd.common.enums import Answer, Conclusion
from metrostd.registry.enums import Category
from selfcheck.models import SelfCheckReport

from .columns import Column, Get

#: What the list of an earlier day says where the words of that day were written over since.
REWRITTEN = "其后有修改"


@dataclass(frozen=True, slots=True)
class Kind:
    """Columns of one kind of record, and the relations they read."""

    noun: str
    columns: tuple[Column, ...]
    related: tuple[str, ...]
    unit: str


class _Placed(Protocol):
    """A row that carries the category it is counted under."""

    in_category: str


class _Due(Protocol):
    """A finding as it was at the cut-off."""

    is_ordered: bool
    is_extended_later: bool
    extended_from: dt.date | None
    due_on: dt.date | None
    gone_due: dt.date | None
    gone_from: dt.date | None


class _Owed(Protocol):
    """A self-check that was owed, and whether its report was there at the cut-off."""

    is_received: bool

    @property
    def report(self) -> SelfCheckReport: ...


def _category(row: _Placed) -> str:
    value = row.in_category
    return Category(value).label if value in Category.values else ""


def _yes(value: bool) -> str:
    return "是" if value else ""


def _unit(path: str, *, width: int = 34) -> Column:
    """The unit, with its page."""
    return Column("建标单位", at(path), lambda row: at(path)(row).get_absolute_url(), width=width)


def _standard(path: str) -> Column:
    def name(row: models.Model) -> object:
        return at(path)(row) or "单位层面"

    def page(row: models.Model) -> str:
        standard = at(path)(row)
        return standard.get_absolute_url() if standard else ""

    return Column("计量标准", name, page, width=34)


def at(path: str) -> Get:
    # Any: the path names the type
    def get(row: Any) -> Any:
        for name in path.split("."):
            row = getattr(row, name)
        return row

    return get


def _own_page(label: str) -> Column:
    return Column("查看", lambda row: label, lambda row: row.get_absolute_url(), width=10)


def _state() -> Column:
    """The state at the cut-off (``state_then``)."""
    return Column(
        "状态",
        lambda row: row.States(row.state_then).label,
        tone=lambda row: row.States(row.state_then).tone,
    )


def _words(column: Column) -> Column:
    """A column of words that may have been written over since the cut-off: then it says so instead."""
    tone = column.tone
    return replace(
        column,
        value=lambda row: REWRITTEN if row.is_rewritten else column.value(row),
        tone=tone and (lambda row: "" if row.is_rewritten else tone(row)),
    )


def _report(row: _Owed) -> str:
    return row.report.get_absolute_url() if row.is_received else ""


def _due(finding: _Due) -> dt.date | None:
    """The day an ordered finding was due at the cut-off; an extension granted later does not count."""
    if not finding.is_ordered:
        return None
    if finding.gone_due:
        return finding.gone_from if finding.is_extended_later else finding.gone_due
    return finding.extended_from if finding.is_extended_later else finding.due_on


_CATEGORY = Column("类别", _category, width=30)
_FRAME = Kind(
    "计量标准",
    (
        _unit("unit"),
        _standard("standard"),
        _CATEGORY,
        Column("专业领域", lambda row: row.field or "未归类"),
        Column("重点领域", lambda row: _yes(row.is_priority), width=10),
        Column("抽样框", lambda row: row.frame, lambda row: row.frame.get_absolute_url(), width=22),
    ),
    ("unit", "standard", "field", "frame__authority"),
    "unit",
)
_PLAN = Kind(
    "抽中的计量标准",
    (
        _unit("drawn_unit.unit"),
        _standard("standard"),
        _CATEGORY,
        Column("抽取方式", lambda row: row.drawn_unit.get_kind_display(), width=10),
        Column("理由", lambda row: row.drawn_unit.reason or row.get_why_display(), width=24),
        Column("签字检查表", lambda row: "有" if row.is_sheet_signed else "没有", width=12),
        Column("抽取", lambda row: "抽取结果", lambda row: row.drawn_unit.run.get_absolute_url()),
    ),
    ("drawn_unit__unit", "drawn_unit__run__frame__authority", "standard"),
    "drawn_unit.unit",
)
_SHEET = Kind(
    "检查表",
    (
        _unit("task.unit"),
        _standard("standard"),
        _CATEGORY,
        Column(
            "结论",
            lambda row: Conclusion(row.in_conclusion).label,
            tone=lambda row: Conclusion(row.in_conclusion).tone,
            width=12,
        ),
        Column("签字时间", lambda row: row.in_signed_at, width=18),
        _own_page("检查表"),
    ),
    ("task__unit", "standard"),
    "task.unit",
)
_FINDING = Kind(
    "发现问题",
    (
        _unit("task.unit"),
        _standard("standard"),
        Column("检查项", lambda row: row.item.code, width=8),
        _words(
            Column(
                "程度",
                lambda row: row.severity_word,
                tone=lambda row: row.severity_tone,
                width=10,
            )
        ),
        Column("重点项", lambda row: _yes(row.in_key), width=8),
        _words(Column("事实", lambda row: row.fact, width=44)),
        _state(),
        Column("整改期限", _due, width=14),
        _own_page("问题"),
    ),
    ("task__unit", "standard", "item"),
    "task.unit",
)
_ANSWER = Kind(
    "判定",
    (
        _unit("sheet.task.unit"),
        _standard("sheet.standard"),
        Column("检查项", lambda row: row.item.code, width=8),
        Column(
            "判定",
            lambda row: Answer.word(row.answer, prohibition=row.item.is_prohibition),
            tone=lambda row: Answer(row.answer).tone,
            width=10,
        ),
        Column("事实记录", lambda row: row.note, width=44),
        Column("查看", lambda row: "检查表", lambda row: row.sheet.get_absolute_url(), width=10),
    ),
    ("sheet__task__unit", "sheet__standard", "item"),
    "sheet.task.unit",
)
_STOP = Kind(
    "责令停止量值传递",
    (
        _unit("task.unit"),
        _standard("standard"),
        Column("文书编号", lambda row: row.number, width=22),
        _state(),
        Column("起始日期", lambda row: row.in_force_from, width=14),
        Column(
            "解除日期",
            lambda row: row.lifted_on if row.state_then == StopState.LIFTED else None,
            width=14,
        ),
        _own_page("检查任务"),
    ),
    ("task__unit", "standard"),
    "task.unit",
)
_ACT = Kind(
    "证书处置",
    (
        _unit("standard.unit"),
        _standard("standard"),
        Column("处置", lambda row: row.get_kind_display(), width=22),
        Column("依据", lambda row: row.basis, width=40),
        Column("登记时间", lambda row: row.decided_at, width=18),
        Column("发证部门", lambda row: row.standard.issuing_authority, width=18),
        _own_page("计量标准"),
    ),
    ("standard__unit", "standard__issuing_authority"),
    "standard.unit",
)
_REFERRAL = Kind(
    "移送案件",
    (
        _unit("task.unit"),
        Column("移送至", lambda row: row.sent_to, width=24),
        Column("移送日期", lambda row: row.sent_on, width=14),
        Column("案号", lambda row: row.in_case_no, width=20),
        _state(),
        Column("罚没金额（元）", lambda row: row.in_fine, numeric=True),
        _own_page("移送"),
    ),
    ("task__unit",),
    "task.unit",
)
_SELF_CHECK = Kind(
    "自查标准",
    (
        _unit("report.unit"),
        _standard("standard"),
        _CATEGORY,
        Column("接收部门", lambda row: row.report.receiver, width=18),
        Column("报送情况", lambda row: "已收到" if row.is_received else "未收到", width=10),
        Column(
            "首次报送",
            lambda row: row.report.first_submitted_at if row.is_received else None,
            width=18,
        ),
        Column("逾期", lambda row: _yes(row.is_received and row.report.is_late), width=8),
        Column("查看", lambda row: "自查报告" if row.is_received else "", lambda row: _report(row)),
    ),
    ("report__unit", "report__receiver", "standard"),
    "report.unit",
)
_PROBLEM = Kind(
    "自查问题",
    (
        _unit("report.unit"),
        _standard("standard"),
        _words(Column("存在问题", lambda row: row.description, width=44)),
        _words(Column("整改措施", lambda row: row.measure, width=36)),
        Column("完成整改日期", lambda row: row.fixed_on, width=14),
        Column("查看", lambda row: "自查报告", lambda row: row.report.get_absolute_url()),
    ),
    ("report__unit", "standard"),
    "report.unit",
)
_TEAM = Kind(
    "检查组成员",
    (
        _unit("task.unit"),
        Column("人员", lambda row: row.membership.user),
        Column("组内职责", lambda row: row.get_role_display()),
        Column("查看", lambda row: "检查任务", lambda row: row.task.get_absolute_url()),
    ),
    ("task__unit", "membership__user"),
    "task.unit",
)
_ORDER = Kind(
    "整改文书",
    (
        _unit("task.unit"),
        Column("文书", lambda row: row.get_kind_display(), width=18),
        Column("文书编号", lambda row: row.number, lambda row: row.get_absolute_url(), width=24),
        Column("日期", lambda row: row.issued_on, width=14),
    ),
    ("task__unit",),
    "task.unit",
)
_BUREAU = Kind(
    "区局自查报告",
    (
        Column("区局", lambda row: row.bureau, lambda row: row.get_absolute_url(), width=24),
        Column("接收部门", lambda row: row.receiver, width=18),
        Column("首次报送", lambda row: row.first_submitted_at, width=18),
    ),
    ("bureau", "receiver"),
    "",
)
_BUREAU_PROBLEM = Kind(
    "区局自查问题",
    (
        Column("区局", lambda row: row.report.bureau, width=24),
        _words(Column("存在问题", lambda row: row.description, width=44)),
        _words(Column("整改措施", lambda row: row.measure, width=36)),
        Column("完成整改日期", lambda row: row.fixed_then, width=14),
        Column("查看", lambda row: "自查报告", lambda row: row.report.get_absolute_url()),
    ),
    ("report__bureau",),
    "",
)
KINDS = {
    "frame": _FRAME,
    "plan": _PLAN,
    "sheet": _SHEET,
    "finding": _FINDING,
    "answer": _ANSWER,
    "stop": _STOP,
    "act": _ACT,
    "referral": _REFERRAL,
    "self_check": _SELF_CHECK,
    "self_check_problem": _PROBLEM,
    "team": _TEAM,
    "order": _ORDER,
    "bureau": _BUREAU,
    "bureau_problem": _BUREAU_PROBLEM,
}
