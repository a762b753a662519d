"""Dates as people type them. A date is never guessed: what is not certain carries a flag or is refused."""

import calendar
import datetime as dt
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from metrostd.common.text import compact, is_nothing, number_text

Role = Literal["issue", "until"]

FIRST_YEAR, LAST_YEAR = 1986, 2035
_LONGEST = 200
_EPOCH_1900 = dt.date(1899, 12, 30)
_EPOCH_1904 = dt.date(1904, 1, 1)

_TIME = re.compile(
    r"[TＴ\s]*(?:上午|下午|[AP]M)?\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(?:[AP]M|Z|[+-]\d{2}:?\d{2})?$",
    re.IGNORECASE,
)
_WORD_CLOCK = re.compile(r"(\d{1,2})[时点](?:(\d{1,2})分?(?:(\d{1,2})秒)?)?\s*整?$")
# Programs that count seconds since 1970 lose some at the turn of the day (23:59:17 for midnight).
_ALMOST_MIDNIGHT = dt.time(23, 58)
_STROKES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc", "--------")
_SEPARATOR = r"[年./\-。]"
_DATE = re.compile(
    r"(?<!\d)(?:"
    r"(?P<y8>(?:19|20)\d{2})(?P<m8>\d{2})(?P<d8>\d{2})(?!\d)"
    r"|(?P<y6>(?:19|20)\d{2})(?P<m6>\d{2})(?!\d)"
    rf"|(?P<y>\d{{4}}){_SEPARATOR}(?:"
    r"(?P<m2>\d{2})(?P<d2>\d{2})(?!\d)[日号]?"
    rf"|(?P<m>\d{{1,2}})(?!\d)(?:[月./\-。](?:(?P<d>\d{{1,2}})(?!\d|年)[日号]?)?)?"
    r"))"
)
_DIGITS = "〇一二三四五六七八九"
_IN_WORDS = re.compile(
    rf"([{_DIGITS}]{{4}})年(十?[{_DIGITS}]|十)月(?:([二三]?十[{_DIGITS}]?|[{_DIGITS}])[日号]?)?"
)
_TWO_DIGITS = re.compile(r"\D*\d{2}[年./\-。]\d{1,2}(?:[月./\-。](?:\d{1,2}[日号]?)?)?\D*")
_FOREVER = re.compile(r"长期|永久|长效|无期限|无限期")
_EXPIRED = re.compile(r"(?:已|现已)?(?:过期|到期|失效|超期)")
_WORDS = re.compile(r"证书|有效期?|限|截止|截至|到期|发证|批准|日期|时间|自|从|起|止|前|含|[:()]")
_FILLER = re.compile(_WORDS.pattern + r"|[;,、。.]")
_JOINT = re.compile(r"[-~至到—–―]+")


@dataclass(frozen=True, slots=True)
class DateReading:
    """What one cell says. ``issue`` and ``until`` are both set when the cell holds a range.

    ``problem`` is an issue code; with it the role's own date is None. ``day_assumed`` means only year
    and month were given. ``expired_word`` means the cell says 已过期 instead of a date. ``clock`` is the
    time of day that stood behind the date, if any.
    """

    issue: dt.date | None = None
    until: dt.date | None = None
    day_assumed: bool = False
    problem: str = ""
    expired_word: bool = False
    clock: dt.time | None = None


NO_DATE = DateReading()


def read_date(cell: object, *, role: Role, date1904: bool = False) -> DateReading:
    """Read one cell of a date column: a real date, a serial number, or text in any usual notation."""
    if isinstance(cell, dt.datetime):
        return _with_clock(_checked(_day(cell), role), cell.time())
    if isinstance(cell, dt.date):
        return _checked(cell, role)
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        return DateReading(problem="DATE_UNREADABLE")
    if isinstance(cell, str):
        return _from_text(cell, role, date1904=date1904)
    return _from_number(cell, role, date1904=date1904)


def _from_number(number: float, role: Role, *, date1904: bool) -> DateReading:
    if 20000 <= number <= 60000:
        return _from_serial(number, role, date1904=date1904)
    text = number_text(number)
    # A cell typed 2021.10 is stored as the number 2021.1: January and October cannot be told apart.
    if len(text) == 6 and text.endswith(".1"):
        return DateReading(problem="DATE_AMBIGUOUS")
    return _from_text(text, role, date1904=date1904)


def _from_serial(days: float, role: Role, *, date1904: bool) -> DateReading:
    if not 20000 <= days <= 60000:
        return DateReading(problem="DATE_UNREADABLE")
    epoch = _EPOCH_1904 if date1904 else _EPOCH_1900
    moment = dt.datetime.combine(epoch, dt.time()) + dt.timedelta(seconds=round(days * 86400))
    return _with_clock(_checked(_day(moment), role), moment.time())


def _day(moment: dt.datetime) -> dt.date:
    """The day a moment belongs to: seconds before midnight are lost seconds of the next day."""
    return moment.date() + dt.timedelta(days=moment.time() >= _ALMOST_MIDNIGHT)


def _with_clock(reading: DateReading, clock: dt.time) -> DateReading:
    return replace(reading, clock=clock) if clock != dt.time() else reading


def _from_text(cell: str, role: Role, *, date1904: bool) -> DateReading:
    if is_nothing(cell):
        return NO_DATE
    if len(cell) > _LONGEST:
        return DateReading(problem="DATE_UNREADABLE")
    if "时" in cell or "点" in cell:
        cell = _WORD_CLOCK.sub(_in_colons, cell.strip())
    if ":" in cell or "：" in cell:
        cell = cell.replace("：", ":").strip()
        if time := _TIME.search(cell):
            return _timed(cell[: time.start()], time, role, date1904=date1904)
    text = compact(cell).translate(_STROKES)
    if is_nothing(text):
        return NO_DATE
    if len(text) == 5 and text.isdecimal():
        return _from_serial(int(text), role, date1904=date1904)
    if "年" in text:
        text = _IN_WORDS.sub(_in_digits, _zeros(text))
    found = list(_DATE.finditer(text))
    if not found:
        return DateReading(problem=_why_no_date(text), expired_word=bool(_EXPIRED.fullmatch(text)))
    if len(found) > 2 or _leftover(text, found):
        return DateReading(problem="DATE_UNREADABLE")
    if len(found) == 1:
        return _from_match(found[0], role)
    return _range(_from_match(found[0], "issue"), _from_match(found[1], "until"))


def _in_colons(match: re.Match[str]) -> str:
    """16时30分 as 16:30."""
    hour, minute, second = (int(part or 0) for part in match.groups())
    return f" {hour}:{minute:02d}:{second:02d}"


def _timed(cell: str, time: re.Match[str], role: Role, *, date1904: bool) -> DateReading:
    """A date with a time of day behind it."""
    hours, minutes, seconds = (int(part or 0) for part in time.groups())
    reading = _from_text(cell, role, date1904=date1904)
    if hours > 23 or minutes > 59 or seconds > 59:
        return reading if reading.problem else DateReading(problem="DATE_UNREADABLE")
    clock = dt.time(hours, minutes, seconds)
    day = reading.until or reading.issue
    if day is None or clock == dt.time():
        return reading
    return _with_clock(_checked(_day(dt.datetime.combine(day, clock)), role), clock)


def _zeros(text: str) -> str:
    """The two other ways to write the Chinese zero."""
    return text.replace("零", "〇").replace("○", "〇")


def _in_digits(match: re.Match[str]) -> str:
    """二〇二一年五月三十一日 as 2021年5月31日."""
    year = "".join(str(_DIGITS.index(char)) for char in match[1])
    day = f"{_word_number(match[3])}日" if match[3] else ""
    return f"{year}年{_word_number(match[2])}月{day}"


def _word_number(word: str) -> int:
    """Below a hundred: 九 is 9, 十 is 10, 三十一 is 31."""
    tens, ten, ones = word.rpartition("十")
    value = _DIGITS.index(ones) if ones else 0
    return value + (10 * (_DIGITS.index(tens) if tens else 1) if ten else 0)


def _why_no_date(text: str) -> str:
    if _FOREVER.search(text):
        return "DATE_FOREVER"
    if _EXPIRED.fullmatch(text):
        return "DATE_EXPIRED_WORD"
    return "DATE_TWO_DIGIT_YEAR" if _TWO_DIGITS.fullmatch(text) else "DATE_UNREADABLE"


def _leftover(text: str, found: list[re.Match[str]]) -> bool:
    """True when something other than the usual words stands around the dates."""
    first, last = found[0], found[-1]
    outside = _FILLER.sub("", text[: first.start()]) + _FILLER.sub("", text[last.end() :])
    if outside.strip("至到-~—") != "":
        return True
    if first is last:
        return False
    between = text[first.end() : last.start()]
    if not between:  # the first match took the joint along: 2021.5-2025.4
        return text[first.end() - 1] in "/.。"
    return _JOINT.fullmatch(_WORDS.sub("", between)) is None


def _from_match(match: re.Match[str], role: Role) -> DateReading:
    year = int(match["y8"] or match["y6"] or match["y"])
    month = int(match["m8"] or match["m6"] or match["m2"] or match["m"])
    day_text = match["d8"] or match["d2"] or match["d"]
    if not 1 <= month <= 12 or year < 1:
        return DateReading(problem="DATE_INVALID")
    last = calendar.monthrange(year, month)[1]
    day = int(day_text) if day_text else (last if role == "until" else 1)
    if not 1 <= day <= last:
        return DateReading(problem="DATE_INVALID")
    return _checked(dt.date(year, month, day), role, day_assumed=day_text is None)


def _range(start: DateReading, end: DateReading) -> DateReading:
    problem = start.problem or end.problem
    if problem:
        return DateReading(problem=problem)
    return DateReading(start.issue, end.until, start.day_assumed or end.day_assumed)


def _checked(value: dt.date, role: Role, *, day_assumed: bool = False) -> DateReading:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        return DateReading(problem="DATE_YEAR")
    if role == "issue":
        return DateReading(issue=value, day_assumed=day_assumed)
    return DateReading(until=value, day_assumed=day_assumed)


@lru_cache(maxsize=4096)
def usual_span(issue: dt.date, until: dt.date, *, loose: bool = False) -> bool:
    """True when the certificate runs four or five years, give or take two days, or one day less than that.

    ``loose`` allows a month either way, for dates whose day was assumed.
    """
    slack = 31 if loose else 0
    for years in (4, 5):
        try:
            anniversary = issue.replace(year=issue.year + years)
        except ValueError:  # 29 February
            anniversary = dt.date(issue.year + years, 3, 1)
        if -3 - slack <= (until - anniversary).days <= 2 + slack:
            return True
    return False
