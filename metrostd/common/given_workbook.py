"""A workbook that was filled in by hand and is given back: its rows, every fault named with its cell."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from .letters import visible
from .text import unescape_formula
from .uploads import XLSX, check_upload

MOST_ROWS = 500
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it was given; ``places`` names the cell of each of its values."""

    values: tuple[str, ...]
    places: tuple[str, ...]


def text_of(value: object) -> str:
    """What a cell says, without what nobody sees."""
    return visible(unescape_formula(str(value if value is not None else ""))).strip()


def refused(*said: str) -> ValidationError:
    """The refusal of a file."""
    return ValidationError({"file": list(said)})


def refuse(wrong: Sequence[str]) -> None:
    """Raise ValidationError with the first faults, and how many there are besides."""
    if wrong:
        rest = len(wrong) - _SHOWN
        raise refused(*wrong[:_SHOWN], *([f"另有 {rest} 处。"] if rest > 0 else []))


def opened(data: bytes, name: str, *, sheets: Iterable[str], as_what: str) -> Workbook:
    """The workbook of a file; formulas stay formulas. Raises ValidationError when a sheet is missing."""
    check_upload(data, name, accept=frozenset({XLSX}))
    book = load_workbook(io.BytesIO(data))
    if missing := [sheet for sheet in sheets if sheet not in book.sheetnames]:
        raise refused(f"缺少工作表“{missing[0]}”，请用本页下载的{as_what}修改。")
    return book


def lines(page: Worksheet, columns: Sequence[str], wrong: list[str]) -> Iterator[Line]:
    """Rows under the headings, empty ones left out.

    Formulas, hidden rows and columns and merged cells are faults: what is taken in would not be what is seen.
    Raises ValidationError when the headings are others.
    """
    for at, wanted in enumerate(columns, 1):
        cell = page.cell(1, at)
        if text_of(cell.value) != wanted:
            raise refused(f"{_place(page, cell)} 应为“{wanted}”。")
    wrong += [
        f"工作表“{page.title}”{area.coord} 是合并的单元格，请取消合并后逐行填写。"
        for area in page.merged_cells.ranges
    ]
    wrong += [
        f"工作表“{page.title}”{letter} 列是隐藏的，请取消隐藏，核对后再上传。"
        for letter, column in page.column_dimensions.items()
        if column.hidden
    ]
    kept = 0
    for row in page.iter_rows(min_row=2, max_col=len(columns)):
        if line := _line(page, row, wrong):
            kept += 1
            if kept > MOST_ROWS:
                raise refused(f"工作表“{page.title}”最多 {MOST_ROWS} 行。")
            yield line


def pairs(page: Worksheet, wrong: list[str]) -> dict[str, str]:
    """The words of a sheet of two columns: what is asked, and the answer."""
    for row in page.iter_rows(max_col=2):
        wrong += _faults(page, row)
    return {text_of(key.value): text_of(value.value) for key, value in page.iter_rows(max_col=2)}


def _line(page: Worksheet, row: Sequence[Cell | MergedCell], wrong: list[str]) -> Line | None:
    values = tuple(text_of(cell.value) for cell in row)
    if not any(values):
        return None
    number = row[0].row
    if page.row_dimensions[number].hidden:
        wrong.append(
            f"工作表“{page.title}”第 {number} 行是隐藏的，请取消隐藏或筛选，核对后再上传。"
        )
    wrong += _faults(page, row)
    return Line(values, tuple(_place(page, cell) for cell in row))


def _faults(page: Worksheet, row: Sequence[Cell | MergedCell]) -> list[str]:
    said = {"f": "是公式，请改成文字或数字。", "e": "是错误值，请改正。"}
    return [
        f"{_place(page, cell)} {said[cell.data_type]}" for cell in row if cell.data_type in said
    ]


def _place(page: Worksheet, cell: Cell | MergedCell) -> str:
    return f"工作表“{page.title}”{cell.coordinate}"
