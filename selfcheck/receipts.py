"""What a receipt says, gathered from the report."""

from . import queries
from .deadlines import first_due
from .documents import Receipt
from .enums import SubjectKind
from .models import SelfCheckReport


def receipt_data(report: SelfCheckReport) -> Receipt:
    """The figures of a receipt of a report that was handed in (it has a receipt number)."""
    if report.first_submitted_at is None or report.submitted_at is None:
        raise ValueError("A report that was never handed in has no receipt.")
    bureau = report.kind == SubjectKind.BUREAU
    campaign = report.campaign
    return Receipt(
        number=report.receipt_no,
        campaign=campaign.title,
        subject=report.bureau.name if report.bureau else str(report.subject),
        kind="考核工作自查报告" if bureau else "计量标准自查报告",
        receiver=report.receiver.name,
        office=report.receiver.office,
        standards=[queries.label_of(standard) for standard in queries.standards_of(report)],
        problems=report.problems.count(),
        rectified=report.problems.exclude(rectified_on=None).count(),
        declaration_by=report.declaration_by,
        first_submitted_at=report.first_submitted_at,
        submitted_at=report.submitted_at,
        due_on=first_due(campaign, report.kind),
        is_late=report.is_late,
        revision=report.revision,
    )
