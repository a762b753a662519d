"""The deadline of a self-check report, and every other day by which something about one is due.

The two days of the notice are the campaign's own dates, which its plan sets (``campaigns/dates.py``).
Here stands what they mean for a report: the due day itself is in time, a corrected or supplemented
report gets a new one, and nothing is supplemented after the summary is due.
"""

import datetime as dt

from campaigns import adjusting
from campaigns.enums import PlanField
from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.calendar import add_workdays
from metrostd.common.templatetags.formats import cn_date

from .enums import ReportState, SubjectKind
from .models import SelfCheckReport

#: The receiver looks at a report within so many work days.
REVIEW_DAYS = 5
#: A unit has so many work days to correct a report, unless the receiver names another day.
CORRECTION_DAYS = 5
#: A unit has so many work days to supplement a reopened report.
SUPPLEMENT_DAYS = 5


def first_due(campaign: Campaign, kind: str) -> dt.date:
    """When a report is due the first time (通知二(一)): bureaus by 25 May, units by 31 May."""
    bureau = kind == SubjectKind.BUREAU
    return campaign.bureau_self_check_due if bureau else campaign.unit_self_check_due


def due_when_handed_in(report: SelfCheckReport) -> dt.date:
    """The campaign's day for a report as it was when it came: a receipt printed again says the same."""
    due = first_due(report.campaign, report.kind)
    if report.first_submitted_at is None:
        return due
    field = first_field(report.kind)
    then = adjusting.value_then(report.campaign, field, at=report.first_submitted_at)
    return then if isinstance(then, dt.date) else due


def first_field(kind: str) -> PlanField:
    """Which day of the plan a report is due on."""
    bureau = kind == SubjectKind.BUREAU
    return PlanField.BUREAU_SELF_CHECK_DUE if bureau else PlanField.UNIT_SELF_CHECK_DUE


def review_due() -> dt.date:
    """When the receiver of a report handed in today owes its review."""
    return add_workdays(clock.today(), REVIEW_DAYS)


def correction_due() -> dt.date:
    """The day proposed for a report that is sent back today."""
    return add_workdays(clock.today(), CORRECTION_DAYS)


def supplement_due(campaign: Campaign) -> dt.date:
    """When a report reopened today is due again, at the latest with the summary."""
    return min(add_workdays(clock.today(), SUPPLEMENT_DAYS), campaign.summary_due)


def past_summary(report: SelfCheckReport) -> str:
    """Why a report is not supplemented any more, or nothing: it would miss the summary."""
    due = report.campaign.summary_due
    return f"{cn_date(due)}以后不能再补充自查报告。" if clock.today() > due else ""


def is_past(report: SelfCheckReport, on: dt.date) -> bool:
    """Whether a report handed in on this day is late."""
    return on > report.due_on


def lateness(report: SelfCheckReport, on: dt.date) -> str:
    """逾期报送 for what came late, 逾期未报 for what is due before ``on`` and has not come."""
    if report.is_late:
        return "逾期报送"
    missing = report.first_submitted_at is None and report.state != ReportState.EXEMPTED
    overdue = report.state == ReportState.OVERDUE or (missing and is_past(report, on))
    return "逾期未报" if overdue else ""
