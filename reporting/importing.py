"""A statistics table filled in by hand outside: read from our own form, every cell or a sentence about it.

The form is the workbook the portal prints. What the rules need and the form does not print is taken at
its worst: nothing was put right on the spot, nothing was done about 不符合 beyond the stops. A program that fills it in
without calculating leaves sums without a result: they are added up here, any other such formula is named.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from openpyxl import load_workbook
from openpyxl.cell import Cell as OneCell
from openpyxl.worksheet.worksheet import Worksheet

from metrostd.common.text import compact
from metrostd.common.uploads import XLSX, check_upload

from . import corrections, layouts
from .figures import Figure
from .layouts import BlockLayout
from .single_figures import SINGLE
from .table import Annex3, Block, Cell, Row, Value, ratio
from .workbook import HEAD_ROWS

_SHOWN = 8
_LONGEST = 200


def read_table(data: bytes, name: str, *, form: Annex3) -> Annex3:
    """The table of a filled-in workbook on the rows of ``form``; ValidationError names each bad cell."""
    check_upload(data, name, accept=frozenset({XLSX}))
    book = load_workbook(io.BytesIO(data), read_only=False, data_only=True)
    formulas = load_workbook(io.BytesIO(data), read_only=False)
    wrong: list[str] = []
    blocks = {}
    for key, block in form.blocks.items():
        printed = layouts.of(form.layout).block(key)
        if printed.sheet not in book.sheetnames:
            wrong.append(f"缺少工作表“{printed.sheet}”。")
            continue
        sheet = _Sheet(book[printed.sheet], formulas[printed.sheet])
        blocks[key] = _block(block, printed, sheet, wrong)
    if wrong:
        rest = len(wrong) - _SHOWN
        more = [f"另有 {rest} 处。"] if rest > 0 else []
        raise ValidationError({"file": [*wrong[:_SHOWN], *more]})
    return replace(form, blocks=blocks, notes=())


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet with the results of its formulas, and as it was written."""

    page: Worksheet
    written: Worksheet

    def lacks_result(self, place: OneCell) -> bool:
        """Whether nobody calculated the formula of a cell."""
        return place.value is None and self.written[place.coordinate].data_type == "f"


def _block(block: Block, printed: BlockLayout, sheet: _Sheet, wrong: list[str]) -> Block:
    page = sheet.page
    columns = _columns(printed, page)
    names = {column.figure.id: column.name for column in printed.columns}
    places = {
        compact(str(page.cell(row=at, column=1).value or "")): at
        for at in range(HEAD_ROWS + 1, min(page.max_row, _LONGEST) + 1)
    }
    rows = []
    read: dict[str, dict[str, Value]] = {}
    for row in block.rows:
        if block.id in SINGLE:
            row = replace(row, spec=replace(row.spec, label=names.get(row.id, row.spec.label)))
        at = places.get(compact(row.spec.printed)) or places.get(compact(row.spec.label))
        if at is None:
            wrong.append(f"工作表“{page.title}”缺少“{row.spec.label}”一行。")
            continue
        parts = [read.get(part, {}) for part in row.spec.parts]
        read[row.id] = dict(_given(row, sheet, at, columns, parts, wrong))
        rows.append(_row(row, read[row.id]))
    return replace(block, rows=tuple(rows))


def _columns(printed: BlockLayout, page: Worksheet) -> Mapping[str, int]:
    """Figure → column, by the name in the head; the figures of a single row stand in the second."""
    if printed.id in SINGLE:
        return {column.figure.id: 2 for column in printed.columns}
    named = {
        compact(str(page.cell(row=HEAD_ROWS, column=at).value or "")): at
        for at in range(2, min(page.max_column, _LONGEST) + 1)
    }
    return {
        column.figure.id: named[compact(column.name)]
        for column in printed.columns
        if compact(column.name) in named
    }


def _given(
    row: Row,
    sheet: _Sheet,
    at: int,
    columns: Mapping[str, int],
    parts: Sequence[Mapping[str, Value]],
    wrong: list[str],
) -> Iterator[tuple[str, Value]]:
    page = sheet.page
    for cell in row.shown:
        figure = cell.figure
        if figure.ratio_of:
            continue
        if figure.id not in columns:
            wrong.append(f"工作表“{page.title}”缺少“{figure.name}”一列。")
            continue
        place = page.cell(row=at, column=columns[figure.id])
        if sheet.lacks_result(place):
            if parts and figure.additive:
                yield figure.id, sum((part.get(figure.id) or 0 for part in parts), 0)
            else:
                wrong.append(
                    f"工作表“{page.title}”{place.coordinate}：公式没有计算结果，请用 Excel 或 WPS 打开并保存后再导入。"
                )
            continue
        try:
            yield figure.id, _value(figure, place.value)
        except ValidationError as error:
            wrong.append(f"工作表“{page.title}”{place.coordinate}：{''.join(error.messages)}")


def _value(figure: Figure, given: object) -> Value:
    text = "" if given is None else str(given).strip()
    return None if text in {"", "–", "-", "—"} else corrections.parse(figure, text)


def _row(row: Row, given: Mapping[str, Value]) -> Row:
    """The row with what was given, percentages computed, and what rules ask besides."""
    if all(value is None for value in given.values()):
        return replace(row, cells=tuple(replace(cell, value=None) for cell in row.cells))
    values = {**{name: value or 0 for name, value in given.items()}, **_besides(given)}
    if row.cells and row.cells[0].figure.blocks[0] in SINGLE:
        values = dict(given)
    return replace(row, cells=tuple(_cell(cell, values) for cell in row.cells))


def _besides(given: Mapping[str, Value]) -> dict[str, Value]:
    bad = max((given.get("s_nc") or 0) - (given.get("s_stop") or 0), 0)
    return {
        "s_sc_due": given.get("s_sc") or 0,
        "s_nc_open": bad,
        "fd_spot": 0,
        "visits": given.get("u_insp") or 0,
    }


def _cell(cell: Cell, values: Mapping[str, Value]) -> Cell:
    if cell.figure.ratio_of:
        part, whole = cell.figure.ratio_of
        return replace(cell, value=ratio(values.get(part), values.get(whole)))
    return replace(cell, value=values.get(cell.figure.id, cell.value))
