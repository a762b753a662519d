"""The risk of units on a day: one aggregate an indicator, put together by unit."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Max, Model, QuerySet

from inspections.enums import TaskState
from inspections.models import InspectionTask
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import local_day
from metrostd.registry.models import MeasurementStandard, Unit
from metrostd.registry.querysets import UnitQuerySet

from . import counting
from .columns import Counts
from .counting import Cells, Row
from .enums import RiskLevel
from .indicators import BY_CODE, INDICATORS, Asked, Indicator, Reason
from .levels import level_of, points_of, table_on
from .models import RiskTable

#: What one page of reasons shows of each indicator.
SHOWN = 50


def units_of(viewer: Actor | None) -> UnitQuerySet:
    """Units in the territories a person's office supervises; the municipal office and the clock, all."""
    if viewer is None:
        return Unit.objects.all()
    reach = viewer.scope.casework
    return Unit.objects.filter(reach.as_q(authority="territorial_authority"))


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

    @property
    def said(self) -> str:
        """The indicators in words, with how many records where there are several."""
        return "、".join(
            f"{each.label}（{n}）" if n > 1 else each.label for each, n in self.indicators
        )


@dataclass(frozen=True)
class Picture:
    """The risk of units on a day by one table of levels."""

    on: dt.date
    table: RiskTable
    #: Units with standards in use and in scope, each with its district.
    offices: Mapping[int, int | None]
    #: By unit, what the register gives, and what counts of that and of casework.
    register: Mapping[int, Counts]
    hits: Mapping[int, Counts]
    #: By indicator of casework, whatever is put together from it.
    casework: Mapping[str, Sequence[Row]]
    _cells: Callable[[], Cells]
    #: When the register's part was counted beforehand; None when it is of this moment.
    counted_at: dt.datetime | None = None
    #: Units that have changed since then and are of this moment.
    anew: int = 0

    @cached_property
    def cells(self) -> Cells:
        """Units by field and by domain, with what the register gives of them there."""
        return self._cells()

    def risk_of(self, unit: int) -> UnitRisk:
        points, level = self._judged.get(unit, self._nothing)
        return UnitRisk(unit, self.hits.get(unit, {}), points, level)

    def level_of(self, unit: int) -> RiskLevel:
        return self._judged.get(unit, self._nothing)[1]

    def levels_of(self, units: Sequence[int]) -> list[RiskLevel]:
        """The level of each, as ``level_of`` has it."""
        known, nothing = self._levels, self._nothing[1]
        return [known.get(unit, nothing) for unit in units]

    @cached_property
    def _levels(self) -> dict[int, RiskLevel]:
        return {unit: level for unit, (_, level) in self._judged.items()}

    @cached_property
    def _nothing(self) -> tuple[int, RiskLevel]:
        return self._judge({})

    @cached_property
    def _judged(self) -> dict[int, tuple[int, RiskLevel]]:
        """Points and level of every unit, worked out once for units with the very same counts."""
        known: dict[int, tuple[int, RiskLevel]] = {}
        made = {}
        for unit in self.offices:
            hits = self.hits[unit]
            found = known.get(id(hits))
            if found is None:
                found = known[id(hits)] = self._judge(hits)
            made[unit] = found
        return made

    def _judge(self, hits: Counts) -> tuple[int, RiskLevel]:
        points = points_of(hits.keys(), self.table)
        return points, level_of(points, self.table)

    @cached_property
    def ranked(self) -> list[int]:
        """Every unit, the highest first."""
        judged = self._judged
        return sorted(self.offices, key=lambda unit: (-judged[unit][0], unit))

    @property
    def rows(self) -> list[UnitRisk]:
        """Every unit with its risk, the highest first."""
        return [self.risk_of(unit) for unit in self.ranked]

    def on_level(self, level: RiskLevel) -> list[int]:
        """Units of a level, the highest first."""
        return [unit for unit in self.ranked if self._judged[unit][1] == level]

    @cached_property
    def levels(self) -> dict[RiskLevel, int]:
        """How many units are on each level."""
        counts = dict.fromkeys(RiskLevel, 0)
        for _, level in self._judged.values():
            counts[level] += 1
        return counts

    def by(self, table: RiskTable) -> "Picture":
        """The same facts by another table."""
        return replace(self, table=table)

    def units_with(self, code: str) -> int:
        """How many units have an indicator."""
        return sum(code in hits for hits in self.hits.values())


def picture(
    units: UnitQuerySet,
    on: dt.date,
    *,
    viewer: Actor | None = None,
    table: RiskTable | None = None,
    quickly: bool = False,
    places: Mapping[int, int | None] | None = None,
) -> Picture:
    """The risk of these units: a fixed number of statements, however many the units are.

    What the register gives may have been counted beforehand (``counting``); of casework the reader's part is counted
    here. ``quickly`` raises NotCountedError where the register would have to be counted for too many. ``places`` is
    known to who asks for several days.
    """
    if places is None:
        places = places_of(units)
    found = counting.facts(units, places, on, quickly=quickly)
    offices = {unit: places.get(unit) for unit in found.units}
    every = MeasurementStandard.objects.filter(unit__in=units.order_by().values("pk"))
    asked = Asked(on, every, viewer, units)
    casework: dict[str, list[Row]] = {}
    more: dict[int, dict[str, int]] = defaultdict(dict)
    for each in INDICATORS:
        if each.of_standards:
            continue
        rows = [row for row in counting.rows_of(each, asked) if row[0] in offices]
        counts: dict[int, int] = defaultdict(int)
        for unit, _, _, n in rows:
            counts[unit] += n
        casework[each.code] = rows
        for unit, n in counts.items():
            if n >= each.least:
                more[unit][each.code] = n
    return Picture(
        on, table or table_on(on), offices, found.units, _together(found.units, more), casework, found.cells,
        counted_at=found.counted_at, anew=found.anew,
    )  # fmt: skip


def places_of(units: UnitQuerySet) -> dict[int, int | None]:
    """Units with their districts."""
    return dict(units.order_by().values_list("pk", "territorial_authority"))


def _together(register: Mapping[int, Counts], more: Mapping[int, Counts]) -> dict[int, Counts]:
    """What counts of units; the very same counts for those that have the same of both."""
    known: dict[tuple, Counts] = {}
    hits = dict(register)
    for unit, besides in more.items():
        key = (id(hits[unit]), *besides.items())
        found = known.get(key)
        if found is None:
            found = known[key] = {**hits[unit], **besides}
        hits[unit] = found
    return hits


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
    rows = each.rows(counting.asked_about(units, on, viewer))
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
    years = {level: int(found.table.years.get(level, 0)) for level in RiskLevel}
    made = (
        Proposal(found.risk_of(unit), last.get(unit), years[found.level_of(unit)])
        for unit in found.ranked
        if years[found.level_of(unit)]
    )
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
    asked = counting.asked_about(Unit.objects.filter(pk=unit.pk), on, viewer)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for each in INDICATORS:
        for _, standard, _, n in counting.rows_of(each, asked):
            if standard is not None:
                found[standard][each.code] = n
    return dict(found)
