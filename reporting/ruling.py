"""How a rule is written: a named check over the table that yields the places where it is broken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Literal

from .figures import BY_ID
from .rows import SUBTOTALS, TOTAL
from .table import Annex3, Cell, Row

Severity = Literal["block", "warn"]
#: (block, row, figure)
CellRef = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RuleResult:
    id: str
    title: str
    ok: bool
    severity: Severity
    detail: str
    cells: tuple[CellRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """One place where a rule is broken."""

    detail: str
    cells: tuple[CellRef, ...]
    severity: Severity | None = None


Check = Callable[[Annex3], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    title: str
    severity: Severity
    summary: Callable[[Annex3], str]
    faults: Check

    def __call__(self, annex: Annex3) -> RuleResult:
        found = list(self.faults(annex))
        if not found:
            return RuleResult(self.id, self.title, True, self.severity, self.summary(annex))
        worst: Severity = "warn"
        if any((fault.severity or self.severity) == "block" for fault in found):
            worst = "block"
        cells = tuple(ref for fault in found for ref in fault.cells)
        return RuleResult(self.id, self.title, False, worst, _detail(found), cells)


RULES: list[Rule] = []


def _detail(faults: list[Fault]) -> str:
    """The sentence for people: the total when it is wrong, else the rows, else the subtotals."""

    def rows_of(fault: Fault) -> set[str]:
        return {row for _, row, _ in fault.cells}

    totals = [fault for fault in faults if TOTAL in rows_of(fault)]
    plain = [fault for fault in faults if not rows_of(fault) & {TOTAL, *SUBTOTALS}]
    return "；".join(fault.detail for fault in totals or plain or faults)


def rule(
    id: str,
    title: str,
    *,
    severity: Severity = "block",
    summary: str | Callable[[Annex3], str] = "",
) -> Callable:
    """Register a check. ``summary`` names figures in braces and is filled from the total row."""
    said = summary if callable(summary) else partial(_fill, summary)

    def register(faults: Check) -> Check:
        RULES.append(Rule(id, title, severity, said, faults))
        return faults

    return register


def _fill(summary: str, annex: Annex3) -> str:
    total = annex.blocks["I"].total
    values = {cell.figure.id: cell.text for cell in total.cells}
    return summary.format_map(values) if summary else "符合"


def rows_with_figures(annex: Annex3, block: str = "I") -> Iterator[Row]:
    """Rows with figures in them; – rows have nothing to check."""
    for row in annex.blocks[block].rows:
        if any(cell.value is not None for cell in row.cells):
            yield row


def fault(
    row: Row, text: str, *names: str, block: str = "I", severity: Severity | None = None
) -> Fault:
    return Fault(f"{_short(row)}：{text}", tuple((block, row.id, n) for n in names), severity)


def _short(row: Row) -> str:
    return row.spec.label.partition("（单位去重）")[0]


def amount(row: Row, figure: str) -> int | Decimal:
    value = row[figure]
    return 0 if value is None else value


def at_most(annex: Annex3, *pairs: tuple[str, str], block: str = "I") -> Iterator[Fault]:
    for row in rows_with_figures(annex, block):
        for small, large in pairs:
            if amount(row, small) > amount(row, large):
                text = f"{name_of(small)} {row[small]} 大于 {name_of(large)} {row[large]}"
                yield fault(row, text, small, large, block=block)


def is_sum(annex: Annex3, whole: str, *parts: str) -> Iterator[Fault]:
    for row in rows_with_figures(annex):
        total = sum(amount(row, part) for part in parts)
        if amount(row, whole) != total:
            shown = " + ".join(f"{name_of(part)} {row[part]}" for part in parts)
            difference = abs(amount(row, whole) - total)
            yield fault(
                row, f"{name_of(whole)} {row[whole]} ≠ {shown}，差 {difference}", whole, *parts
            )


def single_ref(figure: str) -> CellRef:
    """The cell of a figure that has a row of its own."""
    return BY_ID[figure].blocks[0], figure, figure


def single_summary(*names: str) -> Callable[[Annex3], str]:
    """What the figures of their own rows say; – where nobody counts them yet."""

    def said(annex: Annex3) -> str:
        cells = (Cell(BY_ID[name], annex.single(name)) for name in names)
        return "，".join(f"{cell.figure.name} {cell.text}" for cell in cells)

    return said


def single_sum(annex: Annex3, whole: str, *parts: str) -> Iterator[Fault]:
    """As ``is_sum`` for figures of their own rows; what nobody counts yet has nothing to add up."""
    values = {name: annex.single(name) for name in (whole, *parts)}
    if all(value is None for value in values.values()):
        return
    total = sum(values[part] or 0 for part in parts)
    if (values[whole] or 0) != total:
        shown = " + ".join(f"{name_of(part)} {values[part] or 0}" for part in parts)
        text = f"{name_of(whole)} {values[whole] or 0} ≠ {shown}"
        yield Fault(text, tuple(single_ref(name) for name in (whole, *parts)))


def name_of(figure: str) -> str:
    return BY_ID[figure].name.removeprefix("其中")
