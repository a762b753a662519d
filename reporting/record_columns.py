"""The columns that kinds of records share, and what reads a row for them."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.db import models

from metrostd.registry.enums import Category
from selfcheck.models import SelfCheckReport

from .columns import Column, Get

#: What the list of an earlier day says where the words of that day were written over since.
REWRITTEN = "其后有修改"


@dataclass(frozen=True, slots=True)
class Kind:
    """Columns of one kind of record, and the relations they read."""

    noun: str
    columns: tuple[Column, ...]
    related: tuple[str, ...]
    unit: str


class _Placed(Protocol):
    """A row that carries the category it is counted under."""

    in_category: str


class _Due(Protocol):
    """A finding as it was at the cut-off."""

    is_ordered: bool
    is_extended_later: bool
    extended_from: dt.date | None
    due_on: dt.date | None
    gone_due: dt.date | None
    gone_from: dt.date | None


class _Owed(Protocol):
    """A self-check that was owed, and whether its report was there at the cut-off."""

    is_received: bool

    @property
    def report(self) -> SelfCheckReport: ...


def category(row: _Placed) -> str:
    value = row.in_category
    return Category(value).label if value in Category.values else ""


def yes(value: bool) -> str:
    return "是" if value else ""


def unit(path: str, *, width: int = 34) -> Column:
    """The unit, with its page."""
    return Column("建标单位", at(path), lambda row: at(path)(row).get_absolute_url(), width=width)


def standard(path: str) -> Column:
    def name(row: models.Model) -> object:
        return at(path)(row) or "单位层面"

    def page(row: models.Model) -> str:
        standard = at(path)(row)
        return standard.get_absolute_url() if standard else ""

    return Column("计量标准", name, page, width=34)


def at(path: str) -> Get:
    # Any: the path names the type
    def get(row: Any) -> Any:
        for name in path.split("."):
            row = getattr(row, name)
        return row

    return get


def own_page(label: str) -> Column:
    return Column("查看", lambda row: label, lambda row: row.get_absolute_url(), width=10)


def state() -> Column:
    """The state at the cut-off (``state_then``)."""
    return Column(
        "状态",
        lambda row: row.States(row.state_then).label,
        tone=lambda row: row.States(row.state_then).tone,
    )


def words(column: Column) -> Column:
    """A column of words that may have been written over since the cut-off: then it says so instead."""
    tone = column.tone
    return replace(
        column,
        value=lambda row: REWRITTEN if row.is_rewritten else column.value(row),
        tone=tone and (lambda row: "" if row.is_rewritten else tone(row)),
    )


def report_page(row: _Owed) -> str:
    return row.report.get_absolute_url() if row.is_received else ""


def due(finding: _Due) -> dt.date | None:
    """The day an ordered finding was due at the cut-off; an extension granted later does not count."""
    if not finding.is_ordered:
        return None
    if finding.gone_due:
        return finding.gone_from if finding.is_extended_later else finding.gone_due
    return finding.extended_from if finding.is_extended_later else finding.due_on
