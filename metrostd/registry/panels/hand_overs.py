"""移交区局 on the pages of a unit and a standard: which district has it, and what it said."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from metrostd.registry.extension import standard_panel, unit_panel
from metrostd.registry.models import (
    HandOver,
    HandOverReturn,
    ImportRow,
    MeasurementStandard,
    Unit,
)
from metrostd.registry.querysets.hand_overs import TO_CONFIRM

_SHOWN = 8


@unit_panel("移交区局")
def of_unit(unit: Unit, user: Any) -> tuple[str, dict[str, Any]] | None:
    """The unit's rows in lists handed to a district the viewer may see."""
    return _panel(ImportRow.objects.filter(unit=unit), user, show_standard=True)


@standard_panel("移交区局")
def of_standard(standard: MeasurementStandard, user: Any) -> tuple[str, dict[str, Any]] | None:
    """The standard's rows; one of an institution says when no district has confirmed it yet."""
    return _panel(ImportRow.objects.filter(standard=standard), user, show_standard=False)


def _panel(rows: QuerySet, user: Any, *, show_standard: bool) -> tuple[str, dict[str, Any]] | None:
    if not (user.scope.register.everything or user.scope.register.authority_ids):
        return None
    handed = HandOver.objects.visible_to(user).standing()
    pending = HandOverReturn.objects.visible_to(user).pending().select_related("district")
    found = list(
        rows.filter(hand_over__in=handed)
        .select_related("hand_over__authority", "hand_over__batch", "standard")
        .defer("hand_over__receipt", "hand_over__batch__issues", "hand_over__batch__edits")
        .prefetch_related(Prefetch("returns", queryset=pending, to_attr="pending"))
        .order_by("-pk")[:_SHOWN]
    )
    for row in found:
        category = row.standard.category if row.standard else row.hand_over.batch.category
        row.awaits_confirmation = category == TO_CONFIRM and row.confirmed_at is None
    if not found:
        return None
    return "registry/hand_over_panel.html", {"rows": found, "show_standard": show_standard}
