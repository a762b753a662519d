"""All evidence of a visit on one page, where the inspected confirm it before signing."""

from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from inspections import policies, proofs
from inspections.models import Evidence
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest
from metrostd.common.outside import whole
from metrostd.common.policies import require

from .found import task_or_404, tasks


@require_safe
@confidential(attrgetter("subject"))
def evidence_list(request: PortalRequest, pk: int) -> HttpResponse:
    """Every standing piece with its small picture, where it belongs and who confirmed it."""
    task = task_or_404(request, pk)
    rows = Evidence.objects.visible_to(request.user).filter(sheet__task=task, withdrawn_at=None)
    if policies.is_inspected(request.user, task) and task.state not in task.States.result_known:
        rows = rows.none()
    found = list(
        rows.select_related(
            "file", "sheet__standard", "sheet__task", "answer__item", "captured_by", "copy_of__file"
        ).order_by("sheet", "answer__item__section__order", "answer__item__order", "pk")
    )
    context = {
        "task": task,
        "rows": found,
        "open": sum(row.confirmed_at is None for row in found),
        "confirm": policies.can_confirm_evidence(request.user, task),
    }
    return render(request, "inspections/evidence_list.html", context)


@require_POST
def confirm_evidence(request: PortalRequest, pk: int) -> HttpResponse:
    """Take down who of the inspected confirms the pieces that were ticked."""
    task = get_object_or_404(tasks(request), pk=pk)
    require(policies.may_end(request.user, task))
    wanted = [key for raw in request.POST.getlist("row") if (key := whole(raw)) is not None]
    try:
        done = proofs.confirm(task, wanted, name=request.POST.get("name", ""), actor=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, f"已记录被检查单位对 {done} 件证据的确认。")
    return redirect("inspections:evidence_list", pk)
