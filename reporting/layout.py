"""A table laid out for paper, screen and workbook, in the version of the form it was made in (``layouts``)."""

from dataclasses import dataclass, replace

from . import figures, layouts
from .figures import GROUPS, Figure
from .layouts import BlockLayout, Column, TableLayout
from .single_figures import SINGLE, VALUE
from .table import Annex3, Block, Cell, Row

TITLE = "计量标准监督检查统计表"
NOT_INSPECTED = "“–”表示本部门不检查该类计量标准，或没有可计算的比例。"


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
    #: Rows say beside their value why there is none.
    is_noted: bool = False


def sections(
    annex: Annex3, block_id: str, *, layout: TableLayout | None = None
) -> tuple[Section, ...]:
    """A block cut into tables that fit a page, in the words of the form it was made in."""
    block, form = annex.blocks[block_id], (layout or layouts.of(annex.layout)).block(block_id)
    if block_id in SINGLE:
        return (_single(block, form),)
    return tuple(
        _section(block, f"{form.title}：{part.name}" if part.name else form.title, part.columns)
        for part in form.parts
    )


def whole(annex: Annex3, block_id: str) -> Section:
    """A block as one wide table, for the workbook."""
    block, form = annex.blocks[block_id], layouts.of(annex.layout).block(block_id)
    if block_id in SINGLE:
        return _single(block, form)
    return _section(block, form.title, form.columns)


def _single(block: Block, form: BlockLayout) -> Section:
    """A row for each figure the form has, under its words."""
    rows = {row.id: row for row in block.rows}
    lines = tuple(
        Line(replace(row, spec=replace(row.spec, label=column.name)), row.shown)
        for column in form.columns
        if (row := rows.get(column.figure.id))
    )
    headings = (Heading("数据", 1),)
    return Section(form.title, block, headings, (VALUE,), lines, is_noted=True)


def _section(block: Block, title: str, columns: tuple[Column, ...]) -> Section:
    """The columns of a form that the block has figures for; an older table lacks what came later."""
    have = {cell.figure.id for row in block.rows for cell in row.cells}
    shown = tuple(column for column in columns if column.figure.id in have)
    lines = []
    for row in block.rows:
        cells = {cell.figure.id: cell for cell in row.cells}
        lines.append(Line(row, tuple(cells[c.figure.id] for c in shown if c.figure.id in cells)))
    return Section(
        title,
        block,
        headings(shown),
        tuple(replace(column.figure, name=column.name) for column in shown),
        tuple(lines),
    )


def headings(columns: tuple[Column, ...]) -> tuple[Heading, ...]:
    """Neighbours of one group under one heading."""
    found: list[Heading] = []
    last = ""
    for column in columns:
        if column.group == last:
            found[-1] = Heading(column.group, found[-1].span + 1)
        else:
            found.append(Heading(column.group, 1))
        last = column.group
    return tuple(found)


def definitions() -> list[tuple[str, str, str, str]]:
    """(id, name, group, definition) of every printed figure."""
    return [
        (f.id, f.name, GROUPS[f.group].name, f.definition) for f in figures.FIGURES if not f.check
    ]
