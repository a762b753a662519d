"""What a receipt says, gathered from the report, and the paper made of it."""

import datetime as dt
import json
from dataclasses import asdict

from django.core.serializers.json import DjangoJSONEncoder

from metrostd.common.models import Paper
from metrostd.common.papers import Words, paper_of

from . import queries
from .deadlines import due_when_handed_in
from .documents import Receipt
from .enums import SubjectKind
from .models import SelfCheckReport

#: The kind of paper a receipt is.
RECEIPT = "selfcheck.receipt"


def keep(report: SelfCheckReport) -> None:
    """Store what the receipt says of this submission; later names and figures do not reach it."""
    values = asdict(_receipt_of_today(report))
    report.receipt = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
    SelfCheckReport.objects.filter(pk=report.pk).update(receipt=report.receipt)


def receipt_data(report: SelfCheckReport) -> Receipt:
    """What the receipt said when the report was handed in the last time."""
    return receipt_again(report.receipt) if report.receipt else _receipt_of_today(report)


def receipt_again(words: Words) -> Receipt:
    """The receipt again from what was kept of it."""
    times = {
        name: dt.datetime.fromisoformat(words[name])
        for name in ("first_submitted_at", "submitted_at")
    }
    return Receipt(**{**words, **times, "due_on": dt.date.fromisoformat(words["due_on"])})


def receipt_paper(report: SelfCheckReport) -> Paper:
    """The receipt on file; most are read on the screen, so it is made when first asked for."""
    words = report.receipt or asdict(_receipt_of_today(report))
    return paper_of(RECEIPT, words, title=f"自查报告回执 {report.receipt_no}")


def _receipt_of_today(report: SelfCheckReport) -> Receipt:
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
        due_on=due_when_handed_in(report),
        is_late=report.is_late,
        revision=report.revision,
    )
