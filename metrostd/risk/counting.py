"""The register's indicators, counted beforehand for a day and put right for what has changed since.

Counting looks at every instrument, certificate and standard once, which takes seconds for a city. So it is done
by the clock and by jobs, and kept for its day. Whoever asks gets figures of this moment all the same: units
written to since the counting are counted then and there, and never taken from it. When they are too many for that, or
the day was not counted, a page says so and offers the job; nothing out of date is shown.
"""

import datetime as dt
import json
import zlib
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
#: Records by indicator.
Counts = Mapping[str, int]
#: A field or a domain, a unit that is in it, and what the register gives of the unit there.
Cell = tuple[int | str | None, int, Counts]
Cells = Mapping[str, Sequence[Cell]]
FIELD, DOMAIN = "field", "domain"
#: Told how many steps of how many are done.
Told = Callable[[int, int], object]

#: What the register alone gives; the others are of casework, which not everybody may read, and are counted when asked.
OF_REGISTER = tuple(each for each in INDICATORS if each.of_standards)


class NotCountedError(Exception):
    """A day would have to be counted for more units than somebody should wait for."""

    def __init__(self, on: dt.date) -> None:
        super().__init__(f"{on} is not counted")
        self.on = on


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
    cells: Cells = {FIELD: fields.cells(), DOMAIN: domains.cells()}
    return Facts(whole.made, lambda: cells)


class _Sums:
    """Counts put together by key."""

    def __init__(self) -> None:
        self.made: dict[Any, dict[str, int]] = {}  # Any: a unit, or a part with a unit

    def add(self, key: object, counts: Counts) -> None:
        sums = self.made.setdefault(key, {})
        for code, n in counts.items():
            sums[code] = sums.get(code, 0) + n

    def cells(self) -> list[Cell]:
        return [(part, unit, counts) for (part, unit), counts in self.made.items()]


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
            raise NotCountedError(on)
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
        units.update(_units_in(part))
    if anew or len(units.keys() - places.keys()):
        units = {pk: of for pk, of in units.items() if pk in places and pk not in anew}

    def cells() -> Cells:
        found = now.cells()
        made = {name: list(found.get(name, ())) for name in (FIELD, DOMAIN)}
        for part in parts:
            for name, rows in _cells_in(part).items():
                made[name].extend(row for row in rows if row[1] in units)
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
    units: dict[int | None, list[tuple[int, Counts]]] = defaultdict(list)
    for unit, counts in found.units.items():
        units[places.get(unit)].append((unit, counts))
    cells: dict[int | None, dict[str, list[Cell]]] = defaultdict(lambda: {FIELD: [], DOMAIN: []})
    for name, rows in found.cells().items():
        for row in rows:
            cells[places.get(row[1])][name].append(row)
    return {office: (_packed({"": rows}), _packed(cells[office])) for office, rows in units.items()}


def _packed(tables: Mapping[str, Iterable[tuple]]) -> bytes:
    """Tables whose last column are counts, column by column; equal counts are written once."""
    known: dict[tuple, int] = {}
    plain: dict[str, list] = {}
    for name, rows in tables.items():
        numbered = [
            (*row[:-1], known.setdefault(tuple(row[-1].items()), len(known))) for row in rows
        ]
        plain[name] = list(zip(*numbered, strict=True))
    whole = {"tables": plain, "counts": [dict(of) for of in known]}
    return zlib.compress(json.dumps(whole, separators=(",", ":")).encode(), 1)


def _unpacked(packed: bytes) -> dict[str, Iterator[tuple]]:
    whole = json.loads(zlib.decompress(packed))
    counts = whole["counts"]
    return {
        name: zip(*columns[:-1], (counts[n] for n in columns[-1]), strict=True) if columns else iter(())
        for name, columns in whole["tables"].items()
    }  # fmt: skip


def _units_in(part: CountingPart) -> Iterator[tuple[int, Counts]]:
    return _unpacked(bytes(part.units))[""]


def _cells_in(part: CountingPart) -> dict[str, Iterator[Cell]]:
    return _unpacked(bytes(part.cells))
