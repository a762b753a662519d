"""What changed after the cut-off of a table: read once, so that a table of today asks for nothing.

Most figures of an earlier day follow from dates in the records. Seven facts are written over when
they change and keep what they were in rows of their own; whether any of those matter is asked here.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

from django.db.models import BigIntegerField, Case, Exists, Expression, F, OuterRef, Q, Value, When

from campaigns.enums import CampaignState
from campaigns.models import Campaign, EarlierRouting
from inspections.models import EarlierSigning
from metrostd.common import clock
from metrostd.registry.models import EarlierDomain, UnitMerge
from rectification.models import EarlierProgress, WithdrawnItem
from selfcheck.models import EarlierProblem

#: Row → the unit it named at the cut-off.
Units = Mapping[int, int]
TASK_UNIT = "inspections.InspectionTask.unit"
REPORT_UNIT = "selfcheck.SelfCheckReport.unit"
ROUTED_UNIT = "campaigns.RoutedStandard.unit"
MERGED_INTO = "registry.Unit.merged_into"


@dataclass(frozen=True, slots=True)
class Past:
    """Which facts were different at the cut-off; nothing is, for a table of today."""

    resigned: bool = False
    rerouted: bool = False
    progressed: bool = False
    amended: bool = False
    taken_back: bool = False
    redomained: bool = False
    #: Relation to a unit → its rows that named another one then.
    units: Mapping[str, Units] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def changed(self) -> tuple[bool, ...]:
        """The facts that were different, each as a flag; without the units."""
        return tuple(getattr(self, f.name) for f in fields(self) if f.name != "units")

    def unit(self, key: str, unit: str, row: str) -> Expression | F:
        """The unit a row named at the cut-off; ``row`` is the path to the key of that row."""
        return _then(self.units.get(key, {}), row, F(unit))

    def body(self, unit: str) -> Expression | F:
        """The unit into which a frozen one was merged at the cut-off, or itself."""
        merged = Case(
            When(**{f"{unit}__merged_into__isnull": False}, then=F(f"{unit}__merged_into")),
            default=F(unit),
            output_field=BigIntegerField(),
        )
        return _then(self.units.get(MERGED_INTO, {}), unit, merged)


UNCHANGED = Past()


def since(campaign: Campaign, as_of: dt.datetime) -> Past:
    """What has changed since ``as_of``. Merges of units after the campaign's end do not touch it."""
    closed = campaign.state == CampaignState.CLOSED and campaign.state_since
    units = _units(min(as_of, closed) if closed else as_of)
    if as_of >= clock.now():
        return Past(units=units)
    until = {"until__gt": as_of}
    changed = Campaign.objects.filter(pk=campaign.pk).values_list(
        Exists(EarlierSigning.objects.filter(sheet__task__campaign=OuterRef("pk"), **until)),
        Exists(EarlierRouting.objects.filter(routed__campaign=OuterRef("pk"), **until)),
        Exists(EarlierProgress.objects.filter(referral__task__campaign=OuterRef("pk"), **until)),
        Exists(EarlierProblem.objects.filter(problem__report__campaign=OuterRef("pk"), **until)),
        Exists(WithdrawnItem.objects.filter(order__task__campaign=OuterRef("pk"), **until)),
        Exists(EarlierDomain.objects.filter(**until)),
    )
    resigned, rerouted, progressed, amended, taken_back, redomained = changed.get()
    return Past(resigned, rerouted, progressed, amended, taken_back, redomained, units)


def _units(as_of: dt.datetime) -> dict[str, dict[int, int]]:
    """By relation, the rows that named another unit at ``as_of``: merges, and merges taken back."""
    merges = UnitMerge.objects.filter(Q(merged_at__gt=as_of) | Q(undone_at__gt=as_of))
    found: dict[str, dict[int, int]] = {}
    # From the latest back: of several changes the first after the cut-off says what was so then.
    for _, merge, before in sorted(_changes(merges, as_of), key=lambda c: c[0], reverse=True):
        for key in (TASK_UNIT, REPORT_UNIT, ROUTED_UNIT, MERGED_INTO):
            found.setdefault(key, {}).update(dict.fromkeys(merge.moved.get(key, ()), before))
        found[MERGED_INTO][merge.gone_id] = before
    return found


def _changes(
    merges: Iterable[UnitMerge], as_of: dt.datetime
) -> Iterator[tuple[dt.datetime, UnitMerge, int]]:
    """Each change after the cut-off, with the unit that the moved rows named before it."""
    for merge in merges:
        if merge.undone_at and merge.undone_at > as_of:
            yield merge.undone_at, merge, merge.survivor_id
        if merge.merged_at > as_of:
            yield merge.merged_at, merge, merge.gone_id


def _then(moved: Units, row: str, now: Expression | F) -> Expression | F:
    rows_of: dict[int, list[int]] = {}
    for pk, unit in moved.items():
        rows_of.setdefault(unit, []).append(pk)
    if not rows_of:
        return now
    whens = [When(**{f"{row}__in": pks}, then=Value(unit)) for unit, pks in rows_of.items()]
    return Case(*whens, default=now, output_field=BigIntegerField())
