"""What the units prove year by year: tests judged by the product's own formulas, persons, items.

Most of it is in order. A few years lack a test, a few tests fail (most are followed by a passed one),
a few proofs have run out or are about to, a few public standards lack their certificate.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from django.db import models

from metrostd.common import audit, clock
from metrostd.common.models import AuditEntry
from metrostd.demo import names
from metrostd.demo.measurements import MEASUREMENTS, Measurement
from metrostd.registry.capability import Entry, Given, Group, History, judge, mean
from metrostd.registry.enums import (
    Category,
    LimitBasis,
    QualificationKind,
    Reassessment,
    TestMethod,
    TestOutcome,
)
from metrostd.registry.models import (
    CapabilityTest,
    MeasurementStandard,
    PublicStandardCertificate,
    StandardCertificate,
    StandardItem,
    StandardPerson,
)
from metrostd.registry.services.capability import columns

from .setting import unit_user

_DAY = dt.timedelta(days=1)
#: Standards written at a time.
_PART = 500
#: Of a hundred: tests left out in a year, stability out of its limit, public certificates missing,
#: standards with too few persons.
_LEFT_OUT, _FAILED, _UNCERTIFIED, _SHORT_OF_PERSONS = 1.2, 0.8, 4, 3


def fill(*, seed: int, on: dt.date, today: dt.date) -> None:
    """Record tests, persons, items and public certificates of every standard, up to ``today``.

    What happened before ``on`` is recorded that day.
    """
    standards = MeasurementStandard.objects.filter(items=None).select_related(
        "unit", "issuing_authority"
    )
    ids = list(standards.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), _PART):
        part = list(standards.filter(pk__in=ids[start : start + _PART]).order_by("pk"))
        current = StandardCertificate.objects.filter(is_current=True, standard__in=part)
        certificates = {row.standard_id: row for row in current}
        writer = _Writer(on=on, today=today)
        for standard in part:
            dice = Random(f"{seed}-capability-{standard.pk}")  # noqa: S311 -- sample data
            writer.add(standard, certificates.get(standard.pk), dice)
        writer.write()


@dataclass(slots=True)
class _Writer:
    """Collects rows of many standards and writes them with their trail."""

    on: dt.date
    today: dt.date
    rows: dict[type[models.Model], list[models.Model]] = field(default_factory=dict)

    def add(
        self,
        standard: MeasurementStandard,
        certificate: StandardCertificate | None,
        dice: Random,
    ) -> None:
        issued = certificate.issue_date if certificate else None
        what = MEASUREMENTS[standard.jjf1022_code]
        self._keep(*_items(standard, what))
        self._keep(*_persons(standard, dice, since=issued or self.on, today=self.today))
        if issued is None or certificate is None:
            return
        if standard.category in Category.public and dice.random() * 100 >= _UNCERTIFIED:
            self._keep(_public_certificate(standard, certificate, dice))
        for test in _Tests(standard, what, dice, self.today).since(issued):
            with clock.pinned(clock.at_time(max(test.tested_on, self.on), 15)):
                test.created_at = test.state_since = clock.now()
            self._keep(test)

    def _keep(self, *rows: models.Model) -> None:
        for row in rows:
            self.rows.setdefault(type(row), []).append(row)

    def write(self) -> None:
        trail = []
        for model, rows in self.rows.items():
            for row in rows:
                if model is not CapabilityTest:
                    row.created_at = row.state_since = clock.at_time(self.on, 15)
            model._default_manager.bulk_create(rows, batch_size=1000)
            for row in rows:
                with clock.pinned(row.created_at):
                    trail.append(
                        audit.entry(
                            row,
                            actor=unit_user(row.standard.unit),
                            action="registry.create",
                            label="登记",
                        )
                    )
        AuditEntry.objects.bulk_create(trail, batch_size=1000)


def _items(standard: MeasurementStandard, what: Measurement) -> Iterator[StandardItem]:
    for name, basis in what.items:
        yield StandardItem(
            standard=standard,
            name=name,
            measuring_range=standard.measuring_range,
            performance=standard.performance,
            basis=basis,
        )


def _persons(
    standard: MeasurementStandard, dice: Random, *, since: dt.date, today: dt.date
) -> Iterator[StandardPerson]:
    """The responsible person and one or two colleagues; now and then only one whose proof is valid."""
    colleagues = dice.sample([s + g for s in names.SURNAMES for g in names.GIVEN], 2)
    chosen = [standard.responsible_person, *colleagues[: dice.choice((1, 1, 2))]]
    short = dice.random() * 100 < _SHORT_OF_PERSONS
    for position, name in enumerate(chosen):
        if standard.category in Category.public:
            kind = dice.choice((QualificationKind.METROLOGIST_1, QualificationKind.METROLOGIST_2))
        else:
            kind = dice.choice((QualificationKind.PROJECT_EXAM, QualificationKind.OTHER))
        left = dice.randint(150, 1700)
        if dice.random() < 0.02:
            left = dice.randint(5, 85)
        if short and position:
            left = -dice.randint(20, 300)
        open_ended = kind == QualificationKind.OTHER and not (short and position)
        yield StandardPerson(
            standard=standard,
            name=name,
            qualification_kind=kind,
            cert_no=f"示{'注' if kind in QualificationKind.registered else '考'}{dice.randint(1, 999999):06d}",
            project=MEASUREMENTS[standard.jjf1022_code].items[0][0],
            valid_until=None if open_ended else today + left * _DAY,
            since=since - dice.randint(30, 900) * _DAY,
        )


def _public_certificate(
    standard: MeasurementStandard, certificate: StandardCertificate, dice: Random
) -> PublicStandardCertificate:
    issuer = standard.issuing_authority
    assert certificate.issue_date is not None  # noqa: S101 -- the caller has looked
    return PublicStandardCertificate(
        standard=standard,
        number=f"〔{certificate.first_year or certificate.issue_date.year}〕津社公量标示证字第{standard.pk:03d}号",
        issuer=issuer.name,
        issue_date=certificate.issue_date + dice.randint(10, 40) * _DAY,
        valid_until=certificate.valid_until,
        valid_region=issuer.region_name,
    )


@dataclass(slots=True)
class _Tests:
    """The tests of one standard from its examination to today."""

    standard: MeasurementStandard
    what: Measurement
    dice: Random
    today: dt.date

    def since(self, issued: dt.date) -> Iterator[CapabilityTest]:
        """The establishment before the certificate was issued, then every year."""
        drift = 0.0
        groups = [self._group(issued - n * _DAY, 0.0) for n in (230, 195, 160, 125)]
        yield self._test(TestMethod.NEW_GROUPS, groups, History(), **self._limit())
        first = self._test(
            TestMethod.REPEATED, [self._group(issued - 110 * _DAY, 0.0, 10, wide=1.9)], History()
        )
        yield first
        yield self._against_higher(TestMethod.TRANSFER, issued - 100 * _DAY)
        previous = mean(groups[-1].readings)
        established = first.statistic
        for year in range(issued.year + 1, self.today.year + 1):
            day = dt.date(year, self.dice.randint(1, 10), self.dice.randint(1, 28))
            if day > self.today:
                return
            drift += self.dice.gauss(0, self.what.scatter * 0.5)
            yield from self._repeatability(day, established)
            stability = list(self._stability(day + 3 * _DAY, drift, previous, year))
            yield from stability
            if stability and stability[-1].mean is not None:
                previous = stability[-1].mean
            yield from self._between(day + 75 * _DAY)

    def _repeatability(self, day: dt.date, established: Decimal | None) -> Iterator[CapabilityTest]:
        if self._now_and_then(_LEFT_OUT):
            return
        known = History(established=established)
        wide = 3.0 if self._now_and_then(_FAILED) else 1.0
        test = self._test(TestMethod.REPEATED, [self._group(day, 0.0, 10, wide)], known)
        if test.outcome == TestOutcome.REASSESS and self.dice.random() < 0.7:
            groups = list(Entry.from_json(test.method, test.values).groups)
            again = Reassessment.MEETS
            test = self._test(TestMethod.REPEATED, groups, known, reassessment=again)
        yield test

    def _stability(
        self, day: dt.date, drift: float, previous: Decimal, year: int
    ) -> Iterator[CapabilityTest]:
        if day > self.today or self._now_and_then(_LEFT_OUT):
            return
        known = History(previous=previous, previous_year=year - 1)
        often = _FAILED * 3 if year == self.today.year else _FAILED  # the last ones stay to be seen
        jump = float(self.what.limit) * 1.3 if self._now_and_then(often) else 0.0
        yield self._test(
            TestMethod.YEARLY, [self._group(day, drift + jump, 6)], known, **self._limit()
        )
        again = day + 40 * _DAY
        if jump and again <= self.today and self.dice.random() < 0.7:
            yield self._test(
                TestMethod.YEARLY, [self._group(again, drift, 6)], known, **self._limit()
            )

    def _between(self, day: dt.date) -> Iterator[CapabilityTest]:
        if day > self.today:
            return
        if self.dice.random() < 0.45:
            reference = self._number(self.what.nominal)
            yield self._test(
                TestMethod.CHECK_LIMIT,
                [self._group(day, 0.0, 3)],
                History(),
                reference=reference,
                source="核查标准首次核查的平均值",
                **self._limit(),
            )
        if self.standard.category in Category.public and self.dice.random() < 0.12:
            yield self._against_higher(TestMethod.COMPARISON_EN, day)

    def _against_higher(self, method: TestMethod, day: dt.date) -> CapabilityTest:
        u_lab = Decimal(self.what.u)
        source = "示例市计量院校准证书" if method == TestMethod.TRANSFER else "示例区域计量比对"
        return self._test(
            method,
            [self._group(day, 0.0, 3)],
            History(),
            reference=self._number(self.what.nominal + self.dice.gauss(0, float(u_lab) * 0.2)),
            source=source,
            u_lab=u_lab,
            u_ref=(u_lab / 3).quantize(Decimal("0.00001")),
            k=Decimal(2),
        )

    def _test(
        self,
        method: TestMethod,
        groups: list[Group],
        history: History,
        *,
        reassessment: Reassessment | None = None,
        **given: Any,  # Any: each is of the type its field has in Given
    ) -> CapabilityTest:
        entry = Entry(method, tuple(groups), Given(**given), reassessment)
        day = max(group.on for group in groups)
        return CapabilityTest(
            standard=self.standard,
            subject=self.what.subject,
            unit_symbol=self.what.unit,
            kind=method.kind,
            method=method,
            year=day.year,
            tested_on=day,
            values=entry.as_json(),
            reassessment=reassessment or "",
            **columns(judge(entry, history)),
        )

    def _group(self, day: dt.date, offset: float, n: int = 6, wide: float = 1.0) -> Group:
        centre, scatter = self.what.nominal + offset, self.what.scatter * wide
        readings = tuple(self._number(self.dice.gauss(centre, scatter)) for _ in range(n))
        return Group(on=day, readings=readings)

    def _limit(self) -> dict[str, object]:
        basis = LimitBasis.CORRECTION if self.what.uses_corrections else LimitBasis.MPE
        return {"limit": Decimal(self.what.limit), "limit_basis": basis}

    def _number(self, value: float) -> Decimal:
        return Decimal(f"{value:.{self.what.places}f}")

    def _now_and_then(self, percent: float) -> bool:
        return self.dice.random() * 100 < percent
