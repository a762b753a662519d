"""Rules of law the portal applies, each from its day of effect: asked for the day of the act.

What an article is called stands in the library (``metrostd.registry.legal``).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """What a rule said since which day, oldest first. Before the first day the oldest holds."""

    since: tuple[tuple[dt.date, T], ...]

    def on(self, day: dt.date) -> T:
        """What was in force on a day."""
        found = self.since[0][1]
        for start, value in self.since:
            if start <= day:
                found = value
        return found


#: 行政复议法 of 2023 (in force 2024-01-01) 第二十四条: the government alone hears an appeal against its
#: departments; before (第十二条) the party chose between it and the department above.
APPEAL_TO_DEPARTMENT_ABOVE: Rule[bool] = Rule(
    ((dt.date(1999, 10, 1), True), (dt.date(2024, 1, 1), False))
)
