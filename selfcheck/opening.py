"""Self-checks a campaign asks for when it opens: made in slices while it is a draft, told when it is open."""

from collections.abc import Callable, Collection

from django.db.models import Exists, OuterRef, QuerySet

from campaigns import checklists, duties, routing
from campaigns.enums import ChecklistKind, DutyKind
from campaigns.extension import Turn
from campaigns.models import Campaign, Duty, RoutedStandard
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.registry.models import Authority, Unit

from . import notifications
from .deadlines import first_due
from .enums import SubjectKind
from .models import SelfCheckReport, SelfCheckStandard

#: Units of a slice: some five hundred reports, a fraction of a second.
SLICE = 250
STEP = "建标单位自查"


def make_ahead(
    campaign: Campaign, *, actor: Actor | None, progress: Callable[..., None], turn: Turn
) -> int:
    """Every unit's reports with what they cover, their duties and trail, some units a ``turn``.

    What is there already is left alone, so another worker goes on where one died. Returns how many reports.
    """
    units = list(_lacking(campaign))
    made = done = 0
    progress(0, len(units), STEP)
    for start in range(0, len(units), SLICE):
        some = units[start : start + SLICE]
        with turn():
            made += len(make_unit_reports(campaign, some, actor=actor))
        done += len(some)
        progress(done, len(units), STEP)
    return made


def make_missing(campaign: Campaign, *, actor: Actor | None) -> list[SelfCheckReport]:
    """What came into the scope since the slices; what left it before the campaign was open is gone."""
    _drop_stray(campaign, actor=actor)
    return make_unit_reports(campaign, list(_lacking(campaign)), actor=actor)


def make_unit_reports(
    campaign: Campaign, units: Collection[int], *, actor: Actor | None
) -> list[SelfCheckReport]:
    """The reports these units still lack, to each of their issuers; reports cover what is routed."""
    if not units:
        return []
    owed: dict[tuple[int, int], list[int]] = {}
    rows = _wanted(campaign).filter(unit__in=units).order_by("unit", "standard")
    for unit, issuer, standard in rows.values_list("unit", "issuing_authority", "standard"):
        owed.setdefault((unit, issuer), []).append(standard)
    mine = SelfCheckReport.objects.filter(campaign=campaign, kind=SubjectKind.UNIT, unit__in=units)
    reports = {(report.unit_id, report.receiver_id): report for report in mine}
    template = checklists.template_for(campaign, ChecklistKind.ANNEX1)
    named = Unit.objects.in_bulk(units)
    made = [
        SelfCheckReport(
            campaign=campaign,
            kind=SubjectKind.UNIT,
            unit=named[unit],
            receiver_id=issuer,
            template=template,
            due_on=first_due(campaign, SubjectKind.UNIT),
        )
        for unit, issuer in owed
        if (unit, issuer) not in reports
    ]
    SelfCheckReport.objects.bulk_create(made, batch_size=1000)
    reports |= {(report.unit_id, report.receiver_id): report for report in made}
    _cover({reports[key].pk: standards for key, standards in owed.items()})
    owe(campaign, made, actor=actor)
    return made


def make_bureau_reports(campaign: Campaign, *, actor: Actor | None) -> list[SelfCheckReport]:
    """One report of each district bureau on its certification work, to the organiser."""
    have = SelfCheckReport.objects.filter(campaign=campaign, kind=SubjectKind.BUREAU)
    own = Authority.objects.districts().filter(pk__in=routing.jurisdiction(campaign.organiser))
    missing = list(own.exclude(pk__in=have.values("bureau")))
    if not missing:
        return []
    template = checklists.template_for(campaign, ChecklistKind.ANNEX2)
    made = SelfCheckReport.objects.bulk_create(
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
    owe(campaign, made, actor=actor)
    return made


def owe(campaign: Campaign, made: list[SelfCheckReport], *, actor: Actor | None) -> None:
    """The duties of new reports, and their trail."""
    duties.assign_many(_duty(campaign, report) for report in made)
    audit.record_many(made, actor=actor, action="selfcheck.create", label="建立自查任务")


def tell_units(campaign: Campaign, *, sender: Actor | None, turn: Turn) -> int:
    """Everybody of the units that owe reports, once; some at a time, so that another worker goes on."""
    waiting = list(notifications.untold(campaign).values_list("pk", flat=True).order_by("pk"))
    told = 0
    for start in range(0, len(waiting), SLICE):
        with turn():
            some = waiting[start : start + SLICE]
            told += notifications.tell_units_opened(campaign, some, sender=sender)
    return told


def _wanted(campaign: Campaign) -> QuerySet[RoutedStandard]:
    return RoutedStandard.objects.filter(campaign=campaign).exclude(
        unresolved_reason=routing.LEFT_SCOPE
    )


def _lacking(campaign: Campaign) -> QuerySet:
    """Units with a routed standard that no report of theirs to its issuer covers."""
    covered = SelfCheckStandard.objects.filter(
        standard=OuterRef("standard"),
        report__campaign=campaign,
        report__unit=OuterRef("unit"),
        report__receiver=OuterRef("issuing_authority"),
    )
    rows = _wanted(campaign).filter(~Exists(covered)).order_by("unit")
    return rows.values_list("unit", flat=True).distinct()


def _cover(wanted: dict[int, list[int]]) -> None:
    rows = SelfCheckStandard.objects.filter(report__in=wanted)
    have = set(rows.values_list("report", "standard"))
    SelfCheckStandard.objects.bulk_create(
        (
            SelfCheckStandard(report_id=report, standard_id=standard)
            for report, standards in wanted.items()
            for standard in standards
            if (report, standard) not in have
        ),
        batch_size=1000,
    )


def _drop_stray(campaign: Campaign, *, actor: Actor | None) -> None:
    """What an attempt before this one made for a standard that has another unit or issuer since, or left the scope."""
    routed = _wanted(campaign).filter(
        standard=OuterRef("standard"),
        unit=OuterRef("report__unit"),
        issuing_authority=OuterRef("report__receiver"),
    )
    covers = SelfCheckStandard.objects.filter(report__campaign=campaign).filter(~Exists(routed))
    reports = set(covers.values_list("report", flat=True))
    if not reports:
        return
    covers.delete()
    empty = list(
        SelfCheckReport.objects.filter(pk__in=reports, covered=None).select_related("unit")
    )
    for report in empty:
        duties.cancel(report, kind=DutyKind.SELF_CHECK)
    audit.record_many(empty, actor=actor, action="selfcheck.drop", label="取消自查任务")
    SelfCheckReport.objects.filter(pk__in=[report.pk for report in empty]).delete()


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
