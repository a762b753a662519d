"""What the pages show about the tests and persons of a standard: years, series, figures."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from metrostd.registry.capability import coverage, figure, in_words, mean, years_of
from metrostd.registry.capability.coverage import Year
from metrostd.registry.capability.entry import NAMES
from metrostd.registry.capability.sentences import sentence, statistic_name, with_unit
from metrostd.registry.enums import LimitBasis, PersonState, RecordState, TestKind, TestMethod
from metrostd.registry.models import CapabilityTest, StandardCertificate, StandardPerson

#: Two persons with matching ability work with every standard (JJF 1033-2016 4.4.2).
LEAST_PERSONS = 2


def methods_by_kind() -> list[tuple[TestKind, list[TestMethod]]]:
    """What may be entered, to choose from."""
    return [(kind, [m for m in TestMethod if m.kind == kind]) for kind in TestKind]


@dataclass(frozen=True, slots=True)
class GroupLine:
    title: str
    on: dt.date
    readings: list[str]
    mean: str


class TestDetail:
    """A test as its page shows it."""

    __test__ = False

    def __init__(self, test: CapabilityTest) -> None:
        self.test = test

    @property
    def sentence(self) -> str:
        test = self.test
        return sentence(
            method=test.method,
            outcome=test.outcome,
            statistic=test.statistic,
            limit=test.limit,
            basis=test.limit_basis,
            unit=test.unit_symbol,
        )

    @property
    def statistic_name(self) -> str:
        return statistic_name(self.test.method)

    @property
    def statistic(self) -> str:
        return with_unit(self.test.statistic, self.test.method, self.test.unit_symbol)

    @property
    def short(self) -> tuple[str, str]:
        """Statistic and limit as a table shows them: four significant digits."""
        test = self.test
        found, bound = (
            with_unit(value, test.method, test.unit_symbol, digits=4)
            for value in (test.statistic, test.limit)
        )
        return found, bound

    @property
    def limit(self) -> str:
        return with_unit(self.test.limit, self.test.method, self.test.unit_symbol)

    @property
    def mean(self) -> str:
        return with_unit(self.test.mean, TestMethod.YEARLY, self.test.unit_symbol)

    @property
    def counts(self) -> str:
        return f"{self.test.m}组，每组{self.test.n}次"

    @property
    def groups(self) -> list[GroupLine]:
        return [
            GroupLine(
                title=f"第{position}组",
                on=dt.date.fromisoformat(group["on"]),
                readings=group["readings"],
                mean=figure(mean([Decimal(y) for y in group["readings"]])),
            )
            for position, group in enumerate(self.test.values.get("groups", []), start=1)
        ]

    @property
    def given(self) -> list[tuple[str, str]]:
        """What was entered besides readings and limit, by its name."""
        return [
            (NAMES[name], "、".join(value) if isinstance(value, list) else value)
            for name, value in self.test.values.get("given", {}).items()
            if name not in ("limit", "limit_basis")
        ]


@dataclass(frozen=True, slots=True)
class YearBlock:
    """One year of the table: what it lacks, and its tests, the newest first."""

    year: int
    missing: str
    pending: str
    tests: list[TestDetail]


@dataclass(frozen=True, slots=True)
class Summary:
    """The tests of a standard with the years its certificate owes."""

    blocks: list[YearBlock]
    sentences: list[str]
    void: list[TestDetail]

    @property
    def missing(self) -> int:
        """How many years lack something."""
        return len(self.sentences)


def summary_of(
    tests: Iterable[CapabilityTest], certificate: StandardCertificate | None, *, on: dt.date
) -> Summary:
    """Tests by year, and what is missing in full calendar years of the certificate's life."""
    everything = list(tests)
    kept = [test for test in everything if test.state != RecordState.VOID]
    years = owed(certificate, kept, on=on)
    known = {each.year: each for each in years}
    blocks = []
    for year in sorted({*known, *(test.year for test in kept)}, reverse=True):
        own = [test for test in kept if test.year == year]
        own.sort(key=lambda t: (t.tested_on, t.pk), reverse=True)
        blocks.append(
            YearBlock(
                year=year,
                missing=_missing(known.get(year)),
                pending=_pending(known.get(year)),
                tests=[TestDetail(test) for test in own],
            )
        )
    return Summary(
        blocks=blocks,
        sentences=in_words(years),
        void=[TestDetail(test) for test in everything if test.state == RecordState.VOID],
    )


def owed(
    certificate: StandardCertificate | None, tests: Iterable[CapabilityTest], *, on: dt.date
) -> list[Year]:
    """The years of a certificate with the tests they have; nothing without a certificate."""
    if certificate is None:
        return []
    return coverage(years_of(certificate.issue_date, certificate.valid_until, on=on), tests)


def _missing(year: Year | None) -> str:
    return f"缺{'、'.join(kind.label for kind in year.missing)}" if year and year.missing else ""


def _pending(year: Year | None) -> str:
    if year is None or not year.running:
        return ""
    open_kinds = [k.label for k in TestKind.yearly_kinds() if getattr(year, k.value) is None]
    return f"本年尚未登记{'、'.join(open_kinds)}" if open_kinds else ""


def open_failures(tests: Iterable[CapabilityTest]) -> list[CapabilityTest]:
    """Tests that failed and were not followed by a passed one of the same kind and object."""
    latest: dict[tuple[int, str, str], CapabilityTest] = {}
    for test in sorted(tests, key=lambda t: (t.tested_on, t.pk)):
        latest[test.standard_id, test.kind, test.subject] = test
    return [test for test in latest.values() if not test.passed]


def stability_charts(
    tests: Iterable[CapabilityTest],
) -> list[tuple[str, str, dict[str, object]]]:
    """Id, object and options of one chart for each object of the stability tests with a comparison."""
    series: dict[str, list[CapabilityTest]] = {}
    for test in sorted(tests, key=lambda t: (t.tested_on, t.pk)):
        if test.kind == TestKind.STABILITY and test.state != RecordState.VOID:
            series.setdefault(test.subject, []).append(test)
    made = [(subject, series_chart(rows)) for subject, rows in series.items()]
    return [
        (f"stability-{position}", subject, chart)
        for position, (subject, chart) in enumerate(made)
        if chart
    ]


def series_chart(series: list[CapabilityTest]) -> dict[str, object] | None:
    """The short form ``band`` of charts.js: each result against its limit; None without any result.

    Changes and differences have a sign and lie within ±limit; a standard deviation and a span of
    several groups have none.
    """
    rows, previous, both = [], None, False
    for test in series:
        value = test.statistic
        if value is not None:
            origin = _origin(test, previous)
            if origin is not None and test.mean is not None:
                both = True
                value = -value if test.mean < origin else value
            rows.append(
                {
                    "label": str(test.year),
                    "value": float(value),
                    "limit": None if test.limit is None else float(test.limit),
                    "tone": "" if test.passed else test.outcome_tone,
                    "note": "" if test.passed else _short(test),
                    "url": test.get_absolute_url(),
                }
            )
        previous = test.mean if test.mean is not None else previous
    if not rows:
        return None
    last = series[-1]
    unit = "" if last.limit_basis == LimitBasis.EN else last.unit_symbol
    return {"kind": "band", "rows": rows, "both": both, "unit": unit}


def _origin(test: CapabilityTest, previous: Decimal | None) -> Decimal | None:
    """What the measured value was compared with; None where a sign has no meaning."""
    given = test.values.get("given", {})
    if test.method == TestMethod.YEARLY:
        return Decimal(given["previous"]) if "previous" in given else previous
    return Decimal(given["reference"]) if "reference" in given else None


def _short(test: CapabilityTest) -> str:
    return "需评定" if test.outcome == "reassess" else "超差"


@dataclass(frozen=True, slots=True)
class PersonLine:
    person: StandardPerson
    standing: PersonState

    @property
    def tone(self) -> str:
        return self.standing.tone


def person_lines(persons: Iterable[StandardPerson], *, on: dt.date) -> list[PersonLine]:
    """Persons with how they stand on a day: those who can work first, those who left last."""
    order = list(PersonState)
    lines = [PersonLine(person, person.standing(on)) for person in persons]
    return sorted(lines, key=lambda line: (order.index(line.standing), line.person.pk))


def able(lines: Iterable[PersonLine]) -> int:
    """How many may work with the standard that day; one name counts once."""
    return len({line.person.name for line in lines if line.standing in PersonState.able})


def persons_sentence(count: int, *, on: dt.date) -> str:
    """What is said when too few persons are able; empty when there are enough."""
    if count >= LEAST_PERSONS:
        return ""
    return (
        f"{on.year}年{on.month}月{on.day}日证明有效的在岗人员{count}人，"
        f"每个项目至少需要{LEAST_PERSONS}人。"
    )
