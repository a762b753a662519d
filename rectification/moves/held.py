"""An order is held while it is moved: whoever moves its findings takes the order first."""

from rectification.models import RectificationOrder


def held(order: RectificationOrder) -> RectificationOrder:
    """The order read again and held until the transaction ends, so that it settles once."""
    return (
        RectificationOrder.objects.select_for_update(of=("self",))
        .select_related("task__unit", "task__authority", "task__campaign")
        .get(pk=order.pk)
    )
