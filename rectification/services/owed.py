"""The duties of an order follow its findings: what the unit owes, what the office owes."""

from django.contrib.contenttypes.models import ContentType

from campaigns import duties
from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections.enums import FindingState
from metrostd.common import clock
from metrostd.common.calendar import add_workdays
from rectification.models import RectificationOrder

#: Work days the office takes to answer: confirmations, objections, proposals (行政许可法第八十二条).
ANSWER_DAYS = 10

WITH_UNIT = frozenset({FindingState.ORDERED, FindingState.RETURNED})


def locked(order: RectificationOrder) -> RectificationOrder:
    """The order read again and held until the transaction ends, so that it settles once."""
    return (
        RectificationOrder.objects.select_for_update(of=("self",))
        .select_related("task__unit", "task__authority", "task__campaign")
        .get(pk=order.pk)
    )


def sync(order: RectificationOrder) -> None:
    """Bring the duties of an order in line with its findings; running twice does no harm.

    The unit owes a report by the earliest due day of what is with it. The office owes its
    confirmation within ten work days while anything has been submitted.
    """
    rows = list(order.items.values_list("finding__state", "finding__due_on"))
    days = [day for state, day in rows if state in WITH_UNIT and day is not None]
    if not days:
        reported = any(state != FindingState.FAILED for state, _ in rows)
        (duties.fulfil if reported else duties.cancel)(order, kind=DutyKind.RECTIFICATION)
    elif not duties.reschedule(order, kind=DutyKind.RECTIFICATION, due_on=min(days)):
        duties.assign(
            order.task.campaign,
            kind=DutyKind.RECTIFICATION,
            title=f"报送整改情况：{order.number}",
            detail=f"{order.task.authority} · {len(days)} 项问题",
            due_on=min(days),
            target=order,
            unit=order.task.unit,
        )
    if not any(state == FindingState.SUBMITTED for state, _ in rows):
        duties.fulfil(order, kind=DutyKind.RECTIFICATION_REVIEW)
    elif not _open(order, DutyKind.RECTIFICATION_REVIEW):
        duties.assign(
            order.task.campaign,
            kind=DutyKind.RECTIFICATION_REVIEW,
            title=f"确认整改情况：{order.task.unit}",
            detail=order.number,
            due_on=add_workdays(clock.today(), ANSWER_DAYS),
            target=order,
            authority=order.task.authority,
        )


def _open(order: RectificationOrder, kind: DutyKind) -> bool:
    content_type = ContentType.objects.get_for_model(order)
    return (
        Duty.objects.open().filter(target_type=content_type, target_id=order.pk, kind=kind).exists()
    )
