"""Duties that are owed although what they are about has gone on: there must never be one."""

from collections.abc import Callable

from campaigns.enums import CampaignState, DrawState, DutyKind, TermsState
from campaigns.models import DrawRun, Duty
from inspections.enums import FindingState, TaskState
from inspections.models import TeamMember
from metrostd.common.enums import Turn
from metrostd.registry.enums import ChangeState, HandOverState, InstrumentState, ReturnState
from rectification.enums import DispositionState, ExtensionState, OrderState
from reporting.enums import StatReportState
from selfcheck.enums import ReportState

#: Visits that are still to be made, and those of which the office has to say what follows.
_TO_BE_MADE = TaskState.arranged | {TaskState.IN_PROGRESS, TaskState.SIGNING}
_IN_VAIN = frozenset({TaskState.NOT_PERFORMED, TaskState.REFUSED})
_NOT_REVIEWED = _TO_BE_MADE | _IN_VAIN | {TaskState.PLANNED, TaskState.CONCLUDED}


def _draw(duty: Duty) -> bool:
    """After a valid draw, and without a standard to inspect, an office has nothing to draw."""
    office = duty.authority_id
    runs = DrawRun.objects.filter(
        frame__campaign=duty.campaign_id, frame__authority=office, state=DrawState.VALID
    )
    frozen = duty.campaign.frames.frozen().filter(authority=office)
    has_some = duty.campaign.routed.filter(inspecting_authority=office).exists()
    return not runs.exists() and (has_some or frozen.exists())


def _inspection(duty: Duty) -> bool:
    task = duty.target
    void = task.drawn_unit is not None and task.drawn_unit.run.state == DrawState.VOID
    struck = task.drawn_unit is not None and task.drawn_unit.struck_at is not None
    return not void and not struck and task.state in _NOT_REVIEWED


def _on_site(duty: Duty) -> bool:
    member = TeamMember.objects.filter(task=duty.target_id, membership=duty.membership_id)
    return duty.target.state in _TO_BE_MADE and member.exists()


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
    DutyKind.INSPECTION: _inspection,
    DutyKind.ONSITE_TASK: _on_site,
    DutyKind.INSPECTION_REVIEW: _in(TaskState.CONCLUDED),
    DutyKind.RECTIFICATION: _report,
    DutyKind.RECTIFICATION_REVIEW: _confirmation,
    DutyKind.FOLLOW_UP: _in(*_NOT_REVIEWED),
    DutyKind.OBJECTION: _in(FindingState.DISPUTED),
    DutyKind.EXTENSION: _extension,
    DutyKind.DISPOSITION: _in(DispositionState.PROPOSED),
    DutyKind.SUMMARY: _summary,
    DutyKind.APPLICATION: _in(ChangeState.SUBMITTED),
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
