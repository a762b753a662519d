"""What inspections add to the pages of the register: visits to a unit, sheets of a standard."""

from campaigns import pledges
from metrostd.common.actors import Actor
from metrostd.common.enums import Answer
from metrostd.common.shapes import Context, Shown
from metrostd.registry.extension import KeyFact, standard_panel, unit_fact, unit_panel
from metrostd.registry.models import MeasurementStandard, Unit
from metrostd.registry.paper_search import paper_source
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckReport

from .enums import FindingState, StopState, TaskState
from .models import ChecklistSheet, Finding, InspectionTask, StopTransferOrder
from .querysets import TaskQuerySet


def _visits(unit: Unit, user: Actor) -> TaskQuerySet:
    """Visits to a unit the viewer may know of and has pledged to keep to themselves."""
    tasks = InspectionTask.objects.listed().visible_to(user).filter(unit=unit)
    return tasks.exclude(campaign__in=pledges.owed_by(user))


@unit_panel("历次检查")
def visits_of(unit: Unit, user: Actor) -> Shown | None:
    """The visits to a unit the viewer may know of, the newest first."""
    tasks = _visits(unit, user)
    rows = list(
        tasks.select_related("campaign", "authority", "unit").order_by(
            "-campaign__notice_on", "-pk"
        )
    )
    return ("inspections/panel_unit.html", {"tasks": rows}) if rows else None


@standard_panel("历次检查")
def sheets_of(standard: MeasurementStandard, user: Actor) -> Shown | None:
    """The signed sheets of a standard, and the orders that stopped it."""
    sheets = ChecklistSheet.objects.visible_to(user).filter(
        standard=standard, signed_at__isnull=False
    )
    stops = StopTransferOrder.objects.visible_to(user).filter(standard=standard)
    owed = pledges.owed_by(user)
    sheets = sheets.exclude(task__campaign__in=owed)
    stops = stops.exclude(task__campaign__in=owed)
    context: Context = {
        "sheets": list(
            sheets.select_related("task__campaign", "task__authority").order_by("-signed_at")
        ),
        "stops": list(stops.select_related("task").order_by("-pk")),
    }
    return ("inspections/panel_standard.html", context) if any(context.values()) else None


@unit_fact(order=70)
def findings_of(unit: Unit, user: Actor) -> KeyFact | None:
    """Problems found on site that stand, and how many are not settled; nothing without a visit."""
    visits = _visits(unit, user).count()
    if not visits:
        return None
    rows = Finding.objects.visible_to(user).counted().filter(task__unit=unit)
    total = rows.count()
    left = rows.filter(state__in=FindingState.unsettled).count()
    note = f"{total} 个问题，{left} 个未办结" if total else "没有发现问题"
    return KeyFact("现场检查", f"{visits} 次", note, "bad" if left else "", "#visits-of")


@unit_fact(order=75)
def gap_of(unit: Unit, user: Actor) -> KeyFact | None:
    """Items the unit had answered 符合 and the last visit found otherwise.

    For offices that see the visit and the self-check; nothing while one of them is missing.
    """
    if user.scope.casework.unit_ids:
        return None
    visits = _visits(unit, user)
    concluded = visits.filter(state__in=TaskState.inspected)
    visit = concluded.select_related("campaign").order_by("-campaign__notice_on", "-pk").first()
    if visit is None:
        return None
    reports = SelfCheckReport.objects.visible_to(user).filter(
        unit=unit, campaign=visit.campaign, state__in=ReportState.readable
    )
    if not reports.exists():
        return None
    found = Finding.objects.visible_to(user).counted().filter(
        task__unit=unit, task__campaign=visit.campaign, self_check_answer=Answer.CONFORM
    )  # fmt: skip
    count = found.count()
    note = "自查答“符合”，现场查出问题" if count else "自查与现场一致"
    return KeyFact("自查不实", f"{count} 项", note, "bad" if count else "ok", "#visits-of")


paper_source(
    "停止量传决定",
    field="number",
    rows=lambda user: StopTransferOrder.objects.visible_to(user).select_related("task__unit"),
    note=lambda row: (
        f"责令停止量值传递 · {row.task.unit}"
        + (f" · {row.get_state_display()}" if row.state == StopState.WITHDRAWN else "")
    ),
)
