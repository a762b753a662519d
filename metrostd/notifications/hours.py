"""When something may leave the portal: on working days, between the quiet hours."""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from metrostd.common import clock
from metrostd.common.calendar import is_workday

_DAY = dt.timedelta(days=1)


def is_open(now: dt.datetime) -> bool:
    """Whether people may be written to at this moment."""
    local = timezone.localtime(now)
    begin, end = settings.SENDING_HOURS
    return begin <= local.hour < end and is_workday(local.date())


def next_opening(now: dt.datetime) -> dt.datetime:
    """This moment when it is open, otherwise the first that is."""
    if is_open(now):
        return now
    begin, _ = settings.SENDING_HOURS
    local = timezone.localtime(now)
    day = local.date() if local.hour < begin else local.date() + _DAY
    # Longer than any holiday.
    for _ in range(30):
        if is_workday(day):
            break
        day += _DAY
    return clock.at_time(day, begin)


def civil_day(now: dt.datetime) -> dt.date:
    """The day in Asia/Shanghai."""
    return timezone.localtime(now).date()
