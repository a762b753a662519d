"""On which day a rule speaks about a duty. Pure: days and the work calendar are given.

Days are counted on the calendar; what falls on a day off goes out on the working day before while the
deadline is still to come, and on the next one when it has passed.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .enums import Moment

IsWorkday = Callable[[dt.date], bool]
_DAY = dt.timedelta(days=1)
#: Longer than any holiday.
_LONGEST = 30


class Timed(Protocol):
    """A rule, or what a form says of one."""

    moment: str
    days: int


@dataclass(frozen=True, slots=True)
class Step:
    """The rule's own day, which names the line, and the working day it goes out."""

    nominal: dt.date
    planned: dt.date


def _workday(day: dt.date, step: dt.timedelta, is_workday: IsWorkday) -> dt.date:
    """This day, or the nearest working day in that direction."""
    for _ in range(_LONGEST):
        if is_workday(day):
            break
        day += step
    return day


def step_of(
    rule: Timed, *, due_on: dt.date, made_on: dt.date, is_workday: IsWorkday
) -> Step | None:
    """When the rule speaks about a duty with that deadline; never before the duty was there.

    None for a day that was over when the duty came up, and for 每周汇总, which has many days.
    """
    span = dt.timedelta(days=rule.days)
    match rule.moment:
        case Moment.NEW:
            return Step(made_on, _workday(made_on, _DAY, is_workday))
        case Moment.BEFORE | Moment.ON_DAY:
            nominal = due_on - span
            if nominal < made_on:
                return None
            planned = max(_workday(nominal, -_DAY, is_workday), made_on)
            return Step(nominal, _workday(planned, _DAY, is_workday))
        case Moment.AFTER:
            nominal = due_on + span
            if nominal < made_on:
                return None
            return Step(nominal, _workday(nominal, _DAY, is_workday))
    return None


def weekly_step(
    rule: Timed, *, on: dt.date, since: dt.date, made_on: dt.date, is_workday: IsWorkday
) -> Step | None:
    """The newest weekly day whose working day lies between the two; the same for every duty there was by then."""
    day = on - dt.timedelta(days=(on.isoweekday() - rule.days) % 7)
    for nominal in (day, day - dt.timedelta(days=7)):
        planned = _workday(nominal, _DAY, is_workday)
        if since <= planned <= on and made_on <= nominal:
            return Step(nominal, planned)
    return None


def steps_between(
    rule: Timed,
    *,
    due_on: dt.date,
    made_on: dt.date,
    since: dt.date,
    on: dt.date,
    is_workday: IsWorkday,
) -> Step | None:
    """What the rule has to say about a duty in these days, if anything."""
    if rule.moment == Moment.WEEKLY:
        return weekly_step(rule, on=on, since=since, made_on=made_on, is_workday=is_workday)
    step = step_of(rule, due_on=due_on, made_on=made_on, is_workday=is_workday)
    return step if step and since <= step.planned <= on else None
