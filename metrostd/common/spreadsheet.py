"""Tables as .xlsx: a title row, a header, typed cells, nothing a spreadsheet could execute."""

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from .uploads import XLSX

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LINE = Side(style="thin", color="C8D0DA")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="EEF2F7")


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
    rows: Iterable[Sequence[Any]]


def safe_cell(value: Any) -> Any:
    """A value a spreadsheet shows and never runs; moments become local and lose their zone.

    Control characters, as they come along with text pasted from Word, have no place in a workbook
    and would make the whole export fail.
    """
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub(" ", value)
        # A text that has such an apostrophe of its own gets one more, so that taking one off is exact.
        return f"'{value}" if value.lstrip("'").startswith(_FORMULA) else value
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None) if value.tzinfo else value
    return value


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """The bytes of an .xlsx file with these sheets."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(sheet.name[:31])
        page.append([safe_cell(sheet.title)])
        page["A1"].font = Font(bold=True, size=14)
        page.append([column.heading for column in sheet.columns])
        for number, column in enumerate(sheet.columns, start=1):
            cell = page.cell(row=2, column=number)
            cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _BOX
            page.column_dimensions[get_column_letter(number)].width = column.width
        for row in sheet.rows:
            page.append([safe_cell(value) for value in row])
        _format(page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx_response(content: bytes, *, filename: str) -> HttpResponse:
    """A download; the caller has checked the scope and written the AccessEntry."""
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename)}"
    return response


def _format(page: Any) -> None:
    page.freeze_panes = "A3"
    page.sheet_view.showGridLines = False
    for row in page.iter_rows(min_row=3):
        for cell in row:
            cell.border = _BOX
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            if isinstance(cell.value, dt.datetime):
                cell.number_format = "yyyy-mm-dd hh:mm"
            elif isinstance(cell.value, dt.date):
                cell.number_format = "yyyy-mm-dd"
