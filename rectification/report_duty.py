"""What a unit owes under an order: a report by the earliest day of what is with it, as long as anything is."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import F, QuerySet

from campaigns.by_clock import CANCELLED, FULFILLED, Outcome, Parts, ended_by_clock
from campaigns.enums import CampaignState, DutyKind
from inspections.enums import FindingState
from inspections.models import Finding
from metrostd.common.prepared import Given

from . import lapsing
from .models import OrderItem

#: State and due day of the findings of one order.
States = Iterable[tuple[str, dt.date | None]]


def owed_by(rows: States) -> dt.date | None:
    """The earliest due day of what is with the unit; None when nothing is."""
    owed = FindingState.owed_by_unit
    return min((day for state, day in rows if state in owed and day is not None), default=None)


def is_done(rows: States) -> bool:
    """Whether it ends as done: something was reported. What only failed by delay is taken back."""
    return any(state != FindingState.FAILED for state, _ in rows)


def _outcome(rows: Parts) -> Outcome:
    return owed_by(rows) or (FULFILLED if is_done(rows) else CANCELLED)


@ended_by_clock(DutyKind.RECTIFICATION, _outcome)
def reports_by_now(on: Given, moment: Given) -> QuerySet:
    """All findings of the orders under which one failed by delay, where the nightly job has not been."""
    gone = Finding.objects.filter(lapsing.lapsed(on), campaign__state=CampaignState.OPEN)
    orders = OrderItem.objects.filter(finding__in=gone.values("pk")).values("order")
    return Finding.objects.filter(order_item__order__in=orders).annotate(
        about=F("order_item__order"), now=lapsing.state_on(on), day=F("due_on")
    )
