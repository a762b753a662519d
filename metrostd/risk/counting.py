"""The register's indicators, counted beforehand for a day and put right for what has changed since.

Counting looks at every instrument, certificate and standard once, which takes seconds for a city. So it is done
by the clock and by jobs, and kept for its day. Whoever asks gets figures of this moment all the same: units
written to since the counting are counted then and there, and never taken from it. When they are too many for that, or
the day was not counted, a page says so and offers the job; nothing out of date is shown.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, Max, Min

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.registry.models import (
    MeasurementStandard,
    StandardDomain,
    StandardInstrument,
    Unit,
)
from metrostd.registry.querysets import UnitQuerySet

from . import watching
from .columns import Counts, Table, packed, unpacked
from .enums import Touch
from .indicators import INDICATORS, Asked, Indicator
from .models import Counting, CountingPart, Touched

#: So many units are counted while somebody waits: some tenths of a second. A register no larger is never counted
#: beforehand.
AT_ONCE = 1000
#: Days kept, the latest counted; and for how long one is thought to be under way.
_KEPT = 30
_UNDER_WAY = dt.timedelta(hours=1)

#: Of one indicator: unit, standard and field, where it is about one, and how many records.
Row = tuple[int, int | None, int | None, int]
#: By dimension, each unit in each of its parts.
Cells = Mapping[str, Sequence[Table]]
FIELD, DOMAIN = "field", "domain"
#: The one table of units as a whole.
_WHOLE = ""
#: Told how many steps of how many are done.
Told = Callable[[int, int], object]

#: What the register alone gives; the others are of casework, which not everybody may read, and are counted when asked.
OF_REGISTER = tuple(each for each in INDICATORS if each.of_standards)


class NotCountedError(Exception):
    """A day would have to be counted for more units than somebody should wait for.

    ``counted_at`` is when it was, if so many units have ``changed`` since that it is no longer shown.
    """

    def __init__(
        self, on: dt.date, counted_at: dt.datetime | None = None, changed: int = 0
    ) -> None:
        super().__init__(f"{on} is not counted")
        self.on, self.counted_at, self.changed = on, counted_at, changed


@dataclass(frozen=True, slots=True)
class Facts:
    """What the register gives of the units with standards in use and in scope."""

    units: Mapping[int, Counts]
    #: By dimension (``FIELD``, ``DOMAIN``), each unit in each of its parts; put together when asked for.
    cells: Callable[[], Cells]
    #: When it was counted beforehand; None when all of it is of this moment.
    counted_at: dt.datetime | None = None
    #: Units that have changed since and were counted now.
    anew: int = 0


def asked_about(units: UnitQuerySet, on: dt.date, viewer: Actor | None = None) -> Asked:
    """What of these units is in use and in scope."""
    held = MeasurementStandard.objects.filter(unit__in=units.order_by().values("pk"))
    ids = held.in_scope().operating().order_by().values("pk")
    return Asked(on, MeasurementStandard.objects.filter(pk__in=ids), viewer)


def rows_of(each: Indicator, asked: Asked) -> Iterator[Row]:
    """How many records of an indicator there are by unit, standard and field."""
    rows = each.rows(asked).order_by().values("at_unit", "at_standard", "at_field")
    counts = rows.annotate(n=Count("pk", distinct=True))
    return counts.values_list("at_unit", "at_standard", "at_field", "n").iterator()


def count_now(units: UnitQuerySet, on: dt.date, *, told: Told | None = None) -> Facts:
    """Count these units from the records of this moment: a fixed number of statements.

    Which standards are in use and in scope is asked once; the indicators are asked about all of these units and
    narrowed down to them here, which saves the database finding them again for each.
    """
    held = asked_about(units, on).standards.order_by().values_list("pk", "unit", "field")
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    standards = {pk: (unit, kind) for pk, unit, kind in held}
    every = MeasurementStandard.objects.filter(unit__in=units.order_by().values("pk"))
    wide = Asked(on, every)
    for done, each in enumerate(OF_REGISTER, 1):
        if told:
            told(done, len(OF_REGISTER) + 1)
        for _, standard, _, n in rows_of(each, wide):
            if standard in standards and standard is not None:
                counts[standard][each.code] = n
    whole, fields = _Sums(), _Sums()
    for pk, (unit, kind) in standards.items():
        whole.add(unit, counts.get(pk, {}))
        fields.add((kind, unit), counts.get(pk, {}))
    domains = _Sums()
    rows = StandardDomain.objects.filter(standard__in=every).order_by()
    for pk, domain in rows.values_list("standard", "domain"):
        if pk in standards:
            domains.add((domain, standards[pk][0]), counts.get(pk, {}))
    cells: Cells = {FIELD: [fields.table()], DOMAIN: [domains.table()]}
    return Facts(whole.made, lambda: cells)


class _Sums:
    """Counts put together by key."""

    def __init__(self) -> None:
        self.made: dict[Any, dict[str, int]] = {}  # Any: a unit, or a part with a unit

    def add(self, key: object, counts: Counts) -> None:
        sums = self.made.setdefault(key, {})
        for code, n in counts.items():
            sums[code] = sums.get(code, 0) + n

    def table(self) -> Table:
        parts, units = zip(*self.made, strict=True) if self.made else ((), ())
        return Table.of(parts, units, list(self.made.values()))


def facts(
    units: UnitQuerySet, places: Mapping[int, int | None], on: dt.date, *, quickly: bool = False
) -> Facts:
    """The register's part of the risk of these units as of this moment; ``places`` are they with their districts.

    ``quickly`` raises NotCountedError rather than make somebody wait.
    """
    asked = places.keys()
    if len(asked) <= AT_ONCE:
        return count_now(units, on)
    kept, changed = _latest(on)
    if kept is None or len(changed & asked) > AT_ONCE:
        if quickly:
            raise NotCountedError(on, kept.counted_at if kept else None, len(changed & asked))
        if connection.in_atomic_block or not watching.in_place():
            return count_now(units, on)
        count(on)
        kept, changed = _latest(on)
        if kept is None or len(changed & asked) > AT_ONCE:
            return count_now(units, on)
    return _put_right(kept, places, changed & asked)


def _put_right(kept: Counting, places: Mapping[int, int | None], anew: set[int]) -> Facts:
    """What was kept of units that are as they were, together with what the others are now."""
    now = count_now(Unit.objects.filter(pk__in=anew), kept.on) if anew else Facts({}, dict)
    # Where a unit was when it was counted: it has not moved, or it is counted anew.
    offices = set(places.values())
    parts = [part for part in kept.parts.all() if part.authority_id in offices]
    units: dict[int, Counts] = {}
    for part in parts:
        whole = unpacked(part.units)[_WHOLE]
        units.update(zip(whole.units, whole.each(), strict=True))
    if anew or len(units.keys() - places.keys()):
        units = {pk: of for pk, of in units.items() if pk in places and pk not in anew}

    def cells() -> Cells:
        found = now.cells()
        made = {name: list(found.get(name, ())) for name in (FIELD, DOMAIN)}
        for part in parts:
            for name, table in unpacked(part.cells).items():
                made[name].append(table.among(units))
        return made

    return Facts({**units, **now.units}, cells, kept.counted_at, len(anew))


def latest(on: dt.date) -> Counting | None:
    """What was counted last of a day and may be believed but for the units that have changed since."""
    if not watching.in_place():
        return None
    rows = Counting.objects.done().filter(on=on, server=watching.here())
    return rows.order_by("-pk").first()


def _latest(on: dt.date) -> tuple[Counting | None, set[int]]:
    kept = latest(on)
    return (kept, _changed_since(kept)) if kept else (None, set())


def _changed_since(kept: Counting) -> set[int]:
    marks = Touched.objects.filter(stamp__gte=kept.horizon)
    keys = {kind: marks.filter(kind=kind).values("key") for kind in Touch}
    standards = MeasurementStandard.objects.filter(pk__in=keys[Touch.STANDARD]).order_by()
    instruments = StandardInstrument.objects.filter(pk__in=keys[Touch.INSTRUMENT]).order_by()
    return {
        *keys[Touch.UNIT].values_list("key", flat=True),
        *standards.values_list("unit", flat=True),
        *instruments.values_list("standard__unit", flat=True),
    }


def is_fresh(on: dt.date, *, most: int) -> bool:
    """Whether a day is counted and at most so many units have changed since."""
    kept, changed = _latest(on)
    return kept is not None and len(changed) <= most


def count(on: dt.date, *, told: Told | None = None) -> Counting:
    """Count a day for the whole register and keep it; what it takes the place of goes.

    Not within a transaction: marks that others make meanwhile are kept by the row it begins with. ValidationError
    when the database takes no notes of changes.
    """
    if not watching.in_place():
        raise ValidationError(
            "数据库没有在记录台账变动（触发器缺失），请系统管理员运行 manage.py migrate 后重试。"
        )
    row = Counting.objects.create(on=on, horizon=_horizon(), server=watching.here())
    places = dict(Unit.objects.order_by().values_list("pk", "territorial_authority"))
    parts = _parted(count_now(Unit.objects.all(), on, told=told), places)
    with transaction.atomic():
        for authority, (units, cells) in parts.items():
            CountingPart.objects.create(
                counting=row, authority_id=authority, units=units, cells=cells
            )
        row.counted_at = clock.now()
        row.save(update_fields=["counted_at"])
    _forget()
    return row


def keep_up(days: Iterable[dt.date], *, told: Told | None = None) -> int:
    """Count those of the days whose figures pages would soon have to refuse; returns how many."""
    if Unit.objects.count() <= AT_ONCE:
        return 0
    due = [day for day in days if not is_fresh(day, most=AT_ONCE // 2)]
    for day in due:
        count(day, told=told)
    return len(due)


def _horizon() -> int:
    """From which marks on a counting that begins now cannot be sure."""
    if connection.vendor == "postgresql":
        return watching.oldest_under_way()
    last = Counting.objects.aggregate(last=Max("horizon"))["last"] or 0
    mark = Touched.objects.aggregate(last=Max("stamp"))["last"] or 0
    return int(max(last, mark)) + 1


def _forget() -> None:
    """Drop what is of no more use: earlier countings of a day, days nobody could be shown, marks all have seen."""
    now = clock.now()
    done = list(Counting.objects.done().order_by("-pk"))
    newest = {row.on: row for row in reversed(done)}.values()
    keep = {row.pk for row in sorted(newest, key=lambda row: -row.pk)[:_KEPT]}
    # A page may still be reading the one before.
    earlier = Counting.objects.filter(begun_at__lt=now - _UNDER_WAY)
    earlier.exclude(pk__in=keep).delete()
    # A counting may have begun in a transaction nobody sees yet. Horizons only rise, so its own is not below that of
    # one which began long before it.
    if earlier.exists():
        oldest = Counting.objects.aggregate(oldest=Min("horizon"))["oldest"]
        Touched.objects.filter(stamp__lt=oldest).delete()


def begin_anew(**_: object) -> None:
    """After migrations nothing counted before is believed: rules may be others, and SQLite loses triggers with a
    table that is made anew.
    """
    if not {Counting._meta.db_table, Touched._meta.db_table} <= set(
        connection.introspection.table_names()
    ):
        return
    if not watching.in_place():
        watching.install()
    Counting.objects.all().delete()


def _parted(
    found: Facts, places: Mapping[int, int | None]
) -> dict[int | None, tuple[bytes, bytes]]:
    """Packed counts of units and of cells by district."""
    of: dict[int | None, dict[int, Counts]] = defaultdict(dict)
    for unit, counts in found.units.items():
        of[places.get(unit)][unit] = counts
    cells = found.cells()
    return {
        office: (
            packed({_WHOLE: [Table.of((), list(units), list(units.values()))]}),
            packed({name: [t.among(units) for t in tables] for name, tables in cells.items()}),
        )
        for office, units in of.items()
    }
