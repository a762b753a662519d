"""The lists of visits and of single issues as sheets of a workbook."""

import datetime as dt
from collections.abc import Iterable

from metrostd.common.enums import Conclusion
from metrostd.common.shapes import CellValue
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.common.templatetags.formats import cn_date, cn_datetime

from .models import InspectionTask, SingleIssueReport

_COLUMNS = (
    Column("被检查单位", 36),
    Column("组织检查的部门", 20),
    Column("类型", 14),
    Column("状态", 14),
    Column("计划检查日期", 16),
    Column("检查组", 40),
    Column("计量标准（项）", 14),
    Column("发现问题（个）", 14),
    Column("单位结论", 12),
)


def task_sheet(tasks: Iterable[InspectionTask], *, on: dt.date) -> Sheet:
    """Rows as shown in the list; ``tasks`` carry standard_count and finding_count."""
    return Sheet("检查任务", f"检查任务清单（{cn_date(on)}）", _COLUMNS, map(_row, tasks))


def _row(task: InspectionTask) -> tuple[CellValue, ...]:
    team = "；".join(f"{m.membership.user}（{m.get_role_display()}）" for m in task.team.all())
    return (
        task.subject.name,
        str(task.authority),
        task.get_kind_display(),
        task.get_state_display(),
        cn_date(task.planned_on),
        team,
        task.standard_count,  # type: ignore[attr-defined]
        task.finding_count,  # type: ignore[attr-defined]
        Conclusion(task.conclusion).label if task.conclusion else "",
    )


_ISSUE_COLUMNS = (
    Column("编号", 24),
    Column("事项", 36),
    Column("上报部门", 18),
    Column("被检查单位", 30),
    Column("检查项", 10),
    Column("缓急", 8),
    Column("状态", 10),
    Column("上报时间", 18),
    Column("答复期限", 16),
    Column("请示的问题", 50),
    Column("答复", 50),
    Column("答复时间", 18),
)


def single_issue_sheet(issues: Iterable[SingleIssueReport], *, on: dt.date) -> Sheet:
    """Matters as shown in the list, each with its question and its answer."""
    return Sheet(
        "一事一报", f"一事一报清单（{cn_date(on)}）", _ISSUE_COLUMNS, map(_issue_row, issues)
    )


def _issue_row(issue: SingleIssueReport) -> tuple[CellValue, ...]:
    return (
        issue.number,
        issue.subject,
        str(issue.authority),
        issue.task.subject.name if issue.task else "",
        issue.item_code,
        issue.get_urgency_display(),
        issue.get_state_display(),
        cn_datetime(issue.reported_at),
        cn_date(issue.due_on),
        issue.question,
        issue.answer,
        cn_datetime(issue.answered_at),
    )
