"""The list of visits as a sheet of a workbook."""

import datetime as dt
from collections.abc import Iterable

from metrostd.common.enums import Conclusion
from metrostd.common.shapes import CellValue
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.common.templatetags.formats import cn_date

from .models import InspectionTask

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
        task.unit.name,
        str(task.authority),
        task.get_kind_display(),
        task.get_state_display(),
        cn_date(task.planned_on),
        team,
        task.standard_count,  # type: ignore[attr-defined]
        task.finding_count,  # type: ignore[attr-defined]
        Conclusion(task.conclusion).label if task.conclusion else "",
    )
