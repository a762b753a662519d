"""What was measured on site in words: beside the item, on the record, in what is signed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from inspections.models import SiteEnvironment, SiteExperiment
from metrostd.registry.capability import Entry, figure
from metrostd.registry.capability.entry import readings_in_words
from metrostd.registry.capability.workings import verdict, working
from metrostd.registry.enums import TestMethod, TestOutcome

#: The items of Annex 1 that measuring speaks to.
EXPERIMENT_ITEM, ENVIRONMENT_ITEM = "F01", "C01"
MEASURED_ITEMS = {EXPERIMENT_ITEM: "experiment", ENVIRONMENT_ITEM: "environment"}
#: Quantity, what it is called, its unit.
QUANTITIES = (
    ("temperature", "温度", "℃"),
    ("humidity", "相对湿度", "%RH"),
    ("pressure", "大气压", "kPa"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing measured: what, the working with its numbers, the verdict and its tone."""

    title: str
    words: str
    verdict: str
    tone: str
    #: Place of an experiment; 0 for a quantity of the environment.
    place: int = 0
    #: Day, readings and what else was entered.
    entered: str = ""

    @property
    def told(self) -> str:
        """Everything on one line."""
        return "；".join(part for part in (self.entered, self.words) if part) + f"，{self.verdict}"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured for one sheet."""

    experiments: list[Line] = field(default_factory=list)
    environment: list[Line] = field(default_factory=list)

    def of_item(self, code: str) -> list[Line]:
        """The lines beside one item."""
        if code == EXPERIMENT_ITEM:
            return self.experiments
        return self.environment if code == ENVIRONMENT_ITEM else []

    @property
    def lines(self) -> list[Line]:
        """Everything, the environment first as in Annex 1."""
        return [*self.environment, *self.experiments]

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Label and words for the record."""
        return [(line.title, line.told) for line in self.lines]


NOTHING = Measured()


def measured_of(sheets: Iterable[int]) -> dict[int, Measured]:
    """What was measured for each of these sheets; 2 queries, sheets without anything are left out."""
    wanted = list(sheets)
    found: dict[int, Measured] = {}
    standing = SiteExperiment.objects.filter(sheet__in=wanted, withdrawn_at=None)
    for row in standing.order_by("sheet", "place"):
        found.setdefault(row.sheet_id, Measured()).experiments.append(line_of(row))
    for around in SiteEnvironment.objects.filter(sheet__in=wanted):
        if lines := environment_lines(around):
            found.setdefault(around.sheet_id, Measured()).environment.extend(lines)
    return found


def line_of(row: SiteExperiment) -> Line:
    """One experiment with its working."""
    entry = Entry.from_json(row.method, row.values)
    baseline = row.outcome == TestOutcome.BASELINE
    entered = "；".join(
        part
        for part in (
            readings_in_words(row.values),
            f"计量单位：{row.unit_symbol}" if row.unit_symbol else "",
            f"说明：{row.note.strip()}" if row.note.strip() else "",
        )
        if part
    )
    return Line(
        title=f"{row}：{TestMethod(row.method).label}（{row.subject}）",
        words=working(
            entry, mean=row.mean, statistic=row.statistic, limit=row.limit, unit=row.unit_symbol
        ),
        verdict="没有可以比较的值" if baseline else verdict(row.outcome, row.limit_basis),
        tone=TestOutcome(row.outcome).tone,
        place=row.place,
        entered=entered,
    )


def environment_lines(row: SiteEnvironment) -> list[Line]:
    """Each quantity that was read, against its limits."""
    named = [*QUANTITIES]
    if row.other_name:
        named.append(("other", row.other_name, row.other_unit))
    return [
        _quantity(row, name, label, unit)
        for name, label, unit in named
        if getattr(row, name) is not None
    ]


def _quantity(row: SiteEnvironment, name: str, label: str, unit: str) -> Line:
    value: Decimal = getattr(row, name)
    low: Decimal | None = getattr(row, f"{name}_low")
    high: Decimal | None = getattr(row, f"{name}_high")
    words = f"{label} {_figure(value)} {unit}".rstrip()
    by = f"仪表：{row.instrument}" if row.instrument else ""
    if low is None and high is None:
        return Line(f"现场环境：{label}", words, "没有登记限值", "info", entered=by)
    bounds = _bounds(low, high, unit)
    basis = f"（{row.basis}）" if row.basis else ""
    within = (low is None or value >= low) and (high is None or value <= high)
    said = ("符合规定", "ok") if within else ("超出规定", "bad")
    return Line(f"现场环境：{label}", f"{words}，规定{bounds}{basis}", *said, entered=by)


def _bounds(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    if low is None:
        return f"不大于 {_figure(high)} {unit}".rstrip()
    if high is None:
        return f"不小于 {_figure(low)} {unit}".rstrip()
    return f"({_figure(low)}～{_figure(high)}) {unit}".rstrip()


def _figure(value: Decimal | None) -> str:
    return figure(value, digits=15)


def summed(lines: list[Line]) -> tuple[str, str]:
    """All lines of an item in one hint and its tone: the gravest counts."""
    tones = [line.tone for line in lines]
    tone = next((each for each in ("bad", "warn", "info") if each in tones), "ok")
    grave = [line for line in lines if line.tone == tone] if tone in ("bad", "warn") else lines
    return "；".join(f"{line.words}，{line.verdict}" for line in grave), tone
