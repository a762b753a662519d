"""Tables as .xlsx: a title row, a header, typed cells, nothing a spreadsheet could execute."""

import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import IO
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from metrostd.common.shapes import CellValue

from . import watermark
from .uploads import XLSX

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LINE = Side(style="thin", color="C8D0DA")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="EEF2F7")
#: Rows between two words on how far the writing is.
_TOLD_EVERY = 200


@dataclass(frozen=True, slots=True)
class Column:
    """A heading and the width of its column in characters."""

    heading: str
    width: int = 14


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet; ``rows`` may be a generator."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[CellValue]]


def safe_cell(value: CellValue) -> CellValue:
    """A value a spreadsheet shows and never runs; moments become local and lose their zone.

    Control characters, as they come along with text pasted from Word, have no place in a workbook
    and would make the whole export fail.
    """
    if isinstance(value, str):
        text: str = ILLEGAL_CHARACTERS_RE.sub(" ", value)
        # A text that has such an apostrophe of its own gets one more, so that taking one off is exact.
        return f"'{text}" if text.lstrip("'").startswith(_FORMULA) else text
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None) if value.tzinfo else value
    return value


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """The bytes of an .xlsx file with these sheets."""
    out = io.BytesIO()
    write_workbook(out, sheets)
    return out.getvalue()


def write_workbook(
    out: IO[bytes], sheets: Iterable[Sheet], *, told: Callable[[int], None] | None = None
) -> int:
    """Write an .xlsx file row by row, whatever its length; returns how many rows it holds.

    ``told`` hears of the rows written so far, every few hundred.
    """
    book = Workbook(write_only=True)
    if mark := watermark.current():
        book.properties.keywords = mark
    looks = _Looks(book)
    written = 0
    for sheet in sheets:
        page = book.create_sheet(sheet.name[:31])
        page.freeze_panes = "A3"
        page.sheet_view.showGridLines = False
        for number, column in enumerate(sheet.columns, start=1):
            page.column_dimensions[get_column_letter(number)].width = column.width
        title = [looks.cell(page, safe_cell(sheet.title), looks.title)]
        if mark:
            page.oddFooter.center.text = page.evenFooter.center.text = mark.replace("&", "&&")
            blank = [""] * max(len(sheet.columns) - 2, 0)
            title += [*blank, looks.cell(page, safe_cell(mark), looks.mark)]
        page.append(title)
        page.append([looks.cell(page, column.heading, looks.head) for column in sheet.columns])
        for row in sheet.rows:
            page.append([looks.value(page, value) for value in row])
            written += 1
            if told and not written % _TOLD_EVERY:
                told(written)
    book.save(out)
    return written


class _Looks:
    """How the cells of a book look, each look made once: a cell of 100,000 rows only points at it."""

    def __init__(self, book: Workbook) -> None:
        page = book.create_sheet()
        self.title = self._look(page, font=Font(bold=True, size=14))
        self.mark = self._look(page, font=Font(size=9, color="7F8B99"))
        self.head = self._look(page, font=Font(bold=True), fill=_HEAD, border=_BOX)
        top = Alignment(vertical="top", wrap_text=True)
        self._plain = self._look(page, border=_BOX, alignment=top)
        self._day = self._look(page, border=_BOX, alignment=top, number_format="yyyy-mm-dd")
        self._time = self._look(page, border=_BOX, alignment=top, number_format="yyyy-mm-dd hh:mm")
        book.remove(page)

    @staticmethod
    def _look(page: WriteOnlyWorksheet, **parts: object) -> StyleArray:
        cell = WriteOnlyCell(page)
        for name, part in parts.items():
            setattr(cell, name, part)
        return cell._style  # noqa: SLF001 -- its setters look every part up again for every cell

    @staticmethod
    def cell(page: WriteOnlyWorksheet, value: CellValue, look: StyleArray) -> WriteOnlyCell:
        cell = WriteOnlyCell(page, value)
        cell._style = look  # noqa: SLF001
        return cell

    def value(self, page: WriteOnlyWorksheet, value: CellValue) -> WriteOnlyCell:
        value = safe_cell(value)
        if isinstance(value, dt.datetime):
            return self.cell(page, value, self._time)
        return self.cell(page, value, self._day if isinstance(value, dt.date) else self._plain)


def xlsx_response(content: bytes, *, filename: str) -> HttpResponse:
    """A download; the caller has checked the scope and written the AccessEntry."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    return response
