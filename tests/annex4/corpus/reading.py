"""What the parser makes of a file, in the form the expectations are kept in."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from metrostd.annex4 import ParsedRow, UnreadableFile, parse, read_workbook

HERE = Path(__file__).parent
ON = dt.date(2021, 5, 1)
DISTRICTS = {
    "和平区": "120101",
    "和平": "120101",
    "河西区": "120103",
    "河西": "120103",
    "南开区": "120104",
    "南开": "120104",
    "滨海新区": "120116",
}


def reading(path: Path) -> dict[str, Any]:
    """``refused`` with code and sentence, or format, sheets, rows and issues, all as plain JSON."""
    try:
        workbook = read_workbook(path.read_bytes(), path.name)
        parsed = parse(workbook, districts=DISTRICTS, on=ON)
    except UnreadableFile as error:
        return {"refused": [error.code, error.message]}
    return {
        "format": workbook.format,
        "sheets": [
            {
                "name": info.name,
                "header_row": info.header_row,
                "data_rows": info.data_rows,
                "district": info.district_code,
            }
            for info in parsed.sheets
        ],
        "rows": [_row(row) for row in parsed.rows],
        "issues": [[i.severity, i.code, i.sheet, i.cell, i.found, i.advice] for i in parsed.issues],
    }


def _row(row: ParsedRow) -> dict[str, Any]:
    """Where the row stands, what it says, which values came from a row above."""
    found: dict[str, Any] = {
        "at": f"{row.sheet}!{row.row_no}" + (f".{row.part}" if row.part else "")
    }
    found |= {t: _plain(v.value) for t, v in row.values.items() if v.value is not None}
    if row.district_code:
        found["district_code"] = row.district_code
    filled = {t: v.filled_from for t, v in row.values.items() if v.filled_from is not None}
    if filled:
        found["filled_from"] = filled
    if row.expired:
        found["expired"] = True
    if row.cert:
        found["cert_identity"] = list(row.cert.identity)
    return found


def _plain(value: object) -> object:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
