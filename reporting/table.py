"""The statistics table as data: what screen, workbook, PDF and JSON all render."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from . import figures
from .figures import BY_ID, Figure
from .rows import TOTAL, RowSpec
from .single_figures import SINGLE

#: None stands for "–": the office does not inspect this category, or a ratio of nothing.
Value = int | Decimal | None
CENT = Decimal("0.01")
#: Printed behind a figure that was entered by hand.
OVERRIDE_MARK = "＊"
#: The form as it is laid out today.
LAYOUT = "1"


@dataclass(frozen=True, slots=True)
class Cell:
    figure: Figure
    value: Value
    #: Entered by hand in place of ``computed``; printed with a mark (R34).
    is_override: bool = False
    computed: Value = None

    @property
    def mark(self) -> str:
        return OVERRIDE_MARK if self.is_override else ""

    @property
    def text(self) -> str:
        """As printed: percentages and money with two decimals, – where nothing applies."""
        if self.value is None:
            return "–"
        if self.figure.kind == "percent":
            return f"{self.value:.2f}%"
        return f"{self.value:,.2f}" if self.figure.kind == "money" else str(self.value)


@dataclass(frozen=True, slots=True)
class Row:
    spec: RowSpec
    cells: tuple[Cell, ...]

    @property
    def id(self) -> str:
        return self.spec.id

    def __getitem__(self, figure: str) -> Value:
        """The value of a figure; KeyError when the block has no such column."""
        for cell in self.cells:
            if cell.figure.id == figure:
                return cell.value
        raise KeyError(figure)

    @property
    def shown(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.cells if not cell.figure.check)


@dataclass(frozen=True, slots=True)
class Block:
    id: str
    title: str
    row_heading: str
    rows: tuple[Row, ...]

    @property
    def columns(self) -> tuple[Figure, ...]:
        """The printed figures."""
        return figures.of_block(self.id)

    def row(self, row_id: str) -> Row:
        return next(row for row in self.rows if row.id == row_id)

    @property
    def total(self) -> Row:
        return self.rows[-1]

    @property
    def is_empty(self) -> bool:
        return not any(cell.value for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class Plan:
    """What rules compare with: the planned ratio and the reason for going below it.

    ``lacking``, for a table over several offices: those below the ratio that gave no reason.
    """

    ratio: int = 20
    reason: str = ""
    lacking: tuple[str, ...] | None = None
    #: How many bureaus there are to draw from, where the table says how many were drawn.
    bureaus: int = 0

    @property
    def is_explained(self) -> bool:
        """Whether a lower ratio has been given a reason, by every office where there are several."""
        return bool(self.reason) if self.lacking is None else not self.lacking


@dataclass(frozen=True, slots=True)
class RollUp:
    """Of a table over several offices: what each office's own table adds, and 单位去重."""

    parts: Mapping[str, Mapping[str, Mapping[str, Value]]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    u_total_sum: int = 0
    u_total_distinct: int = 0

    def of_offices(self, figure: str, row: str = TOTAL) -> list[int]:
        """What each office's own table says."""
        return [int(office.get(row, {}).get(figure, 0) or 0) for office in self.parts.values()]

    def sum_of(self, figure: str) -> int:
        """The total of the offices' tables, in which a unit of two of them counts twice."""
        return sum(self.of_offices(figure))


@dataclass(frozen=True, slots=True)
class Override:
    """A cell entered by hand: what had been computed, what stands now, and why (R34)."""

    block: str
    row: str
    figure: str
    computed: Value
    value: Value
    reason: str
    words: str = ""

    @property
    def was(self) -> str:
        """What had been computed, as printed; – where nobody counts it yet."""
        return Cell(BY_ID[self.figure], self.computed).text

    @property
    def stands(self) -> str:
        return Cell(BY_ID[self.figure], self.value).text


@dataclass(frozen=True, slots=True)
class Corrections:
    """What people added to the computed table: cells, reasons beside rules, why there is a new edition."""

    overrides: tuple[Override, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""
    is_imported: bool = False


NOTHING_ENTERED = Corrections()


@dataclass(frozen=True, slots=True)
class Annex3:
    """附件3: its blocks for one office or, with ``rollup`` set, for all of them."""

    campaign: str
    campaign_title: str
    authority: str
    authority_name: str
    as_of: dt.datetime
    blocks: Mapping[str, Block]
    plan: Plan = Plan()
    rollup: RollUp | None = None
    notes: tuple[str, ...] = ()
    layout: str = LAYOUT
    #: Which edition of an office's table this is; 0 for a table that is only looked at.
    edition: int = 0
    corrections: Corrections = NOTHING_ENTERED

    def value(self, block: str, row: str, figure: str) -> Value:
        return self.blocks[block].row(row)[figure]

    def single(self, figure: str) -> Value:
        """A figure of its own row; None where the table has none, or nobody counts it yet."""
        for block in SINGLE & self.blocks.keys():
            for row in self.blocks[block].rows:
                if row.id == figure:
                    return row[figure]
        return None

    def cells(self) -> Iterator[tuple[str, str, Cell]]:
        for block in self.blocks.values():
            for row in block.rows:
                for cell in row.cells:
                    yield block.id, row.id, cell

    @property
    def is_empty(self) -> bool:
        return all(block.is_empty for key, block in self.blocks.items() if key not in SINGLE)


def ratio(part: Value, whole: Value) -> Decimal | None:
    """A percentage with two decimals, half up; None when there is nothing to divide by."""
    if part is None or not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(CENT, rounding=ROUND_HALF_UP)


def make_row(block: str, spec: RowSpec, values: Mapping[str, Value] | None) -> Row:
    """A row with its percentages computed; ``values`` None prints – throughout."""
    cells = []
    for figure in figures.of_block(block, checks=True):
        at_total_only = figure.family == "team" and spec.kind != "total"
        if values is None or at_total_only:
            value: Value = None
        elif figure.ratio_of:
            part, whole = figure.ratio_of
            value = ratio(values.get(part, 0), values.get(whole, 0))
        else:
            value = values.get(figure.id, _zero(figure))
        cells.append(Cell(figure, value))
    return Row(spec, tuple(cells))


def _zero(figure: Figure) -> Value:
    return Decimal("0.00") if figure.kind == "money" else 0


def to_plain(value: Value) -> float | int | str | None:
    """A value as JSON knows it; amounts and percentages are numbers with at most two decimals."""
    return float(value) if isinstance(value, Decimal) else value
