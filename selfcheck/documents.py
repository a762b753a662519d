"""Documents of the self-check: the receipt, and the list of reports as a sheet."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from metrostd.common.rendering import render_pdf
from metrostd.common.spreadsheet import Column, Sheet

from .deadlines import lateness
from .models import SelfCheckReport

_COLUMNS = [
    Column("报送单位", 36),
    Column("类别", 18),
    Column("属地区局", 18),
    Column("接收部门", 18),
    Column("计量标准数", 12),
    Column("存在问题数", 12),
    Column("报送期限", 14),
    Column("首次报送", 18),
    Column("是否逾期", 12),
    Column("状态", 12),
    Column("回执编号", 24),
]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says; screen and PDF print the same values."""

    number: str
    campaign: str
    subject: str
    kind: str
    receiver: str
    office: str
    standards: list[str]
    problems: int
    rectified: int
    declaration_by: str
    first_submitted_at: dt.datetime
    submitted_at: dt.datetime
    due_on: dt.date
    is_late: bool
    revision: int


def receipt_pdf(receipt: Receipt) -> bytes:
    """The receipt as a one-page PDF."""
    return render_pdf("selfcheck/pdf/receipt.html", {"receipt": receipt})


def report_list(reports: Iterable[SelfCheckReport], *, on: dt.date) -> Sheet:
    """The list of reports, in the order given; rows need ``with_counts``."""
    rows = (
        (
            report.name,  # type: ignore[attr-defined]
            report.get_kind_display(),
            str(report.unit.territorial_authority or "") if report.unit else str(report.bureau),
            str(report.receiver),
            report.standards_count if report.unit else None,  # type: ignore[attr-defined]
            report.problems_count if report.submitted_at else None,  # type: ignore[attr-defined]
            report.due_on,
            report.first_submitted_at,
            lateness(report, on),
            report.get_state_display(),
            report.receipt_no,
        )
        for report in reports
    )
    title = f"自查报告清单（{on.year}年{on.month}月{on.day}日）"
    return Sheet("自查报告", title, _COLUMNS, rows)
