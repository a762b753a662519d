"""After a draw: drawing for missed fields, striking and replacing units, further standards of a drawn unit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from campaigns import announcing, policies
from campaigns import widening as moves
from campaigns.enums import DrawKind
from campaigns.forms.draws import FurtherForm, MomentForm, StrikeForm
from campaigns.models import DrawnUnit, DrawRun
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require
from metrostd.registry.models import MeasurementStandard

from . import draws


@require_http_methods(["GET", "HEAD", "POST"])
def supplement(request: PortalRequest, pk: int) -> HttpResponse:
    """Announce how one more unit is drawn for each field the draw has missed."""
    run = draws.fetch(request, pk)
    if request.method != "POST":
        require(policies.can_supplement(request.user, run))
    else:
        require(policies.may_sample_for(request.user, run.frame.authority))
    form = MomentForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: moves.announce_supplement(
            run, issue=form.cleaned_data["issue"], moment=form.moment(), actor=request.user
        ),
    )
    if tried.done:
        messages.success(request, "补充抽取的约定已公布，请提醒上级收悉。")
        return go(request, tried.made)
    context = {"run": run, "form": form, "missed": moves.missed_fields(run)}
    return render(request, "campaigns/supplement.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
def strike(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask that drawn units be struck, and announce how their substitutes are drawn."""
    run = draws.fetch(request, pk)
    if request.method != "POST":
        require(policies.can_strike(request.user, run))
    else:
        require(policies.may_sample_for(request.user, run.frame.authority))
    drawn = run.drawn.standing().filter(kind=DrawKind.RANDOM).order_by("order")
    form = StrikeForm(request.POST or None, drawn=drawn)
    tried = attempt(
        request,
        form,
        lambda: announcing.announce_substitute(
            run,
            units=form.cleaned_data["units"],
            ground=form.cleaned_data["ground"],
            evidence=form.cleaned_data["evidence"],
            issue=form.cleaned_data["issue"],
            moment=form.moment(),
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, "划除和递补的约定已公布，请提醒上级收悉。")
        return go(request, tried.made)
    context = {"run": run, "form": form}
    return render(request, "campaigns/strike.html", context, status=tried.status)


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
