"""What rectification adds to the global search: orders by their number, cases by theirs."""

from metrostd.registry.paper_search import paper_source

from .enums import OrderState
from .models import CaseReferral, CertificateDisposition, RectificationOrder

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
