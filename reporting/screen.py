"""The table as the page shows it: links behind counts, tints of cells a rule names."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from .figures import Figure
from .layout import Heading, Line, Section
from .rules import CellRef, RuleResult
from .table import Cell

#: block, row, figure → address of the list behind the cell
Address = Callable[[str, str, str], str]
_DEDUP = "（单位去重）"


@dataclass(frozen=True, slots=True)
class ScreenCell:
    text: str | None
    url: str
    mark: str
    #: What had been computed where the figure was entered by hand.
    computed: str = ""


@dataclass(frozen=True, slots=True)
class ScreenLine:
    label: str
    note: str
    css: str
    cells: tuple[ScreenCell, ...]


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    row_heading: str
    headings: tuple[Heading, ...]
    columns: tuple[Figure, ...]
    lines: tuple[ScreenLine, ...]


@dataclass(frozen=True, slots=True)
class RuleLine:
    ok: bool
    id: str
    title: str
    detail: str
    tone: str
    icon: str


def part(section: Section, results: Iterable[RuleResult], address: Address) -> Part:
    """One section of the table with everything its cells need."""
    marks = _marks(results)
    return Part(
        name=section.title.partition("：")[2] or section.title,
        row_heading=section.block.row_heading,
        headings=section.headings,
        columns=section.columns,
        lines=tuple(
            _line(section.block.id, line, marks, address) for line in _folded(section.lines)
        ),
    )


def rule_lines(results: Iterable[RuleResult]) -> list[RuleLine]:
    """What blocks first, then what needs an explanation, then what holds."""
    order = sorted(results, key=lambda r: (r.ok, not r.ok and r.severity != "block", r.id))
    return [RuleLine(r.ok, r.id, r.title, r.detail, *_look(r)) for r in order]


def _look(result: RuleResult) -> tuple[str, str]:
    if result.ok:
        return "ok", "circle-check"
    return ("bad", "circle-x") if result.severity == "block" else ("warn", "alert-triangle")


def _marks(results: Iterable[RuleResult]) -> dict[CellRef, str]:
    """Blocking rules win over warnings on the same cell."""
    marks: dict[CellRef, str] = {}
    for result in sorted(results, key=lambda r: r.severity == "block"):
        if not result.ok:
            mark = "is-broken" if result.severity == "block" else "is-warned"
            marks |= dict.fromkeys(result.cells, mark)
    return marks


def _folded(lines: Iterable[Line]) -> Iterator[Line]:
    """Of categories the office does not inspect only their subtotal stays, as one line of –."""
    lines = list(lines)
    empty = {line.row.id for line in lines if all(c.value is None for c in line.row.cells)}
    subtotals = {
        line.row.id: line.row.spec.parts for line in lines if line.row.spec.kind == "subtotal"
    }
    hidden = {part for key, parts in subtotals.items() if key in empty for part in parts}
    return (line for line in lines if line.row.id not in hidden)


def _line(block: str, line: Line, marks: dict[CellRef, str], address: Address) -> ScreenLine:
    spec = line.row.spec
    label, dedup, _ = spec.label.replace("计量标准", "").partition(_DEDUP)
    css = {"total": "is-total", "subtotal": "is-subtotal"}.get(spec.kind, "")
    if spec.kind == "subtotal" and all(cell.value is None for cell in line.cells):
        label, css = label.removeprefix("小计（").removesuffix("）"), ""
    cells = tuple(
        ScreenCell(
            None if cell.value is None else cell.text,
            address(block, spec.id, cell.figure.id) if _opens(cell) else "",
            marks.get((block, spec.id, cell.figure.id), ""),
            Cell(cell.figure, cell.computed).text if cell.is_override else "",
        )
        for cell in line.cells
    )
    return ScreenLine(label, dedup or spec.note, css, cells)


def _opens(cell: Cell) -> bool:
    return cell.value is not None and bool(cell.figure.family)
