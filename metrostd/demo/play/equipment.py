"""What the units keep of themselves: instruments with years of tracing, as certificate follows certificate.

Most are renewed in time. A few were late once (a gap), a few have lapsed by today.
"""

import datetime as dt
from collections.abc import Iterator
from random import Random

from metrostd.common import audit, clock
from metrostd.common.models import AuditEntry
from metrostd.demo.instruments import EQUIPMENT, LABS, MAKERS, Kind
from metrostd.registry.enums import InstrumentRole, TraceKind, TraceResult
from metrostd.registry.models import (
    MeasurementStandard,
    StandardCertificate,
    StandardInstrument,
    TraceRecord,
)
from metrostd.registry.moves.certificate import months_later

from .setting import unit_user

_DAY = dt.timedelta(days=1)
#: Standards written at a time.
_PART = 500
#: In a hundred renewals this many come late; of a hundred instruments this many have lapsed today.
_LATE = 0.35
_LAPSED = 0.9


def fill(*, seed: int, on: dt.date, today: dt.date) -> None:
    """Register the equipment of every standard; what was traced before ``on`` is registered that day."""
    standards = MeasurementStandard.objects.filter(instruments=None).select_related("unit")
    ids = list(standards.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _PART):
        part = standards.filter(pk__in=ids[start : start + _PART]).order_by("pk")
        _Writer(seed=seed, on=on, today=today).write(list(part))


class _Writer:
    def __init__(self, *, seed: int, on: dt.date, today: dt.date) -> None:
        self._seed = seed
        self._on = on
        self._today = today

    def write(self, standards: list[MeasurementStandard]) -> None:
        issued = dict(
            StandardCertificate.objects.filter(
                is_current=True, standard__in=standards, issue_date__isnull=False
            ).values_list("standard", "issue_date")
        )
        instruments: list[StandardInstrument] = []
        dice: list[Random] = []
        for standard in standards:
            own = Random(f"{self._seed}-equipment-{standard.pk}")  # noqa: S311 -- sample data
            made = list(self._instruments(standard, issued.get(standard.pk, self._on), own))
            instruments += made
            dice += [own] * len(made)
        StandardInstrument.objects.bulk_create(instruments, batch_size=1000)
        records = [
            record
            for instrument, own in zip(instruments, dice, strict=True)
            for record in self._records(instrument, own)
        ]
        TraceRecord.objects.bulk_create(records, batch_size=1000)
        self._trail(instruments, records)

    def _instruments(
        self, standard: MeasurementStandard, issued: dt.date, dice: Random
    ) -> Iterator[StandardInstrument]:
        main, auxiliary = EQUIPMENT[standard.jjf1022_code]
        chosen = [(InstrumentRole.MAIN, kind) for kind in main]
        if dice.random() < 0.15:  # a second one of the same kind
            chosen.append((InstrumentRole.MAIN, main[0]))
        chosen += [(InstrumentRole.AUXILIARY, k) for k in auxiliary if dice.random() < 0.75]
        with clock.pinned(clock.at_time(self._on, 13)):
            for n, (role, kind) in enumerate(chosen):
                used_from = issued - dice.randint(40, 900) * _DAY
                yield StandardInstrument(
                    standard=standard,
                    role=role,
                    name=kind.name,
                    model=kind.model,
                    measuring_range=_range(standard, role, kind),
                    performance=kind.performance,
                    manufacturer=dice.choice(MAKERS),
                    serial_no=f"{used_from.year % 100:02d}{dice.randint(0, 9999):04d}-{n + 1}",
                    trace_interval_months=kind.months,
                    used_from=used_from,
                    since=used_from,
                )

    def _records(self, instrument: StandardInstrument, dice: Random) -> Iterator[TraceRecord]:
        verified = instrument.role == InstrumentRole.MAIN and "U=" not in instrument.performance
        lab = dice.choice(LABS)
        for day, until in reversed(list(self._validities(instrument, dice))):
            known = min(max(day + dice.randint(1, 6) * _DAY, self._on), self._today)
            with clock.pinned(clock.at_time(known, 7)):
                yield TraceRecord(
                    instrument=instrument,
                    kind=TraceKind.VERIFICATION if verified else TraceKind.CALIBRATION,
                    org=lab,
                    cert_no=f"示{'检' if verified else '校'}字{day:%y%m%d}第{dice.randint(1, 9999):04d}号",
                    traced_on=day,
                    valid_until=until,
                    result=TraceResult.QUALIFIED if verified else TraceResult.MEETS,
                )

    def _validities(
        self, instrument: StandardInstrument, dice: Random
    ) -> Iterator[tuple[dt.date, dt.date]]:
        """Date and last valid day of each certificate, from the newest back to the day of first use."""
        months = instrument.trace_interval_months or 12
        until = months_later(self._today, months) - dice.randint(8, months * 29) * _DAY
        if dice.random() * 100 < _LAPSED:
            until = self._today - dice.randint(5, 90) * _DAY
        while True:
            day = months_later(until + _DAY, -months)
            yield day, until
            if instrument.used_from is None or day <= instrument.used_from:
                return
            late = dice.random() * 100 < _LATE
            until = day - dice.randint(7, 46) * _DAY if late else day + dice.randint(0, 20) * _DAY

    def _trail(self, instruments: list[StandardInstrument], records: list[TraceRecord]) -> None:
        rows = []
        for row in (*instruments, *records):
            standard = (row if isinstance(row, StandardInstrument) else row.instrument).standard
            with clock.pinned(row.created_at):
                rows.append(
                    audit.entry(
                        row,
                        actor=unit_user(standard.unit),
                        action="registry.create",
                        label="登记",
                    )
                )
        AuditEntry.objects.bulk_create(rows, batch_size=1000)


def _range(standard: MeasurementStandard, role: str, kind: Kind) -> str:
    if kind.measuring_range or role == InstrumentRole.AUXILIARY:
        return kind.measuring_range
    return standard.measuring_range
