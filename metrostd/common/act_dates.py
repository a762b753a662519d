"""Days a person enters for an act: not before what it follows, not after now, reasons for what is late."""

import datetime as dt

from . import clock
from .templatetags.formats import cn_date, local_day

#: An act is entered on its day or the next; later a reason says why.
GRACE_DAYS = 1


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
