"""The list of visits as a workbook."""

import datetime as dt
import io
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from metrostd.common.enums import Conclusion
from metrostd.common.spreadsheet import safe_cell
from metrostd.common.templatetags.formats import cn_date

from .models import InspectionTask

_COLUMNS = (
    ("被检查单位", 36),
    ("组织检查的部门", 20),
    ("类型", 14),
    ("状态", 14),
    ("计划检查日期", 16),
    ("检查组", 40),
    ("计量标准（项）", 14),
    ("发现问题（个）", 14),
    ("单位结论", 12),
)


def task_list_workbook(tasks: Iterable[InspectionTask], *, on: dt.date) -> bytes:
    """Rows as shown in the list; ``tasks`` carry standard_count and finding_count."""
    book = Workbook()
    sheet = book.active
    sheet.title = "检查任务"
    sheet.append([f"检查任务清单（{cn_date(on)}）"])
    sheet.append([title for title, _ in _COLUMNS])
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    for task in tasks:
        sheet.append([safe_cell(value) for value in _row(task)])
    for number, (_, width) in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A3"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def _row(task: InspectionTask) -> list[object]:
    team = "；".join(f"{m.membership.user}（{m.get_role_display()}）" for m in task.team.all())
    return [
        task.unit.name,
        str(task.authority),
        task.get_kind_display(),
        task.get_state_display(),
        cn_date(task.planned_on),
        team,
        task.standard_count,  # type: ignore[attr-defined]
        task.finding_count,  # type: ignore[attr-defined]
        Conclusion(task.conclusion).label if task.conclusion else "",
    ]
