"""What the self-check adds to a campaign: its tasks on opening, its reasons against closing."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties, routing
from campaigns.enums import ChecklistKind, DutyKind, StageKind
from campaigns.extension import (
    closing_guard,
    on_adjusted,
    on_scope_moved,
    opening_step,
    stage_note,
)
from campaigns.models import Campaign, ChecklistTemplate, Duty, RoutedStandard
from campaigns.overseers import overseer_of
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.registry.models import Authority, Unit

from . import moves, notifications, services
from .deadlines import correction_due, first_due, first_field
from .enums import ReportState, SubjectKind
from .models import SelfCheckReport, SelfCheckStandard

_STEPS = 3


@opening_step("建立自查任务")
@transaction.atomic
def create_reports(
    campaign: Campaign, *, actor: Actor | None, progress: Callable[..., None]
) -> int:
    """One report per unit and issuing authority, one per district bureau, with their duties.

    Units report to who issued their certificates, bureaus to the organiser (通知二(一)). Only what
    is missing is made, so opening may be repeated. Returns how many reports were made.
    """
    progress(0, _STEPS, "建标单位自查")
    made = _unit_reports(campaign)
    progress(1, _STEPS, "区局考核工作自查")
    made += _bureau_reports(campaign)
    progress(2, _STEPS, "应办事项和消息")
    if made:
        duties.assign_many(_duty(campaign, report) for report in made)
        audit.record_many(made, actor=actor, action="selfcheck.create", label="建立自查任务")
        first_new = min(report.pk for report in made)
        notifications.tell_opened(campaign, first_new=first_new, sender=actor)
    progress(_STEPS, _STEPS, "自查任务已建立")
    return len(made)


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
    if not services.writable(report):
        state = report.get_state_display()
        yield f"{report}目前是“{state}”，所列计量标准不随之改变。"
    elif taken_in:
        services.cover(report, routed.standard, actor=actor)
    elif not services.uncover(report, routed.standard, actor=actor):
        yield f"{report}中这项计量标准已有填写的内容，予以保留。"
    elif not report.covered.exists():
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
        template=_template(ChecklistKind.ANNEX1),
        due_on=due_on,
    )
    report.save(force_insert=True)
    duties.assign_many([_duty(routed.campaign, report)])
    audit.record(report, actor=actor, action="selfcheck.create", label="建立自查任务")
    notifications.tell_opened(routed.campaign, first_new=report.pk, sender=actor)
    return report


@on_adjusted
def move_first_due(
    campaign: Campaign,
    authority: Authority | None,
    field: str,
    old: dt.date | int,
    new: dt.date | int,
) -> None:
    """The day reports are due was adjusted: those still owed move with it."""
    for kind in SubjectKind:
        if field == first_field(kind) and isinstance(old, dt.date) and isinstance(new, dt.date):
            moves.move_due(campaign, kind, old=old, new=new)


@closing_guard
def unsettled_reports(campaign: Campaign) -> Iterable[str]:
    """Reports nobody has looked at, and corrections asked for but not handed in."""
    found = SelfCheckReport.objects.filter(campaign=campaign).count_by_state()
    if count := found.get(ReportState.SUBMITTED, 0):
        yield f"{count} 份自查报告已报送，尚未审核。"
    if count := sum(found.get(state, 0) for state in ReportState.owed_again):
        yield f"{count} 份自查报告退回补正或允许补充后，尚未重新报送。"


@stage_note(StageKind.SELF_CHECK)
def handed_in(campaign: Campaign, user: Actor) -> str:
    """Reports received of those owed to the viewer's office, or by the viewer's unit or bureau."""
    owed = SelfCheckReport.objects.owed_within(user).filter(campaign=campaign)
    found = owed.exclude(state=ReportState.EXEMPTED).count_by_state()
    received = sum(found.get(state, 0) for state in ReportState.received)
    return f"报送 {received}/{sum(found.values())}" if found else ""


def _template(kind: ChecklistKind) -> ChecklistTemplate:
    template = ChecklistTemplate.objects.filter(kind=kind, is_current=True).first()
    if template is None:
        raise ValidationError(f"没有现用的《{kind.label}》，请先装载检查表。")
    return template


def _unit_reports(campaign: Campaign) -> list[SelfCheckReport]:
    routed = RoutedStandard.objects.filter(campaign=campaign).exclude(
        unresolved_reason=routing.LEFT_SCOPE
    )
    owed: dict[tuple[int, int], list[int]] = {}
    for unit, issuer, standard in routed.order_by("unit", "standard").values_list(
        "unit", "issuing_authority", "standard"
    ):
        owed.setdefault((unit, issuer), []).append(standard)
    if not owed:
        return []
    reports = {
        (report.unit_id, report.receiver_id): report
        for report in SelfCheckReport.objects.filter(campaign=campaign, kind=SubjectKind.UNIT)
    }
    template = _template(ChecklistKind.ANNEX1)
    units = Unit.objects.filter(routings__campaign=campaign).distinct().in_bulk()
    made = [
        SelfCheckReport(
            campaign=campaign,
            kind=SubjectKind.UNIT,
            unit=units[unit],
            receiver_id=issuer,
            template=template,
            due_on=first_due(campaign, SubjectKind.UNIT),
        )
        for unit, issuer in owed
        if (unit, issuer) not in reports
    ]
    SelfCheckReport.objects.bulk_create(made, batch_size=1000)
    reports |= {(report.unit_id, report.receiver_id): report for report in made}
    _cover(campaign, {reports[key].pk: standards for key, standards in owed.items()})
    return made


def _cover(campaign: Campaign, wanted: dict[int, list[int]]) -> None:
    have = set(
        SelfCheckStandard.objects.filter(report__campaign=campaign).values_list(
            "report", "standard"
        )
    )
    SelfCheckStandard.objects.bulk_create(
        (
            SelfCheckStandard(report_id=report, standard_id=standard)
            for report, standards in wanted.items()
            for standard in standards
            if (report, standard) not in have
        ),
        batch_size=1000,
    )


def _bureau_reports(campaign: Campaign) -> list[SelfCheckReport]:
    have = SelfCheckReport.objects.filter(campaign=campaign, kind=SubjectKind.BUREAU)
    own = Authority.objects.districts().filter(pk__in=routing.jurisdiction(campaign.organiser))
    missing = list(own.exclude(pk__in=have.values("bureau")))
    if not missing:
        return []
    template = _template(ChecklistKind.ANNEX2)
    return SelfCheckReport.objects.bulk_create(
        [
            SelfCheckReport(
                campaign=campaign,
                kind=SubjectKind.BUREAU,
                bureau=bureau,
                receiver=campaign.organiser,
                template=template,
                due_on=first_due(campaign, SubjectKind.BUREAU),
            )
            for bureau in missing
        ],
        batch_size=1000,
    )


def _duty(campaign: Campaign, report: SelfCheckReport) -> Duty:
    unit = report.kind == SubjectKind.UNIT
    return duties.build(
        campaign,
        kind=DutyKind.SELF_CHECK if unit else DutyKind.BUREAU_SELF_CHECK,
        title=f"报送自查报告：{report.subject}"
        if unit
        else f"报送考核工作自查报告：{report.subject}",
        due_on=report.due_on,
        target=report,
        unit=report.unit,
        authority=report.bureau,
    )


@overseer_of("selfcheck.selfcheckreport")
def receivers(reports: Collection[int]) -> Mapping[int, int | None]:
    """Whoever receives a report sees to it that it comes."""
    return dict(SelfCheckReport.objects.filter(pk__in=reports).values_list("pk", "receiver"))
