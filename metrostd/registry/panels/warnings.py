"""预警 first on the pages of a unit and of a standard; nothing where nothing is wrong."""

from typing import Any

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.shapes import Shown
from metrostd.registry.extension import KeyFact, standard_panel, unit_panel
from metrostd.registry.models import MeasurementStandard, Unit
from metrostd.registry.warnings import open_warnings

#: A unit with more is shown these and the way to the list.
_SHOWN = 6


# Any: what the panels below show
def _count(shown: dict[str, Any]) -> KeyFact:
    """How many there are, in the tone of the worst."""
    return KeyFact(
        "预警",
        f"{shown['total']} 条",
        shown["worst"].label,
        "bad" if shown["worst"].tone == "bad" else "warn",
        "#warnings",
    )


@unit_panel("预警", group="warnings", order=10, anchor="warnings", fact=_count)
def warnings_of_unit(unit: Unit, user: Actor) -> Shown | None:
    """The worst warnings of the unit's standards the viewer sees, each with its standard."""
    standards = MeasurementStandard.objects.visible_to(user).filter(unit=unit)
    found = open_warnings(standards, on=clock.today())
    if not found:
        return None
    names = dict(
        standards.filter(pk__in={row.standard for row in found[:_SHOWN]}).values_list("pk", "name")
    )
    context = {
        "rows": [(row, names[row.standard]) for row in found[:_SHOWN]],
        "total": len(found),
        "worst": found[0].kind,
        "unit": unit,
    }
    return "registry/panel_warnings.html", context


@standard_panel("预警", group="warnings", order=10, anchor="warnings", fact=_count)
def warnings_of_standard(standard: MeasurementStandard, user: Actor) -> Shown | None:
    """Every warning of the standard."""
    own = MeasurementStandard.objects.visible_to(user).filter(pk=standard.pk)
    found = open_warnings(own, on=clock.today())
    if not found:
        return None
    context = {
        "rows": [(row, "") for row in found],
        "total": len(found),
        "worst": found[0].kind,
        "unit": standard.unit,
    }
    return "registry/panel_warnings.html", context
