"""What campaigns add to the global search: draws by the number of their record."""

from metrostd.registry.paper_search import paper_source

from .models import DrawRun

paper_source(
    "抽取记录",
    field="record_no",
    rows=lambda user: DrawRun.objects.visible_to(user).select_related(
        "frame__campaign", "frame__authority"
    ),
    note=lambda row: f"{row.frame.campaign} · {row.frame.authority}",
)
