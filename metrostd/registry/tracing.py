"""Whether an instrument is traced: on a day, and without a gap over a period. No database, no HTTP.

A certificate of tracing covers every day from its date to the last day of its validity, both included.
A day is covered when any certificate covers it (one may hold for one range, one for another), so of
overlapping certificates the longest counts. There is no gap when the next certificate is dated on or
before the day after the last covered day. A certificate without an end covers every day from its date.
A failed result (不合格, 不符合要求) ends what was valid before it, see ``cut``.
"""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from .enums import TracingState

#: A validity that ends within this many days is due (30天内到期); its last day still counts as valid.
DUE_DAYS = 30

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from ``start`` to ``end``, both included; ``end`` None means no end."""

    start: dt.date
    end: dt.date | None

    def covers(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without tracing from ``start`` to ``end``, both included."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True)
class Tracing:
    """How an instrument stands on a day; ``until`` is the last covered day (None: no end or no record)."""

    state: TracingState
    until: dt.date | None = None
    days: int | None = None

    @property
    def is_due(self) -> bool:
        return self.state == TracingState.DUE

    @property
    def is_overdue(self) -> bool:
        return self.state == TracingState.OVERDUE

    @property
    def is_missing(self) -> bool:
        return self.state == TracingState.NONE


def cut(spans: Iterable[Span], failures: Iterable[dt.date]) -> list[Span]:
    """The spans as failed results leave them: a validity ends the day before the failure.

    A certificate of the same day as the failure counts in full: repaired and passed that day.
    """
    days = sorted(set(failures))
    found = []
    for span in spans:
        first = next((day for day in days if day > span.start), None)
        if first is not None and (span.end is None or first <= span.end):
            found.append(Span(span.start, first - _DAY))
        else:
            found.append(span)
    return found


def covered(spans: Iterable[Span]) -> list[Span]:
    """The covered periods in order: overlapping and adjacent spans become one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        last = found[-1] if found else None
        if last is None or (last.end is not None and span.start > last.end + _DAY):
            found.append(span)
        elif last.end is not None and (span.end is None or span.end > last.end):
            found[-1] = Span(last.start, span.end)
    return found


def gaps(spans: Iterable[Span]) -> list[Gap]:
    """The days between the first and the last certificate that no certificate covers, in order.

    What lies before the first certificate or after the last validity is no gap: the first is not
    known, the second is 超期 (see ``tracing_on``).
    """
    periods = covered(spans)
    return [
        Gap(before.end + _DAY, after.start - _DAY)
        for before, after in itertools.pairwise(periods)
        if before.end is not None
    ]


def gaps_within(spans: Iterable[Span], *, start: dt.date | None, end: dt.date | None) -> list[Gap]:
    """The gaps as far as they lie in a period, e.g. the validity of the examination certificate (A05).

    A gap that reaches over the edge of the period is cut there; None leaves that side open.
    """
    found = []
    for gap in gaps(spans):
        first = max(gap.start, start) if start else gap.start
        last = min(gap.end, end) if end else gap.end
        if first <= last:
            found.append(Gap(first, last))
    return found


def tracing_on(spans: Iterable[Span], day: dt.date) -> Tracing:
    """How the instrument stands on a day, looking at certificates dated up to that day.

    ``days`` are the days left (0 on the last one) when covered, the days since when overdue.
    """
    periods = covered(span for span in spans if span.start <= day)
    if not periods:
        return Tracing(TracingState.NONE)
    last = periods[-1]
    if last.end is None:
        return Tracing(TracingState.VALID)
    left = (last.end - day).days
    if left < 0:
        return Tracing(TracingState.OVERDUE, last.end, -left)
    state = TracingState.DUE if left <= DUE_DAYS else TracingState.VALID
    return Tracing(state, last.end, left)


def uncovered(spans: Iterable[Span], *, start: dt.date, end: dt.date) -> list[Gap]:
    """Every day of a period no certificate covers, the days before the first and after the last too.

    This is what a unit's work records are held against (H02: 超过周期仍在使用).
    """
    found, day = [], start
    for span in covered(spans):
        if span.start > end:
            break
        if span.start > day:
            found.append(Gap(day, span.start - _DAY))
        if span.end is None:
            return found
        day = max(day, span.end + _DAY)
    if day <= end:
        found.append(Gap(day, end))
    return found
