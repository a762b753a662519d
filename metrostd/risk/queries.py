"""The risk of units on a day: one aggregate an indicator, put together by unit."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.db.models import Count, Max, Model, QuerySet

from inspections.enums import TaskState
from inspections.models import InspectionTask
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import local_day
from metrostd.registry.models import MeasurementStandard, Unit
from metrostd.registry.querysets import UnitQuerySet

from .enums import RiskLevel
from .indicators import BY_CODE, INDICATORS, Asked, Indicator, Reason
from .levels import level_of, points_of, table_on
from .models import RiskTable

#: What one page of reasons shows of each indicator.
SHOWN = 50
#: Of one indicator: unit, standard and field, where it is about one, and how many records.
Row = tuple[int, int | None, int | None, int]


def units_of(viewer: Actor | None) -> UnitQuerySet:
    """Units in the territories a person's office supervises; the municipal office and the clock, all."""
    if viewer is None:
        return Unit.objects.all()
    reach = viewer.scope.casework
    return Unit.objects.filter(reach.as_q(authority="territorial_authority"))


def asked_about(units: UnitQuerySet, on: dt.date, viewer: Actor | None) -> Asked:
    """What of these units is in use and in scope."""
    held = MeasurementStandard.objects.filter(unit__in=units.order_by().values("pk"))
    ids = held.in_scope().operating().order_by().values("pk")
    return Asked(on, MeasurementStandard.objects.filter(pk__in=ids), viewer)


@dataclass(frozen=True)
class UnitRisk:
    """Indicators of one unit with how many records each has, and what they come to."""

    unit: int
    hits: Mapping[str, int]
    points: int
    level: RiskLevel

    @property
    def indicators(self) -> list[tuple[Indicator, int]]:
        """The heaviest as they stand in the table of indicators."""
        return [(each, self.hits[each.code]) for each in INDICATORS if each.code in self.hits]


@dataclass(frozen=True)
class Picture:
    """The risk of units on a day by one table of levels."""

    on: dt.date
    table: RiskTable
    #: Units with standards in use and in scope, each with its district.
    offices: Mapping[int, int | None]
    #: Those standards, each with its unit and its field.
    standards: Mapping[int, tuple[int, int | None]]
    #: By indicator, whatever is put together from it.
    records: Mapping[str, Sequence[Row]]
    #: By unit and indicator, how many records.
    hits: Mapping[int, Mapping[str, int]] = field(default_factory=dict)

    def risk_of(self, unit: int) -> UnitRisk:
        hits = self.hits.get(unit, {})
        return UnitRisk(unit, hits, *self._judge(hits))

    def level_of(self, unit: int) -> RiskLevel:
        return self._judge(self.hits.get(unit, {}))[1]

    @cached_property
    def _judged(self) -> dict[tuple[str, ...], tuple[int, RiskLevel]]:
        return {}

    def _judge(self, hits: Mapping[str, int]) -> tuple[int, RiskLevel]:
        """Points and level, worked out once for every combination of indicators."""
        codes = tuple(hits)
        if codes not in self._judged:
            points = points_of(codes, self.table)
            self._judged[codes] = points, level_of(points, self.table)
        return self._judged[codes]

    @cached_property
    def rows(self) -> list[UnitRisk]:
        """Every unit, the highest first."""
        found = [self.risk_of(unit) for unit in self.offices]
        return sorted(found, key=lambda row: (-row.points, row.unit))

    @cached_property
    def levels(self) -> dict[RiskLevel, int]:
        """How many units are on each level."""
        counts = dict.fromkeys(RiskLevel, 0)
        for row in self.rows:
            counts[row.level] += 1
        return counts

    def by(self, table: RiskTable) -> "Picture":
        """The same facts by another table."""
        return replace(self, table=table)

    def units_with(self, code: str) -> int:
        """How many units have an indicator."""
        return sum(code in hits for hits in self.hits.values())


def picture(
    units: UnitQuerySet, on: dt.date, *, viewer: Actor | None = None, table: RiskTable | None = None
) -> Picture:
    """The risk of these units: a fixed number of statements, however many the units are.

    Which standards are in use and in scope is asked once; the indicators are asked about all of these units and
    narrowed down to them here, which saves the database finding them again for each.
    """
    offices, standards = _held(asked_about(units, on, viewer))
    every = MeasurementStandard.objects.filter(unit__in=units.order_by().values("pk"))
    wide = Asked(on, every, viewer)
    records: dict[str, list[Row]] = {}
    hits: dict[int, dict[str, int]] = defaultdict(dict)
    for each in INDICATORS:
        rows = records[each.code] = [
            row for row in _records(each, wide)
            if (row[1] in standards if each.of_standards else row[0] in offices)
        ]  # fmt: skip
        counts: dict[int, int] = defaultdict(int)
        for unit, _, _, n in rows:
            counts[unit] += n
        for unit, n in counts.items():
            if n >= each.least:
                hits[unit][each.code] = n
    return Picture(on, table or table_on(on), offices, standards, records, dict(hits))


def _held(asked: Asked) -> tuple[dict[int, int | None], dict[int, tuple[int, int | None]]]:
    """Districts of the units that hold standards asked about, and these standards with unit and field."""
    offices: dict[int, int | None] = {}
    standards: dict[int, tuple[int, int | None]] = {}
    rows = asked.standards.order_by()
    for pk, unit, kind, office in rows.values_list(
        "pk", "unit", "field", "unit__territorial_authority"
    ):
        offices[unit] = office
        standards[pk] = unit, kind
    return offices, standards


def _records(each: Indicator, asked: Asked) -> Iterable[Row]:
    rows = each.rows(asked).order_by().values("at_unit", "at_standard", "at_field")
    counts = rows.annotate(n=Count("pk", distinct=True))
    return counts.values_list("at_unit", "at_standard", "at_field", "n").iterator()


def reasons(
    units: UnitQuerySet,
    code: str,
    on: dt.date,
    *,
    viewer: Actor | None,
    field_pk: int | None = None,
) -> tuple[int, list[Reason]]:
    """The records behind an indicator: how many, and the first of them in words."""
    each = BY_CODE[code]
    rows = each.rows(asked_about(units, on, viewer))
    if field_pk is not None:
        rows = rows.filter(at_field=field_pk)
    count = rows.count()
    return count, list(each.say(_with_names(rows.order_by("pk"))[:SHOWN], on))


def _with_names(rows: QuerySet) -> QuerySet:
    wanted = [name for name in ("standard", "item", "campaign") if _leads(rows.model, name)]
    return rows.select_related(*wanted) if wanted else rows


def _leads(model: type[Model], name: str) -> bool:
    return any(each.name == name for each in model._meta.get_fields())


@dataclass(frozen=True, slots=True)
class Proposal:
    """When a unit is to be inspected next, by its level and its last inspection."""

    risk: UnitRisk
    last: dt.date | None
    years: int

    @property
    def next_year(self) -> int | None:
        """The year by which it is due; None leaves it to the random draw."""
        if not self.years:
            return None
        return self.last.year + self.years if self.last else 0


def proposals(found: Picture, year: int) -> list[Proposal]:
    """Units to be looked at in a year beside the random draw, the highest risk first."""
    last = last_visits(found.offices)
    made = [
        Proposal(row, last.get(row.unit), int(found.table.years.get(row.level, 0)))
        for row in found.rows
    ]
    return [one for one in made if one.next_year is not None and one.next_year <= year]


def last_visits(units: Iterable[int]) -> dict[int, dt.date]:
    """The day each unit was last inspected."""
    rows = InspectionTask.objects.filter(state__in=TaskState.inspected, unit__isnull=False)
    seen = rows.order_by().values("unit").annotate(last=Max("arrived_at"))
    wanted = set(units)
    return {
        unit: local_day(moment)
        for unit, moment in seen.values_list("unit", "last")
        if unit in wanted and moment
    }


def standards_at_risk(
    unit: Unit, on: dt.date, *, viewer: Actor | None
) -> dict[int, dict[str, int]]:
    """By standard of a unit and indicator, how many records."""
    asked = asked_about(Unit.objects.filter(pk=unit.pk), on, viewer)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for each in INDICATORS:
        for _, standard, _, n in _records(each, asked):
            if standard is not None:
                found[standard][each.code] = n
    return dict(found)
