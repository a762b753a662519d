"""Months and work days. Statutory 日 in licensing law are work days (行政许可法第八十二条)."""

import datetime as dt

from .models import SpecialDay

_DAY = dt.timedelta(days=1)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day some months later; the last day of that month when there is none such."""
    year, month = divmod(day.month - 1 + months, 12)
    first = dt.date(day.year + year, month + 1, 1)
    following = (first + dt.timedelta(days=31)).replace(day=1)
    return min(first + dt.timedelta(days=day.day - 1), following - dt.timedelta(days=1))


def _specials(first: dt.date, last: dt.date) -> dict[dt.date, bool]:
    rows = SpecialDay.objects.filter(day__range=(first, last))
    return dict(rows.values_list("day", "is_workday"))


def is_workday(day: dt.date) -> bool:
    """Whether public offices work on this day."""
    return _specials(day, day).get(day, day.weekday() < 5)


def add_workdays(start: dt.date, count: int) -> dt.date:
    """The ``count``-th work day after ``start`` (the start day itself is not counted)."""
    specials = _specials(start, start + dt.timedelta(days=count * 3 + 30))
    day = start
    while count > 0:
        day += _DAY
        if specials.get(day, day.weekday() < 5):
            count -= 1
    return day
