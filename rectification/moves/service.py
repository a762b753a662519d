"""Recording that an order reached the unit: once, with how, when, by whom and to whom."""

from django.db import transaction

from inspections import serving
from inspections.serving import Service
from metrostd.common import act_dates, audit
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import check_state
from rectification.enums import OrderState
from rectification.models import RectificationOrder

from .held import held


def open_to_serve(order: RectificationOrder) -> Verdict:
    """Service is recorded once, of an order that stands; a second paper is another order."""
    if order.state == OrderState.WITHDRAWN:
        return not_now("文书已撤回，不再送达。")
    return not_now("已经登记过送达。") if order.served_on else YES


@transaction.atomic
def record_service(order: RectificationOrder, *, service: Service, actor: Actor | None) -> None:
    """Put the service of an order on record. Raises ValidationError naming what does not do,
    TransitionError when it is on record already."""
    row = held(order)
    check_state(open_to_serve(row), obj=row)
    for name, value in serving.columns(service, issued_on=row.issued_on).items():
        setattr(order, name, value)
    order.save(update_fields=[f.name for f in serving.ServedPaper._meta.get_fields()])
    audit.record(
        order,
        actor=actor,
        action="rectification.record_service",
        label="登记送达",
        after=serving.for_the_trail(order),
        note=act_dates.noted(order.service_note, service.late_reason),
    )
