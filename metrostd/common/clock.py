"""The one clock (Asia/Shanghai). Rules take dates as arguments; only edges ask what day it is."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils import timezone

_pinned: ContextVar[dt.datetime | None] = ContextVar("pinned_moment", default=None)


def of_the_machine() -> dt.datetime:
    """The machine's own time, whatever day is played: for what Django itself dates, such as sessions."""
    return timezone.now()


def now() -> dt.datetime:
    """The present moment, aware."""
    return _pinned.get() or timezone.now()


def today() -> dt.date:
    """The calendar day in Asia/Shanghai."""
    return timezone.localtime(now()).date()


def at_time(day: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
    """A moment of that day in Asia/Shanghai."""
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=timezone.get_default_timezone())


@contextmanager
def pinned(moment: dt.datetime) -> Iterator[None]:
    """Within the block the clock stands at ``moment``: for the simulator and for tests."""
    token = _pinned.set(moment)
    try:
        yield
    finally:
        _pinned.reset(token)


def local(moment: dt.datetime) -> dt.datetime:
    """The same moment as clocks in Asia/Shanghai show it."""
    return moment.astimezone(timezone.get_default_timezone())
