"""What rectification adds to the global search: orders by their number."""

from collections.abc import Iterator

from metrostd.common.actors import Actor
from metrostd.registry.extension import Hit, search_source
from metrostd.registry.numbers import typed_number

from .models import RectificationOrder

_MOST = 20


@search_source("整改文书")
def orders_numbered(text: str, user: Actor) -> Iterator[Hit]:
    """Orders whose number holds the text, within what the viewer may see."""
    found = RectificationOrder.objects.visible_to(user).filter(number__icontains=typed_number(text))
    for order in found.select_related("task__unit").order_by("-issued_on", "-pk")[:_MOST]:
        yield Hit(
            title=order.number,
            url=order.get_absolute_url(),
            note=f"{order.get_kind_display()} · {order.task.unit}",
            state=order.get_state_display(),
            tone=order.state_tone,
        )
