"""After a draw: drawing by chance for missed fields, taking further standards of a drawn unit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from campaigns import policies, sampling
from campaigns import widening as moves
from campaigns.forms import FurtherForm, SupplementForm
from campaigns.models import DrawnUnit, DrawRun
from metrostd.common.attempts import attempt
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require
from metrostd.registry.models import MeasurementStandard

from . import draws


@require_http_methods(["GET", "HEAD", "POST"])
def supplement(request: PortalRequest, pk: int) -> HttpResponse:
    """One more unit by chance for each field the draw has missed."""
    run = draws.fetch(request, pk)
    if request.method != "POST":
        require(policies.can_supplement(request.user, run))
    form = SupplementForm(request.POST or None, initial={"seed": sampling.propose_seed()})
    tried = attempt(
        request,
        form,
        lambda: moves.supplement(run, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        names = "、".join(row.unit.name for row in tried.made.drawn.select_related("unit"))
        messages.success(request, f"已补充抽取：{names}。结果已固定并留存。")
        return go(request, run)
    context = {"run": run, "form": form, "missed": moves.missed_fields(run)}
    return render(request, "campaigns/supplement.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
def further(request: PortalRequest, pk: int) -> HttpResponse:
    """More standards of one drawn unit, with the reason."""
    drawn = get_object_or_404(
        DrawnUnit.objects.filter(run__in=DrawRun.objects.visible_to(request.user)).select_related(
            "unit__merged_into", "run__frame__campaign", "run__frame__authority"
        ),
        pk=pk,
    )
    require(policies.may_sample(request.user))
    if request.method != "POST":
        require(policies.can_take_further(request.user, drawn))
    offered = moves.further_standards(drawn)
    standards = MeasurementStandard.objects.filter(pk__in=offered.values("standard"))
    form = FurtherForm(
        request.POST or None,
        standards=standards.select_related("field").order_by("name", "pk"),
    )
    tried = attempt(
        request,
        form,
        lambda: moves.take_further(drawn, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, f"已为{drawn.unit}增加{len(tried.made)}项计量标准。")
        return go(request, drawn.run)
    context = {"run": drawn.run, "drawn": drawn, "form": form, "offered": offered.exists()}
    return render(request, "campaigns/further.html", context, status=tried.status)
