"""Days a person enters for an act: not before what it follows, not after now, reasons for what is late.

Three kinds of days, each with its bounds: of an act (``refusals``, ``check``), of a fact that is merely put on
record (``out_of_bounds``), and of something still owed (``not_owed_by``). A field of a form is one of
``metrostd.common.day_fields``; what only the case knows is asked where the act is done.
"""

import datetime as dt

from django.core.exceptions import ValidationError

from . import clock
from .templatetags.formats import cn_date, local_day

#: An act is entered on its day or the next; later a reason says why.
GRACE_DAYS = 1
#: No day of this trade lies outside: what does is a slip of the keyboard.
EARLIEST = dt.date(1949, 10, 1)
LATEST = dt.date(2099, 12, 31)
#: The field a form asks the reason in, unless it has one of its own.
REASON_FIELD = "late_reason"


def out_of_bounds(
    entered: dt.date | dt.datetime, *, what: str, after: dt.date | None = None, follows: str = ""
) -> str:
    """Why an act cannot be of this day, or nothing. ``follows`` names what happened on ``after``."""
    late = entered > clock.now() if isinstance(entered, dt.datetime) else entered > clock.today()
    if late:
        return f"{what}不能晚于{'现在' if isinstance(entered, dt.datetime) else '今天'}。"
    if after is not None and local_day(entered) < after:
        return f"{what}不能早于{follows}（{cn_date(after)}）。"
    return ""


def unexplained(entered: dt.date | dt.datetime, *, what: str, reason: str) -> str:
    """Why a day further back needs words, or nothing."""
    back = (clock.today() - local_day(entered)).days
    if back <= GRACE_DAYS or reason.strip():
        return ""
    return f"{what}在{back}天以前，请说明当时没有登记的理由。"


def refusals(
    entered: dt.date | dt.datetime | None,
    *,
    field: str,
    what: str,
    reason: str,
    after: dt.date | None = None,
    follows: str = "",
    reason_field: str = REASON_FIELD,
) -> dict[str, str]:
    """What speaks against the day of an act, by the field of the form it stands beside."""
    if entered is None:
        return {field: f"请填写{what}。"}
    if wrong := out_of_bounds(entered, what=what, after=after, follows=follows):
        return {field: wrong}
    if missing := unexplained(entered, what=what, reason=reason):
        return {reason_field: missing}
    return {}


def check(
    entered: dt.date | dt.datetime | None,
    *,
    field: str,
    what: str,
    reason: str,
    after: dt.date | None = None,
    follows: str = "",
    reason_field: str = REASON_FIELD,
) -> None:
    """Raise ValidationError with what ``refusals`` says."""
    if found := refusals(
        entered,
        field=field,
        what=what,
        reason=reason,
        after=after,
        follows=follows,
        reason_field=reason_field,
    ):
        raise ValidationError(found)


def check_fact(
    day: dt.date | None,
    *,
    field: str,
    what: str,
    after: dt.date | None = None,
    follows: str = "",
) -> None:
    """Raise ValidationError when a day on record, if there is one, lies before what it follows or after today."""
    if day is not None and (wrong := out_of_bounds(day, what=what, after=after, follows=follows)):
        raise ValidationError({field: wrong})


def not_owed_by(day: dt.date, *, what: str, last: dt.date | None = None, because: str = "") -> str:
    """Why something cannot be owed by this day: it has passed, or lies after ``last``, which ``because`` names."""
    if day < clock.today():
        return f"{what}不能早于今天。"
    if last is not None and day > last:
        return f"{what}不能晚于{cn_date(last)}（{because}）。"
    return ""


def check_due(
    day: dt.date, *, field: str, what: str, last: dt.date | None = None, because: str = ""
) -> None:
    """Raise ValidationError with what ``not_owed_by`` says."""
    if wrong := not_owed_by(day, what=what, last=last, because=because):
        raise ValidationError({field: wrong})


def implausible(day: dt.date, *, what: str) -> str:
    """Why a day is a slip of the keyboard, or nothing."""
    if EARLIEST <= day <= LATEST:
        return ""
    return f"{what}的年份是{day.year}年，请核对。"


def noted(note: str, late_reason: str) -> str:
    """What the trail keeps of an act entered late: its own words, then why it was entered late."""
    late = f"补录理由：{late_reason.strip()}" if late_reason.strip() else ""
    return "；".join(filter(None, (note.strip(), late)))
