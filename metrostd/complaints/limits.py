"""How long an office has: 市场监督管理投诉举报处理暂行办法 (总局令第20号), in work days."""

import datetime as dt

from metrostd.common.calendar import CountedDay, add_workdays

from .enums import ComplaintKind

#: 第十四条: whether a complaint is taken up. 第三十一条 with the rules of penalty procedure: whether the lead of a
#: tip-off is followed up, and once as long again with a reason.
DECIDE = {ComplaintKind.COMPLAINT: 7, ComplaintKind.TIP_OFF: 15}
EXTENSION = 15
#: 第三十一条: whoever reported under their name is told of the decision.
TELL = 5
#: 第二十一条第（三）项: a complaint that is not settled in this time ends; tip-offs are held to the same.
ANSWER = 45


def decide_by(kind: str, received_on: dt.date, *, extended: bool = False) -> CountedDay:
    """The last day for the decision, counted from the day after it came."""
    days = DECIDE[ComplaintKind(kind)] + (EXTENSION if extended else 0)
    return add_workdays(received_on, days)


def tell_by(decided_on: dt.date) -> CountedDay:
    return add_workdays(decided_on, TELL)


def answer_by(accepted_on: dt.date) -> CountedDay:
    return add_workdays(accepted_on, ANSWER)
