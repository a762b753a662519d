"""How the table is laid out on paper, screen and in a workbook: column groups, parts, printed words."""

from dataclasses import dataclass

from . import figures
from .figures import GROUPS, PARTS, Figure
from .single_figures import SINGLE, VALUE
from .table import Annex3, Block, Cell, Row

TITLE = "计量标准监督检查统计表"
NOT_INSPECTED = "“–”表示本部门不检查该类计量标准，或没有可计算的比例。"
SIGNERS = ("填表人", "审核人", "单位负责人")


@dataclass(frozen=True, slots=True)
class Heading:
    name: str
    span: int


@dataclass(frozen=True, slots=True)
class Line:
    row: Row
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One printed table: some column groups of a block, every row of it."""

    title: str
    block: Block
    headings: tuple[Heading, ...]
    columns: tuple[Figure, ...]
    lines: tuple[Line, ...]
    part: str = ""
    #: Rows say beside their value why there is none.
    is_noted: bool = False


def sections(annex: Annex3, block_id: str) -> tuple[Section, ...]:
    """A block cut into tables that fit a page; all but the first fit as they are."""
    block = annex.blocks[block_id]
    if block_id != "I":
        return (whole(annex, block_id),)
    made = []
    for part, name in PARTS.items():
        columns = tuple(c for c in block.columns if GROUPS[c.group].part == part)
        if columns:
            made.append(_section(block, f"{block.title}：{name}", columns, part=part))
    return tuple(made)


def whole(annex: Annex3, block_id: str) -> Section:
    """A block as one wide table, for the workbook."""
    block = annex.blocks[block_id]
    if block_id in SINGLE:
        lines = tuple(Line(row, row.shown) for row in block.rows)
        return Section(block.title, block, (Heading("数据", 1),), (VALUE,), lines, is_noted=True)
    return _section(block, block.title, block.columns)


def _section(block: Block, title: str, columns: tuple[Figure, ...], *, part: str = "") -> Section:
    wanted = {column.id for column in columns}
    lines = tuple(
        Line(row, tuple(cell for cell in row.shown if cell.figure.id in wanted))
        for row in block.rows
    )
    return Section(title, block, _headings(columns), columns, lines, part)


def _headings(columns: tuple[Figure, ...]) -> tuple[Heading, ...]:
    """Neighbours of one group under one heading."""
    found: list[Heading] = []
    last = ""
    for column in columns:
        name = GROUPS[column.group].name
        if column.group == last:
            found[-1] = Heading(name, found[-1].span + 1)
        else:
            found.append(Heading(name, 1))
        last = column.group
    return tuple(found)


def definitions() -> list[tuple[str, str, str, str]]:
    """(id, name, group, definition) of every printed figure."""
    return [
        (f.id, f.name, GROUPS[f.group].name, f.definition) for f in figures.FIGURES if not f.check
    ]
