"""The sample city's lists as offices would send them: an Annex 4 workbook with its usual looks."""

import datetime as dt
import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet.worksheet import Worksheet

from .city import SampleUnit

_HEADERS = (
    ("序号", 6), ("所属区", 10), ("单位名称", 34), ("统一社会信用代码", 22), ("单位地址", 36),
    ("联系人", 10), ("联系电话", 14), ("计量标准名称", 30), ("计量标准代码", 13),
    ("计量标准考核证书号", 26), ("发证日期", 14), ("有效期至", 14), ("测量范围", 22),
    ("不确定度/准确度等级/最大允许误差", 24), ("保存地点", 40), ("计量标准负责人", 14),
)  # fmt: skip
_UNIT_COLUMNS = 7
_HEAD_ROWS = 3


def write_list(units: list[SampleUnit], *, title: str, as_of: dt.date) -> bytes:
    """An .xlsx with a title row, merged unit cells and dates partly real, partly typed as text."""
    book = Workbook()
    sheet = book.active
    sheet.title = "名单"
    last = len(_HEADERS)
    sheet.append([title])
    sheet.append([f"（截至{as_of.year}年{as_of.month}月）"])
    for row in (1, 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=last)
        sheet.cell(row, 1).alignment = Alignment(horizontal="center")
    sheet.cell(1, 1).font = Font(bold=True, size=16)
    sheet.append([header for header, _ in _HEADERS])
    row = _HEAD_ROWS + 1
    for number, unit in enumerate(sorted(units, key=lambda u: u.district_code), start=1):
        _write_unit(sheet, unit, number, row)
        row += len(unit.standards)
    _decorate(sheet)
    sheet.freeze_panes = "D4"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _write_unit(sheet: Worksheet, unit: SampleUnit, number: int, first: int) -> None:
    """One unit from row ``first`` on: a row for each standard, unit cells merged over them."""
    head = [number, unit.district, unit.name, unit.uscc, unit.address, unit.contact, unit.phone]
    for place, standard in enumerate(unit.standards):
        until = standard.valid_until
        sheet.append(
            [
                *(head if place == 0 else [None] * _UNIT_COLUMNS),
                standard.name,
                standard.code,
                standard.cert_no,
                standard.issue_date,
                f"{until.year}.{until.month}.{until.day}" if number % 3 == 0 else until,
                standard.measuring_range,
                standard.performance,
                standard.place,
                standard.person,
            ]
        )
        for column in (11, 12):
            sheet.cell(first + place, column).number_format = "yyyy-mm-dd"
    if len(unit.standards) > 1:
        last = first + len(unit.standards) - 1
        for column in range(1, _UNIT_COLUMNS + 1):
            sheet.merge_cells(start_row=first, end_row=last, start_column=column, end_column=column)


def _decorate(sheet: Worksheet) -> None:
    thin = Side(style="thin", color="999999")
    border = Border(left=thin, right=thin, top=thin, bottom=thin)
    for place, (_, width) in enumerate(_HEADERS):
        sheet.column_dimensions[chr(ord("A") + place)].width = width
        sheet.cell(3, place + 1).font = Font(bold=True)
    for row in sheet.iter_rows(min_row=3):
        for cell in row:
            cell.border = border
            cell.alignment = Alignment(vertical="center", wrap_text=True)
