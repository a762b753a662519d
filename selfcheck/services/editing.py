"""When a report may be written to, for answers, problems and files alike."""

from django.db.models import QuerySet

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import TransitionError
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckReport
from selfcheck.moves import START, not_running


def editable_rows(report: int) -> QuerySet[SelfCheckReport]:
    """The report as a locked sub-select: a save and a submission cannot pass each other."""
    return SelfCheckReport.objects.select_for_update().filter(
        pk=report, state__in=ReportState.editable
    )


def writable(report: SelfCheckReport) -> Verdict:
    """Whether the content may be written: its campaign runs, and the report is with its subject."""
    if reason := not_running(report):
        return not_now(reason)
    if report.state not in ReportState.editable:
        return not_now(f"自查报告目前是“{report.get_state_display()}”，不能填写。")
    return YES


def require_editable(report: SelfCheckReport) -> None:
    if not (verdict := writable(report)):
        raise TransitionError(verdict.reason, obj=report)


def hold(report: SelfCheckReport) -> None:
    """Keep the report editable until the transaction ends; TransitionError when it is not (any more)."""
    require_editable(report)
    if editable_rows(report.pk).first() is None:
        raise TransitionError("自查报告刚刚已报送，不能再填写。", obj=report)


def begin(report: SelfCheckReport, actor: Actor | None) -> None:
    """The first thing filled in makes the report a draft; an overdue one stays overdue."""
    if START.allowed_from(report.state_now):
        START.apply(report, actor=actor)
