"""What the self-check adds to a campaign: its tasks on opening, its reasons against closing."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import BigIntegerField, Count, QuerySet

from campaigns import checklists
from campaigns.enums import ChecklistKind, StageKind
from campaigns.extension import (
    Turn,
    closing_guard,
    moves_with_plan,
    on_scope_moved,
    opening_step,
    stage_note,
)
from campaigns.models import Campaign, RoutedStandard
from campaigns.overseers import overseer_of
from metrostd.accounts.asked_by import AskedBy
from metrostd.common.actors import Actor
from metrostd.common.prepared import Given

from . import moves, notifications, opening, postponing, services
from .deadlines import correction_due, first_due, first_field, past_summary
from .enums import ReportState, SubjectKind
from .models import SelfCheckReport


@opening_step("建立自查任务", ahead=opening.make_ahead, afterwards=opening.tell_units)
@transaction.atomic
def create_reports(
    campaign: Campaign, *, actor: Actor | None, progress: Callable[..., None]
) -> int:
    """One report per unit and issuing authority, one per district bureau, with their duties.

    Units report to who issued their certificates, bureaus to the organiser (通知二(一)). Only what
    is missing is made, so opening may be repeated. Returns how many reports were made.
    """
    units = opening.make_missing(campaign, actor=actor)
    bureaus = opening.make_bureau_reports(campaign, actor=actor)
    notifications.tell_bureaus_opened(campaign, bureaus, sender=actor)
    progress(1, 1, "自查任务已建立")
    return len(units) + len(bureaus)


@on_scope_moved
def follow_the_scope(
    routed: RoutedStandard, *, taken_in: bool, actor: Actor | None
) -> Iterable[str]:
    """A unit's report covers what came into the scope, and no longer what left it; nothing written is lost."""
    reports = SelfCheckReport.objects.filter(campaign=routed.campaign_id, unit=routed.unit_id)
    report = reports.filter(receiver=routed.issuing_authority_id).first()
    if report is None and taken_in:
        report = _owe_report(routed, actor=actor)
    if report is None:
        return
    if taken_in and report.state == ReportState.EXEMPTED and not past_summary(report):
        note = f"“{routed.standard}”重新属于监督检查范围。"
        moves.revive(report, actor=actor, note=note)
    if not services.writable(report):
        state = report.get_state_display()
        yield f"{report}目前是“{state}”，所列计量标准不随之改变。"
    elif taken_in:
        services.cover(report, routed.standard, actor=actor)
    elif not services.uncover(report, routed.standard, actor=actor):
        yield f"{report}中这项计量标准已有填写的内容，予以保留。"
    elif not report.covered.standing().exists():
        note = f"“{routed.standard}”不再属于监督检查范围，没有应当自查的计量标准。"
        moves.exempt(report, actor=actor, note=note)


def _owe_report(routed: RoutedStandard, *, actor: Actor | None) -> SelfCheckReport:
    """The unit owes a report to an issuer it owed none; due as those of the opening, never in the past."""
    due_on = max(first_due(routed.campaign, SubjectKind.UNIT), correction_due())
    report = SelfCheckReport(
        campaign=routed.campaign,
        kind=SubjectKind.UNIT,
        unit=routed.unit,
        receiver=routed.issuing_authority,
        template=checklists.template_for(routed.campaign, ChecklistKind.ANNEX1),
        due_on=due_on,
    )
    report.save(force_insert=True)
    opening.owe(routed.campaign, [report], actor=actor)
    notifications.tell_owed(report, sender=actor)
    return report


@moves_with_plan
def move_first_due(
    campaign: Campaign,
    field: str,
    old: dt.date | int,
    new: dt.date | int,
    *,
    turn: Turn,
    progress: Callable[..., None],
) -> None:
    """The day reports are due was adjusted: those still owed move with it."""
    for kind in SubjectKind:
        if field == first_field(kind) and isinstance(old, dt.date) and isinstance(new, dt.date):
            postponing.move_due(campaign, kind, old=old, new=new, turn=turn, progress=progress)


@closing_guard
def unsettled_reports(campaign: Campaign) -> Iterable[str]:
    """Reports nobody has looked at, and corrections asked for but not handed in."""
    found = SelfCheckReport.objects.filter(campaign=campaign).count_by_state()
    if count := found.get(ReportState.SUBMITTED, 0):
        yield f"{count} 份自查报告已报送，尚未审核。"
    if count := sum(found.get(state, 0) for state in ReportState.owed_again):
        yield f"{count} 份自查报告退回补正或允许补充后，尚未重新报送。"


def _owed(user: Actor) -> QuerySet:
    """How many of a campaign are owed to or by somebody's office or unit, by state."""
    rows = SelfCheckReport.objects.within(campaign=Given("campaign", BigIntegerField()))
    owed = rows.owed_within(user).exclude(state=ReportState.EXEMPTED).order_by()
    return owed.values_list("state").annotate(n=Count("*"))


_OWED = AskedBy(_owed)


@stage_note(StageKind.SELF_CHECK)
def handed_in(campaign: Campaign, user: Actor) -> str:
    """Reports received of those owed to the viewer's office, or by the viewer's unit or bureau."""
    found = dict(_OWED.rows(user, campaign=campaign.pk))
    received = sum(found.get(state, 0) for state in ReportState.received)
    return f"报送 {received}/{sum(found.values())}" if found else ""


@overseer_of("selfcheck.selfcheckreport")
def receivers(reports: Collection[int]) -> Mapping[int, int | None]:
    """Whoever receives a report sees to it that it comes."""
    return dict(SelfCheckReport.objects.filter(pk__in=reports).values_list("pk", "receiver"))
