"""Months and work days. Statutory 日 in licensing law are work days (行政许可法第八十二条)."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property

from .models import CalendarYear, SpecialDay

_DAY = dt.timedelta(days=1)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day some months later; the last day of that month when there is none such."""
    year, month = divmod(day.month - 1 + months, 12)
    first = dt.date(day.year + year, month + 1, 1)
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return min(first + dt.timedelta(days=day.day - 1), following - dt.timedelta(days=1))


class CountedDay(dt.date):
    """A day reached by counting work days; ``caveat`` says which years had no table to count by."""

    caveat: str = ""

    @classmethod
    def of(cls, day: dt.date, *, years: list[int]) -> "CountedDay":
        counted = cls(day.year, day.month, day.day)
        if years:
            named = "、".join(f"{year}年" for year in years)
            counted.caveat = f"{named}的节假日安排尚未录入，暂按周一至周五为工作日推算"
        return counted


def caveat_of(day: dt.date | None) -> str:
    """What has to be said beside a day that was counted, or nothing."""
    return day.caveat if isinstance(day, CountedDay) else ""


class _Tables:
    """The special days and the years that have them, read when the first day is counted."""

    @cached_property
    def specials(self) -> dict[dt.date, bool]:
        return dict(SpecialDay.objects.values_list("day", "is_workday"))

    @cached_property
    def years(self) -> set[int]:
        return set(CalendarYear.objects.values_list("year", flat=True))


_read: ContextVar[_Tables | None] = ContextVar("work days read once", default=None)


@contextmanager
def read_once() -> Iterator[None]:
    """Within, the tables of work days are read once, however many days are counted."""
    token = _read.set(_read.get() or _Tables())
    try:
        yield
    finally:
        _read.reset(token)


def _specials(first: dt.date, last: dt.date) -> dict[dt.date, bool]:
    if tables := _read.get():
        return tables.specials
    rows = SpecialDay.objects.filter(day__range=(first, last))
    return dict(rows.values_list("day", "is_workday"))


def without_table(years: Iterable[int]) -> list[int]:
    """Those of the years whose holidays nobody has put on record."""
    wanted = sorted(years)
    tables = _read.get()
    rows = CalendarYear.objects.filter(year__in=wanted)
    known = tables.years if tables else set(rows.values_list("year", flat=True))
    return [year for year in wanted if year not in known]


def is_workday(day: dt.date) -> bool:
    """Whether public offices work on this day."""
    return _specials(day, day).get(day, day.weekday() < 5)


def workdays_between(start: dt.date, end: dt.date) -> int:
    """How many work days lie after ``start`` up to and with ``end``; none where it is not later."""
    specials = _specials(start, end) if start < end else {}
    days = (start + n * _DAY for n in range(1, (end - start).days + 1))
    return sum(specials.get(day, day.weekday() < 5) for day in days)


def add_workdays(start: dt.date, count: int) -> CountedDay:
    """The ``count``-th work day after ``start`` (the start day itself is not counted).

    Where a year on the way has no table, its weekends alone are free, and the day says so.
    """
    specials = _specials(start, start + dt.timedelta(days=count * 3 + 30))
    day = start
    while count > 0:
        day += _DAY
        if specials.get(day, day.weekday() < 5):
            count -= 1
    # The start is not counted: 31 December may be in a year that does not matter.
    first = min(start + _DAY, day)
    return CountedDay.of(day, years=without_table(range(first.year, day.year + 1)))
