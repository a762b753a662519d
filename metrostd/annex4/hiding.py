"""Values a number format keeps from the reader: nothing shown at all (``;;;``), or a part of a date."""

import calendar
import datetime as dt
from collections.abc import Callable
from functools import lru_cache

from .shown import Part, parts_of, sections_of

#: What of a value is hidden, as a code of the catalogue; empty when it is shown.
Hides = Callable[[object], str]


#: What of a date is kept back where its year, month, day are shown or not.
_PARTS: dict[tuple[bool, bool, bool] | None, str] = {
    **{(False, month, day): "YEAR_HIDDEN" for month in (True, False) for day in (True, False)},
    (True, False, False): "MONTH_HIDDEN",
    (True, True, False): "DAY_HIDDEN",
}


@lru_cache(maxsize=512)
def hides(code: str) -> Hides | None:
    """What a format hides of a value, or None when it hides nothing of any.

    A format has up to four sections, for positive and negative numbers, zero, and texts; an empty
    one, or one of mere text, shows nothing of what stands in the cell.
    """
    if not code:
        return None
    sections = [parts_of(section) for section in sections_of(code)]
    silent = [parts is not None and not _shows(parts) for parts in sections]
    partly = [_PARTS.get(_letters(parts or []), "") for parts in sections]
    if not any(silent) and not any(partly):
        return None

    def hidden(value: object) -> str:
        place = _section(value, len(sections))
        if place is None or value == "":
            return ""
        if silent[place]:
            return "VALUE_HIDDEN"
        return (
            partly[place]
            if isinstance(value, dt.date) and not _is_whole(value, partly[place])
            else ""
        )

    return hidden


def _section(value: object, sections: int) -> int | None:
    """The section that speaks for a value; None when the value is shown as it is."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return 3 if sections > 3 else None
    number = value if isinstance(value, (int, float)) else 1  # a date is a positive number
    if number < 0:
        return 1 if sections > 1 else 0
    return 2 if number == 0 and sections > 2 else 0


def _shows(parts: list[Part]) -> bool:
    return any(part.kind in ("digit", "general", "at", "date") for part in parts)


def _letters(parts: list[Part]) -> tuple[bool, bool, bool] | None:
    """Whether a date shows its year, month and day; None for what is no date."""
    letters = {part.text for part in parts if part.kind == "date"}
    if not letters or any(part.kind == "digit" for part in parts):
        return None
    return bool(letters & {"y", "e"}), "m" in letters, "d" in letters


def _is_whole(value: dt.date, code: str) -> bool:
    """The end of a month says no more than the month does: a month stands for its last day."""
    return code == "DAY_HIDDEN" and value.day == calendar.monthrange(value.year, value.month)[1]
