"""What the self-check adds to a campaign: its tasks on opening, its reasons against closing."""

import datetime as dt
from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties, routing
from campaigns.enums import ChecklistKind, DutyKind, StageKind
from campaigns.extension import closing_guard, on_adjusted, opening_step, stage_note
from campaigns.models import Campaign, ChecklistTemplate, Duty, RoutedStandard
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.registry.models import Authority, Unit

from . import moves, notifications
from .deadlines import first_due, first_field
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
    routed = RoutedStandard.objects.filter(campaign=campaign)
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
