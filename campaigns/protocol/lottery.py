"""双色球, the public source: six of 33 red balls and one of 16 blue ones, 17,721,088 outcomes of equal chance.

Drawn on Tuesday, Thursday and Sunday evening, on television and in the papers. 3D with its 1,000 outcomes is
no source: whoever may choose among lists or nonces beforehand could move a unit's chance noticeably.
"""

import datetime as dt
import re
from math import comb

NAME = "中国福利彩票双色球"
OUTCOMES = comb(33, 6) * 16
#: At least so many, or trying lists beforehand would be worth while.
LEAST_OUTCOMES = 2**24
GRAMMAR = "ssq:期号:红球1,红球2,红球3,红球4,红球5,红球6|蓝球（红球由小到大，均为两位数字）"
FALLBACK = "约定的期停开或者延期的，以其后第一期公开开出的号码为准"
#: When the numbers of an evening are known.
KNOWN_AT = dt.time(21, 30)
_DAYS = frozenset({1, 3, 6})
#: So many issues a year may be missing by now: the weeks of the spring and the autumn holiday.
_PAUSED = 10
_ISSUE = re.compile(r"20\d\d(?:00[1-9]|0[1-9]\d|1[0-7]\d)")


class UnreadableError(ValueError):
    """What was typed is no result of this lottery; the message says what to do."""


def is_issue(text: str) -> bool:
    """Whether a text is the number of an issue: the year and three digits."""
    return _ISSUE.fullmatch(text) is not None


def issues_about(day: dt.date) -> tuple[str, str]:
    """The least and the greatest issue an evening can have: counted from January, less weeks without a draw."""
    first = dt.date(day.year, 1, 1)
    days = (first + dt.timedelta(days=n) for n in range((day - first).days + 1))
    count = sum(each.weekday() in _DAYS for each in days)
    return f"{day.year}{max(count - _PAUSED, 1):03d}", f"{day.year}{count:03d}"


def value_of(issue: str, numbers: str) -> str:
    """The value as it is hashed. UnreadableError names what is wrong with what was typed."""
    if not is_issue(issue.strip()):
        raise UnreadableError("期号由年份和三位序号组成，例如2021061。")
    balls = [int(n) for n in re.findall(r"\d+", numbers)]
    if len(balls) != 7:
        raise UnreadableError(f"请填写6个红球号码和1个蓝球号码，现在有{len(balls)}个号码。")
    red, blue = sorted(balls[:6]), balls[6]
    if len(set(red)) != 6 or not all(1 <= n <= 33 for n in red):
        raise UnreadableError("红球号码应是01至33中6个不同的数字。")
    if not 1 <= blue <= 16:
        raise UnreadableError("蓝球号码应在01至16之间。")
    return f"ssq:{issue.strip()}:{','.join(f'{n:02d}' for n in red)}|{blue:02d}"


def parts_of(value: str) -> tuple[str, str]:
    """Issue and numbers of a value as it is hashed; UnreadableError for anything else."""
    tag, _, rest = value.partition(":")
    issue, _, numbers = rest.partition(":")
    if tag != "ssq" or not numbers:
        raise UnreadableError(f"公开的值写作{GRAMMAR}。")
    return issue, numbers


def follows(value: str, issue: str) -> bool:
    """Whether a value is of the named issue or of a later one, as the fallback of terms allows."""
    try:
        of, numbers = parts_of(value)
        return value_of(of, numbers) == value and of >= issue
    except UnreadableError:
        return False


def in_words(value: str) -> str:
    """A value as people read it out: 第2021061期 红球 01 07 … 蓝球 09."""
    if value.startswith("wit:"):
        return f"见证人公布的数 {value[4:].replace(',', '、')}"
    if not value.startswith("ssq:"):
        return value
    _, issue, numbers = value.split(":")
    red, blue = numbers.split("|")
    return f"第{issue}期 红球 {red.replace(',', ' ')} 蓝球 {blue}"


def next_days(after: dt.date, count: int) -> list[dt.date]:
    """The next days with a draw of the lottery, the given day included."""
    days = (after + dt.timedelta(days=n) for n in range(count * 4))
    return [day for day in days if day.weekday() in _DAYS][:count]
