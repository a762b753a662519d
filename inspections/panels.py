"""What inspections add to the pages of the register: visits to a unit, sheets of a standard."""

from typing import Any

from metrostd.registry.extension import KeyFact, standard_panel, unit_fact, unit_panel
from metrostd.registry.models import MeasurementStandard, Unit

from .enums import FindingState
from .models import ChecklistSheet, Finding, InspectionTask, StopTransferOrder


@unit_panel("历次检查")
def visits_of(unit: Unit, user: Any) -> tuple[str, dict[str, Any]] | None:
    """The visits to a unit the viewer may know of, the newest first."""
    tasks = InspectionTask.objects.listed().visible_to(user).filter(unit=unit)
    rows = list(
        tasks.select_related("campaign", "authority", "unit").order_by(
            "-campaign__notice_on", "-pk"
        )
    )
    return ("inspections/panel_unit.html", {"tasks": rows}) if rows else None


@standard_panel("历次检查")
def sheets_of(standard: MeasurementStandard, user: Any) -> tuple[str, dict[str, Any]] | None:
    """The signed sheets of a standard, and the orders that stopped it."""
    sheets = ChecklistSheet.objects.visible_to(user).filter(
        standard=standard, signed_at__isnull=False
    )
    stops = StopTransferOrder.objects.visible_to(user).filter(standard=standard)
    context = {
        "sheets": list(
            sheets.select_related("task__campaign", "task__authority").order_by("-signed_at")
        ),
        "stops": list(stops.select_related("task").order_by("-pk")),
    }
    return ("inspections/panel_standard.html", context) if any(context.values()) else None


@unit_fact(order=70)
def findings_of(unit: Unit, user: Any) -> KeyFact | None:
    """Problems found on site that stand, and how many are not settled; nothing without a visit."""
    visits = InspectionTask.objects.listed().visible_to(user).filter(unit=unit).count()
    if not visits:
        return None
    rows = Finding.objects.visible_to(user).counted().filter(task__unit=unit)
    total = rows.count()
    left = rows.exclude(state__in=FindingState.terminal).count()
    note = f"{total} 个问题，{left} 个未办结" if total else "没有发现问题"
    return KeyFact("现场检查", f"{visits} 次", note, "bad" if left else "", "#visits-of")
