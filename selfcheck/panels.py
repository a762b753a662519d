"""What the self-check adds to the pages of the register: a unit's reports over the campaigns."""

from metrostd.common.actors import Actor
from metrostd.common.shapes import Shown
from metrostd.registry.extension import KeyFact, unit_fact, unit_panel
from metrostd.registry.models import Unit
from metrostd.registry.paper_search import paper_source

from .models import SelfCheckReport


@unit_panel("历次自查")
def reports_of(unit: Unit, user: Actor) -> Shown | None:
    """The unit's reports the viewer may see, the newest campaign first."""
    reports = SelfCheckReport.objects.visible_to(user).filter(unit=unit)
    rows = list(
        reports.select_related("campaign", "receiver").order_by("-campaign__notice_on", "pk")
    )
    return ("selfcheck/panel.html", {"reports": rows}) if rows else None


@unit_fact(order=60)
def last_report(unit: Unit, user: Actor) -> KeyFact | None:
    """The newest self-check the viewer sees: its state, and whether it came late."""
    reports = SelfCheckReport.objects.visible_to(user).filter(unit=unit)
    row = reports.select_related("campaign").order_by("-campaign__notice_on", "pk").first()
    if row is None:
        return None
    tone = "bad" if row.is_late else row.state_tone
    return KeyFact(
        "最近自查",
        row.get_state_display(),
        "逾期报送" if row.is_late else row.campaign.code,
        tone if tone in {"ok", "warn", "bad"} else "",
        "#reports-of",
    )


paper_source(
    "自查回执",
    field="receipt_no",
    rows=lambda user: SelfCheckReport.objects.visible_to(user).select_related("unit", "bureau"),
    note=lambda row: f"自查报告 · {row.subject}",
)
