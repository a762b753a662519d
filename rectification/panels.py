"""What rectification adds to the register and its search: papers of a unit, orders and cases by their number."""

from inspections.models import InspectionTask
from metrostd.common.actors import Actor
from metrostd.common.shapes import Shown
from metrostd.registry.extension import unit_panel
from metrostd.registry.models import Unit
from metrostd.registry.paper_search import paper_source

from . import policies
from .enums import OrderState
from .models import CaseReferral, CertificateDisposition, RectificationOrder


@unit_panel("检查和整改文书", order=60)
def papers_of(unit: Unit, user: Actor) -> Shown | None:
    """Where an office takes out all papers of the visits to a unit."""
    if not policies.can_pack(user):
        return None
    tasks = InspectionTask.objects.visible_to(user).filter(unit=unit)
    visits = tasks.count()
    return ("rectification/panel_unit.html", {"unit": unit, "visits": visits}) if visits else None


paper_source(
    "整改文书",
    field="number",
    rows=lambda user: RectificationOrder.objects.visible_to(user).select_related("task__unit"),
    note=lambda row: " · ".join(
        [row.get_kind_display(), str(row.task.unit)]
        + ([row.get_state_display()] if row.state == OrderState.WITHDRAWN else [])
    ),
)
paper_source(
    "案件移送",
    field="case_no",
    rows=lambda user: CaseReferral.objects.visible_to(user).select_related("finding__task__unit"),
    note=lambda row: f"移送案件 · {row.finding.task.unit}",
)
paper_source(
    "证书处置",
    field="decision_no",
    rows=lambda user: CertificateDisposition.objects.visible_to(user).select_related(
        "standard__unit"
    ),
    note=lambda row: f"{row.standard} · {row.standard.unit}",
)
