"""标准器与溯源 on the page of a standard."""

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.shapes import Shown
from metrostd.registry import policies
from metrostd.registry.enums import InstrumentState
from metrostd.registry.extension import standard_panel
from metrostd.registry.models import MeasurementStandard, StandardCertificate, StandardInstrument
from metrostd.registry.queries.equipment import traced
from metrostd.registry.timeline import timeline


@standard_panel("标准器与溯源", group="equipment", order=10, anchor="equipment")
def equipment_of(standard: MeasurementStandard, user: Actor) -> Shown:
    """The instruments with their last tracing and, as a chart and as a table, all of it."""
    on = clock.today()
    own = StandardInstrument.objects.visible_to(user).filter(standard=standard)
    rows = traced(own, on=on)
    held = [row for row in rows if row.instrument.state in InstrumentState.held]
    certificate = StandardCertificate.objects.filter(standard=standard, is_current=True).first()
    context = {
        "standard": standard,
        "held": held,
        "scrapped": [row for row in rows if row not in held],
        "chart": timeline(held, certificate, on=on) if any(row.spans for row in held) else None,
        "verdict": policies.can_maintain(user, standard),
        "today": on,
    }
    return "registry/panel_equipment.html", context
