"""Duties that are owed although what they are about has gone on: there must never be one."""

from collections.abc import Callable

from campaigns.enums import CampaignState, DrawState, DutyKind, TermsState
from campaigns.models import DrawRun, Duty
from inspections.enums import FindingState, SingleIssueState, TaskState
from inspections.models import TeamMember
from metrostd.common.enums import Turn
from metrostd.complaints.enums import ComplaintState
from metrostd.complaints.moves import tellable
from metrostd.plans.enums import PlanState
from metrostd.registry.enums import ChangeState, HandOverState, InstrumentState, ReturnState
from metrostd.risk.enums import WarningState
from rectification.enums import DispositionState, ExtensionState, OrderState
from reporting.enums import RequestState, StatReportState
from selfcheck.enums import ReportState

#: Visits that are still to be made, and those of which the office has to say what follows.
_TO_BE_MADE = TaskState.arranged | {TaskState.IN_PROGRESS, TaskState.SIGNING}
_IN_VAIN = frozenset({TaskState.NOT_PERFORMED, TaskState.REFUSED})
_NOT_REVIEWED = _TO_BE_MADE | _IN_VAIN | {TaskState.PLANNED, TaskState.CONCLUDED}


def _draw(duty: Duty) -> bool:
    """After a valid draw, and without a standard to inspect, an office has nothing to draw."""
    office = duty.authority_id
    runs = DrawRun.objects.filter(frame__campaign=duty.campaign_id, frame__authority=office)
    runs = runs.filter(frame__subject="units", state=DrawState.VALID)
    frozen = duty.campaign.frames.frozen().of_units().filter(authority=office)
    has_some = duty.campaign.routed.filter(inspecting_authority=office).exists()
    return not runs.exists() and (has_some or frozen.exists())


def _bureau_draw(duty: Duty) -> bool:
    """Once for the organiser, until there is a valid draw of its bureaus."""
    runs = DrawRun.objects.filter(frame__campaign=duty.campaign_id, frame__subject="bureaus")
    return not runs.filter(state=DrawState.VALID).exists()


def _inspection(duty: Duty) -> bool:
    task = duty.target
    void = task.drawn_unit is not None and task.drawn_unit.run.state == DrawState.VOID
    struck = task.drawn_unit is not None and task.drawn_unit.struck_at is not None
    return not void and not struck and task.state in _NOT_REVIEWED


def _on_site(duty: Duty) -> bool:
    member = TeamMember.objects.filter(task=duty.target_id, membership=duty.membership_id)
    return duty.target.state in _TO_BE_MADE and member.exists()


def _opinion(duty: Duty) -> bool:
    given = duty.target.opinions.filter(membership=duty.membership_id, given_at=None)
    return duty.target.state in SingleIssueState.waiting and given.exists()


def _extension(duty: Duty) -> bool:
    return duty.target.extensions.filter(state=ExtensionState.ASKED).exists()


def _report(duty: Duty) -> bool:
    owed = duty.target.items.filter(finding__state__in=FindingState.owed_by_unit)
    return duty.target.state in OrderState.open and owed.exists()


def _confirmation(duty: Duty) -> bool:
    waiting = duty.target.items.filter(finding__state=FindingState.SUBMITTED)
    return duty.target.state in OrderState.open | {OrderState.FAILED} and waiting.exists()


def _summary(duty: Duty) -> bool:
    """Its object is the office's report, made with the campaign."""
    return (
        duty.campaign.state == CampaignState.OPEN
        and duty.target.state in StatReportState.with_office
    )


def _in(*states: str) -> Callable[[Duty], bool]:
    return lambda duty: duty.target.state in states


#: For every kind: whether the thing is such that somebody owes this about it.
OWED: dict[str, Callable[[Duty], bool]] = {
    DutyKind.SELF_CHECK: _in(*ReportState.turns[Turn.UNIT]),
    DutyKind.BUREAU_SELF_CHECK: _in(*ReportState.turns[Turn.UNIT]),
    DutyKind.SELF_CHECK_REVIEW: _in(*ReportState.turns[Turn.OFFICE]),
    DutyKind.HAND_OVER: _in(HandOverState.SENT),
    DutyKind.HAND_OVER_RETURN: _in(ReturnState.OPEN),
    DutyKind.DRAW: _draw,
    DutyKind.DRAW_CHECK: _in(*TermsState.live),
    DutyKind.BUREAU_DRAW: _bureau_draw,
    DutyKind.BUREAU_REVIEW: _in("drawn", "notified", "files_requested", "on_review", "concluded"),
    DutyKind.BUREAU_FILES: _in("files_requested"),
    DutyKind.BUREAU_MEASURES: _in("measures_due"),
    DutyKind.BUREAU_CONFIRM: _in("measures_submitted", "failed"),
    DutyKind.INSPECTION: _inspection,
    DutyKind.ONSITE_TASK: _on_site,
    DutyKind.INSPECTION_REVIEW: _in(TaskState.CONCLUDED),
    DutyKind.RECTIFICATION: _report,
    DutyKind.RECTIFICATION_REVIEW: _confirmation,
    DutyKind.FOLLOW_UP: _in(*_NOT_REVIEWED),
    DutyKind.OBJECTION: _in(FindingState.DISPUTED),
    DutyKind.SINGLE_ISSUE: _in(*SingleIssueState.waiting),
    DutyKind.OPINION: _opinion,
    DutyKind.EXTENSION: _extension,
    DutyKind.DISPOSITION: _in(DispositionState.PROPOSED),
    DutyKind.SUMMARY: _summary,
    DutyKind.APPLICATION: _in(ChangeState.SUBMITTED),
    DutyKind.WORK_PLAN: _in(PlanState.DRAFT),
    DutyKind.RECORD_REQUEST: _in(RequestState.RECEIVED),
    DutyKind.RISK_WARNING: _in(WarningState.ASSIGNED),
    DutyKind.COMPLAINT_DECISION: _in(ComplaintState.RECEIVED),
    DutyKind.COMPLAINT_NOTICE: lambda duty: bool(tellable(duty.target)),
    DutyKind.COMPLAINT_ANSWER: _in(*ComplaintState.in_hand),
    DutyKind.TRACING: lambda duty: duty.target.state == InstrumentState.IN_USE,
}


def idle() -> list[str]:
    """Open duties nobody owes any more, each with what has become of its object."""
    found = []
    for duty in Duty.objects.open().select_related("unit").order_by("pk"):
        target = duty.target
        gone = duty.unit is not None and duty.unit.merged_into_id is not None
        if target is None or gone or not OWED[duty.kind](duty):
            found.append(f"{duty.kind} {duty.title} ({getattr(target, 'state', None)})")
    return found
