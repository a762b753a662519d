"""To which draws a unit can be added by direction, and with which of its standards; adding is ``sampling.add_directed``."""

from collections.abc import Collection

from django.db.models import Count, QuerySet

from metrostd.registry.models import Authority, MeasurementStandard

from .enums import CampaignState
from .models import DrawnUnit, DrawRun


def _draws(office: Authority) -> QuerySet[DrawRun]:
    """The valid draws of an office in running campaigns."""
    return DrawRun.objects.valid().filter(
        frame__campaign__state=CampaignState.OPEN, frame__authority=office
    )


def open_draws(office: Authority, unit: int) -> QuerySet[DrawRun]:
    """Those that do not have the unit yet."""
    have = DrawnUnit.objects.standing().filter(unit=unit)
    runs = _draws(office).exclude(pk__in=have.values("run"))
    return runs.select_related("frame__campaign", "frame__authority")


def addable(office: Authority, units: Collection[int]) -> set[int]:
    """Which of these units some draw of the office does not have yet; two statements, however many they are."""
    runs = list(_draws(office).values_list("pk", flat=True))
    if not runs:
        return set()
    drawn = (
        DrawnUnit.objects.standing().filter(run__in=runs, unit__in=units).order_by().values("unit")
    )
    have = dict(drawn.annotate(n=Count("run", distinct=True)).values_list("unit", "n"))
    return {unit for unit in units if have.get(unit, 0) < len(runs)}


def standards_within(run: DrawRun, unit: int | None) -> QuerySet[MeasurementStandard]:
    """What of a unit the drawing office inspects in that campaign."""
    routed = run.frame.campaign.routed.filter(inspecting_authority=run.frame.authority, unit=unit)
    rows = MeasurementStandard.objects.filter(pk__in=routed.values("standard"), in_scope=True)
    return rows.select_related("field").order_by("name", "pk")
