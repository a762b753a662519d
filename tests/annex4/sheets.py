"""Builds messy workbooks for the tests and reads them back."""

import datetime as dt
import io

import openpyxl

from metrostd.annex4 import ParsedList, parse, read_workbook

ON = dt.date(2021, 5, 1)
DISTRICTS = {
    "和平区": "120101",
    "和平": "120101",
    "河西区": "120103",
    "河西": "120103",
    "南开区": "120104",
    "南开": "120104",
    "滨海新区": "120116",
    "滨海": "120116",
}
A, B, C = "91120116MA0TE5T16U", "91120111MA05XY127C", "12120000401200038C"
HEAD = [
    "序号",
    "所属区",
    "单位名称",
    "统一社会信用代码",
    "计量标准名称",
    "计量标准考核证书号",
    "发证日期",
    "有效期至",
]


def line(
    seq=1,
    district="和平区",
    unit="天津甲仪表有限公司",
    uscc=A,
    standard="压力表检定装置",
    cert="〔2018〕津量标企证字第001号",
    issue="2018-06-01",
    until="2022-05-31",
):
    """One faultless line under HEAD; tests replace what they are about."""
    return [seq, district, unit, uscc, standard, cert, issue, until]


def book(*lines, head=HEAD, merges=(), title="名单"):
    """An openpyxl workbook with a header and lines."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    for cells in ([head] if head else []) + list(lines):
        sheet.append(cells)
    for merged in merges:
        sheet.merge_cells(merged)
    return workbook


def saved(workbook) -> bytes:
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def read(source, name="list.xlsx", **options) -> ParsedList:
    """Parse a workbook object or bytes on the reference day."""
    data = source if isinstance(source, bytes) else saved(source)
    return parse(read_workbook(data, name), districts=DISTRICTS, on=ON, **options)


def codes(parsed: ParsedList) -> list[str]:
    return [issue.code for issue in parsed.issues]


def found(parsed: ParsedList) -> list[tuple[str, str]]:
    """Every issue as (code, cell)."""
    return [(issue.code, issue.cell) for issue in parsed.issues]


def column(parsed: ParsedList, target: str) -> list:
    return [row.get(target) for row in parsed.rows]
