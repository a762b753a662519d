"""Failing by delay: what a passed day makes of a finding, for a row, for a list and for a count alike.

The nightly job writes down what is told here; nobody has to wait for it to read the same. Annex 3 asks
the same of its cut-off, which may be long ago: what was so then is so for good, whenever it was written down.
"""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import Case, CharField, F, Q, Value, When

from campaigns.models import Campaign
from inspections.enums import FindingState as State
from inspections.models import Finding
from metrostd.common import clock
from metrostd.common.prepared import Given

from .enums import ExtensionState, OrderState
from .models import ExtensionRequest, OrderItem, RectificationOrder

#: The day things are asked for, or its place in a statement that is compiled once.
Day = dt.date | Given


def overdue_by_now(finding: Finding) -> str:
    """The state of a finding once its due day is counted: unreported after it is 整改不合格.

    A request for an extension that was made in time and not decided yet holds the clock. What has
    been submitted waits for the office and does not fail by delay.
    """
    if finding.state not in State.owed_by_unit or finding.due_on is None:
        return finding.state
    if finding.due_on >= clock.today():
        return finding.state
    asked = any(row.state == ExtensionState.ASKED for row in finding.extensions.all())
    return finding.state if asked else State.FAILED


def late(on: Day) -> Q:
    """Waiting for the unit after the due day, whether an extension has been asked for or not."""
    return Q(state__in=State.owed_by_unit, due_on__lt=on)


def held() -> Q:
    """Somebody has to decide first whether there is more time. Such requests are few and read once."""
    asked = ExtensionRequest.objects.filter(state=ExtensionState.ASKED)
    return Q(pk__in=asked.values("finding"))


def lapsed(on: Day) -> Q:
    """Failed by delay, where the nightly job has not been."""
    return late(on) & ~held()


def lapsed_then(day: dt.date, as_of: dt.datetime) -> Q:
    """Failed by delay at a cut-off on ``day`` and not put on record since.

    Findings that have come under a later day or another order since are past that day, too: whoever
    moved them did so on or before it.
    """
    waited = ExtensionRequest.objects.filter(created_at__lte=as_of)
    waited = waited.filter(Q(state=ExtensionState.ASKED) | Q(state_since__gt=as_of))
    return late(day) & ~Q(pk__in=waited.values("finding"))


def lapsed_since(finding: Finding) -> dt.datetime:
    """The moment a finding failed by delay: the end of its day, or the refusal of more time after that."""
    if finding.due_on is None:
        raise ValueError(f"finding {finding.pk} has no due day")
    over = clock.at_time(finding.due_on + dt.timedelta(days=1), 0)
    refused = [r for r in finding.extensions.all() if r.state == ExtensionState.REFUSED]
    return max([over, *(request.state_since for request in refused)])


def in_state(states: Collection[str], on: dt.date) -> Q:
    """Findings that are in one of these states on a day."""
    found = Q(state__in=states)
    if State.FAILED in states:
        return found | lapsed(on)
    return found & ~lapsed(on) if State.owed_by_unit.intersection(states) else found


def state_on(on: Day) -> Case:
    """The state of a finding on a day as a column, to sort by."""
    failed = When(lapsed(on), then=Value(State.FAILED.value))
    return Case(failed, default=F("state"), output_field=CharField())


def order_by_now(order: RectificationOrder, findings: Iterable[Finding]) -> str:
    """An order has failed with the first of its ``findings`` that failed by delay."""
    states = {finding.state_now for finding in findings}
    if order.state in OrderState.open and State.FAILED in states:
        return OrderState.FAILED
    return order.state


def with_lapsed(campaign: Campaign, on: dt.date) -> Q:
    """Orders of a campaign under which a finding failed by delay; on most days there are none."""
    gone = Finding.objects.filter(lapsed(on), campaign=campaign)
    return Q(pk__in=OrderItem.objects.filter(finding__in=gone.values("pk")).values("order"))
