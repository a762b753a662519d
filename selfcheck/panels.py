"""What the self-check adds to the pages of the register: a unit's reports over the campaigns."""

from typing import Any

from metrostd.registry.extension import unit_panel
from metrostd.registry.models import Unit

from .models import SelfCheckReport


@unit_panel("历次自查")
def reports_of(unit: Unit, user: Any) -> tuple[str, dict[str, Any]] | None:
    """The unit's reports the viewer may see, the newest campaign first."""
    reports = SelfCheckReport.objects.visible_to(user).filter(unit=unit)
    rows = list(
        reports.select_related("campaign", "receiver").order_by("-campaign__notice_on", "pk")
    )
    return ("selfcheck/panel.html", {"reports": rows}) if rows else None
