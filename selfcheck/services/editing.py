"""When a report may be written to, for answers, problems and files alike."""

from typing import Any

from campaigns.enums import CampaignState
from metrostd.common.transitions import TransitionError
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckReport
from selfcheck.moves import START


def editable_rows(report: SelfCheckReport) -> Any:
    """The report as a locked sub-select: a save and a submission cannot pass each other."""
    return SelfCheckReport.objects.select_for_update().filter(
        pk=report.pk, state__in=ReportState.editable
    )


def require_editable(report: SelfCheckReport) -> None:
    if report.campaign.state != CampaignState.OPEN:
        raise TransitionError("专项行动不在进行中，自查报告不能再填写。", obj=report)
    if report.state not in ReportState.editable:
        raise TransitionError(
            f"自查报告目前是“{report.get_state_display()}”，不能填写。", obj=report
        )


def hold(report: SelfCheckReport) -> None:
    """Keep the report editable until the transaction ends; TransitionError when it is not (any more)."""
    require_editable(report)
    if editable_rows(report).first() is None:
        raise TransitionError("自查报告刚刚已报送，不能再填写。", obj=report)


def begin(report: SelfCheckReport, actor: Any) -> None:
    """The first thing filled in makes the report a draft; an overdue one stays overdue."""
    if START.allowed_from(report.state):
        START.apply(report, actor=actor)
