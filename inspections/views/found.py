"""What views of a visit fetch, within scope, and what they ask before a step."""

from collections.abc import Callable

from django.db.models import Prefetch, QuerySet

from inspections.models import ChecklistSheet, InspectionTask, StopTransferOrder, TeamMember
from metrostd.common.actors import Actor
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest
from metrostd.common.policies import Verdict, require

Policy = Callable[[Actor, InspectionTask], Verdict]


def _team() -> QuerySet[TeamMember]:
    return TeamMember.objects.select_related("membership__user", "membership__authority")


def tasks(request: PortalRequest) -> QuerySet[InspectionTask]:
    return (
        InspectionTask.objects.visible_to(request.user)
        .select_related("campaign", "authority", "unit", "bureau")
        .prefetch_related(Prefetch("team", _team()))
    )


def task_or_404(request: PortalRequest, pk: int) -> InspectionTask:
    return get_object_or_404(tasks(request).select_related("not_performed"), pk=pk)


def sheet_or_404(request: PortalRequest, pk: int) -> ChecklistSheet:
    rows = (
        ChecklistSheet.objects.visible_to(request.user)
        .select_related(
            "standard",
            "template",
            "case",
            "task__unit",
            "task__bureau",
            "task__authority",
            "task__campaign",
        )
        .prefetch_related(Prefetch("task__team", _team()))
    )
    return get_object_or_404(rows, pk=pk)


def order_or_404(request: PortalRequest, pk: int) -> StopTransferOrder:
    rows = StopTransferOrder.objects.visible_to(request.user).select_related(
        "standard", "task__unit", "task__authority__parent", "task__campaign"
    )
    return get_object_or_404(rows, pk=pk)


def require_step(request: PortalRequest, row: InspectionTask, *, may: Policy, can: Policy) -> None:
    """The page of a step is shown to whom it is open now; sent later, its state is the move's to judge."""
    asked = may if request.method == "POST" else can
    require(asked(request.user, row))
