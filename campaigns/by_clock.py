"""Duties that end or move when a day passes: what a job writes down at night is asked when they are read.

A stage registers here what the days make of its kind of duty. Readers say ``Duty.objects.by_now(day)``;
whoever changes duties (``campaigns/duties.py``) works on what is on record.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from django.db.models import DateField, DateTimeField, Q, QuerySet, Value

from metrostd.common import clock
from metrostd.common.prepared import Given, Prepared

#: What becomes of a duty: it is taken back, or done, or due on a later day.
CANCELLED, FULFILLED = "cancelled", "fulfilled"
Outcome = str | dt.date
#: State and due day of what makes up the thing a duty is about.
Parts = Sequence[tuple[str, dt.date | None]]
Fold = Callable[[Parts], Outcome]
#: Columns ``about``, ``now`` (its state), ``day`` of the parts of every thing the clock has passed by a day and a moment.
Source = Callable[[Given, Given], QuerySet]


@dataclass(frozen=True, slots=True)
class Passed:
    """What passed days make of the open duties of one kind, by the key of what they are about."""

    cancelled: set[int] = field(default_factory=set)
    fulfilled: set[int] = field(default_factory=set)
    #: Due later than is on record: what was due earlier has gone.
    moved: dict[int, dt.date] = field(default_factory=dict)


_sources: dict[str, tuple[Source, Fold]] = {}


def ended_by_clock(kind: str, fold: Fold) -> Callable[[Source], Source]:
    """Register what the days make of a kind of duty: rows with ``about``, ``now``, ``day``, and what these come to.

    The day and the moment are places in a statement compiled once, so that what is made of them stays SQL.
    """

    def register(source: Source) -> Source:
        _sources[kind] = source, fold
        return source

    return register


class _Row(Protocol):
    kind: str
    target_id: int
    due_on: dt.date
    fulfilled_at: dt.datetime | None
    cancelled_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ByClock:
    """What passed days make of open duties, as conditions and for a row; mostly nothing."""

    on: dt.date
    kinds: Mapping[str, Passed]

    @property
    def cancelled(self) -> Q:
        return _about({kind: passed.cancelled for kind, passed in self.kinds.items()})

    @property
    def fulfilled(self) -> Q:
        return _about({kind: passed.fulfilled for kind, passed in self.kinds.items()})

    @property
    def later(self) -> Q:
        """Not late yet, whatever the day on record."""
        return _about(
            {
                kind: [key for key, day in passed.moved.items() if day >= self.on]
                for kind, passed in self.kinds.items()
            }
        )

    @property
    def moved(self) -> dict[dt.date, Q]:
        """By the day they are due instead."""
        days = {day for passed in self.kinds.values() for day in passed.moved.values()}
        return {
            day: _about(
                {
                    kind: [key for key, its in passed.moved.items() if its == day]
                    for kind, passed in self.kinds.items()
                }
            )
            for day in days
        }

    def show(self, duty: _Row) -> None:
        """Let a row be read as it stands; nothing is written."""
        passed = self.kinds.get(duty.kind)
        if passed is None or duty.fulfilled_at or duty.cancelled_at:
            return
        morning = clock.at_time(self.on, 0)
        if duty.target_id in passed.fulfilled:
            duty.fulfilled_at = morning
        elif duty.target_id in passed.cancelled:
            duty.cancelled_at = morning
        else:
            duty.due_on = passed.moved.get(duty.target_id, duty.due_on)


def _passed() -> QuerySet:
    """The parts of everything the clock has passed, by the kind of duty."""
    on, moment = Given("on", DateField()), Given("moment", DateTimeField())
    first, *others = (
        source(on, moment)
        .order_by()
        .annotate(owed=Value(kind))
        .values_list("owed", "about", "now", "day")
        for kind, (source, _) in _sources.items()
    )
    return first.union(*others, all=True)


_PASSED = Prepared(_passed)


def passed_by(on: dt.date) -> ByClock:
    """What the days before ``on`` make of duties; one query, whatever kinds the clock ends."""
    parts: dict[tuple[str, int], list[tuple[str, dt.date | None]]] = defaultdict(list)
    for kind, about, state, day in _PASSED.rows(on=on, moment=clock.now()):
        parts[kind, about].append((state, day))
    kinds: dict[str, Passed] = defaultdict(Passed)
    for (kind, about), found in parts.items():
        match _sources[kind][1](found):
            case dt.date() as day:
                kinds[kind].moved[about] = day
            case str() as word if word == FULFILLED:
                kinds[kind].fulfilled.add(about)
            case _:
                kinds[kind].cancelled.add(about)
    return ByClock(on, kinds)


def _about(keys: Mapping[str, Collection[int]]) -> Q:
    """Open duties of these kinds about these things; an empty condition when there are none."""
    found = Q()
    for kind, targets in keys.items():
        if targets:
            found |= Q(kind=kind, target_id__in=list(targets), fulfilled_at=None, cancelled_at=None)
    return found
