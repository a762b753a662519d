"""A column of a list of records, and what it makes of a row: for the screen, for a workbook."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from metrostd.common.shapes import CellValue
from metrostd.common.templatetags.formats import cn_date, cn_datetime

#: What a column shows of a row. Any: a list is of findings, tasks, reports …, each of its own model.
Get = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """``value`` for people and the workbook, ``link`` the page to open, ``tone`` of a badge."""

    heading: str
    value: Get
    link: Get | None = None
    tone: Get | None = None
    width: int = 16
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class ListCell:
    text: str
    url: str
    tone: str
    css: str


def screen_row(columns: tuple[Column, ...], row: models.Model) -> list[ListCell]:
    return [_cell(column, row) for column in columns]


def _cell(column: Column, row: models.Model) -> ListCell:
    value = column.value(row)
    short = "text-nowrap" if isinstance(value, dt.date) else ""
    return ListCell(
        _text(value),
        (column.link(row) if column.link else "") or "",
        (column.tone(row) if column.tone else "") or "",
        "num" if column.numeric else short,
    )


def sheet_row(columns: tuple[Column, ...], row: models.Model) -> list[CellValue]:
    """Values as a workbook stores them: dates and numbers stay what they are."""
    return [_plain(column.value(row)) for column in columns]


def _text(value: object) -> str:
    if isinstance(value, dt.datetime):
        return cn_datetime(value)
    if isinstance(value, dt.date):
        return cn_date(value)
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return "" if value is None else str(value)


def _plain(value: object) -> CellValue:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).replace(tzinfo=None)
    return value if value is None or isinstance(value, dt.date | Decimal | int) else str(value)
