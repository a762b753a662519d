"""What every act of the play shares: the campaign, its calendar, how far to go, the dice."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import TypeVar

from campaigns.dates import Calendar
from campaigns.models import Campaign
from inspections.models import InspectionTask
from metrostd.accounts.models import User
from metrostd.common import clock
from metrostd.demo.people import actor
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority, Unit
from metrostd.registry.services.editing import update_unit

_T = TypeVar("_T")

#: Who keeps the cases of the enforcement corps.
LIAISON = "enforcement"


@lru_cache(maxsize=4096)
def person(username: str) -> User:
    """A user acting in their one membership, kept for the length of the play."""
    return actor(username)


def office(authority: Authority) -> User:
    """Who acts for an authority."""
    return person("city" if authority.level == Level.CITY else f"d{authority.code}")


def unit_user(unit: Unit) -> User:
    return person(f"u{unit.pk}")


def name_the_parties(task: InspectionTask) -> None:
    """Enter what lists do not carry and a served paper has to name."""
    unit, authority = task.unit, task.authority
    unit.refresh_from_db()  # two papers to one unit: the first has entered it
    if not unit.legal_representative:
        update_unit(
            unit,
            base_version=unit.version,
            values={"legal_representative": f"示例法人{unit.pk}"},
            actor=office(authority),
        )
    if not authority.phone:
        authority.phone = f"022-1234{authority.code[-4:]}"
        authority.save(update_fields=["phone"])


@dataclass(slots=True)
class Setting:
    """One campaign being played. Nothing after ``until`` happens."""

    campaign: Campaign
    calendar: Calendar
    until: dt.date
    dice: Random = field(repr=False)

    def happens(self, day: dt.date) -> bool:
        return day <= self.until

    @contextmanager
    def on(self, day: dt.date, hour: int = 10, minute: int = 0) -> Iterator[dt.datetime]:
        """Within the block it is that day and hour."""
        moment = clock.at_time(day, hour, minute)
        with clock.pinned(moment):
            yield moment

    @property
    def is_running(self) -> bool:
        """The campaign has not come to its end: some work is still on people's desks."""
        return self.until < self.calendar.summary_due

    def waits(self, percent: float) -> bool:
        """Whether a piece of work is still to be done: only in a running campaign."""
        return self.is_running and self.chance(percent)

    def day_in(self, start: dt.date, end: dt.date) -> dt.date:
        """A week day in a period (the first day if it holds none)."""
        for _ in range(20):
            day = start + dt.timedelta(days=self.dice.randint(0, max((end - start).days, 0)))
            if day.weekday() < 5:
                return day
        return start

    def chance(self, percent: float) -> bool:
        return self.dice.random() * 100 < percent

    def pick(self, options: Iterable[_T]) -> _T:
        return self.dice.choice(list(options))
