"""A new unit, and a new standard with its certificate, by hand."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require
from metrostd.registry import policies, services
from metrostd.registry.forms import NewStandardForm, NewUnitForm
from metrostd.registry.models import MeasurementStandard, Unit


@require_http_methods(["GET", "POST"])
def unit(request: PortalRequest) -> HttpResponse:
    """Enter a unit no list has brought."""
    require(policies.can_register(request.user))
    form = NewUnitForm(request.POST or None, instance=Unit(), reach=request.user.scope.register)
    tried = attempt(
        request, form, lambda: services.register_unit(values=form.changes(), actor=request.user)
    )
    if tried.done:
        messages.success(request, "已登记。可以接着登记它的计量标准。")
        return go(request, tried.made)
    context = {"form": form, "title": "登记建标单位", "unit": None}
    return render(request, "registry/register_form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
def standard(request: PortalRequest, pk: int) -> HttpResponse:
    """Enter a standard of a unit together with its certificate."""
    owner = get_object_or_404(Unit.objects.visible_to(request.user), pk=pk)
    require(policies.can_register(request.user))
    acting = request.user.acting.authority_id if request.user.acting else None
    form = NewStandardForm(
        request.POST or None,
        instance=MeasurementStandard(unit=owner),
        reach=request.user.scope.register,
        initial={"issuing_authority": acting, "hosting_authority": acting},
    )
    tried = attempt(
        request,
        form,
        lambda: services.register_standard(
            owner,
            values=form.changes(),
            domains=form.cleaned_data["priority_domains"],
            on=clock.today(),
            actor=request.user,
            **form.certificate(),
        ),
    )
    if tried.done:
        messages.success(request, "已登记。")
        return go(request, tried.made)
    context = {"form": form, "title": "登记计量标准", "unit": owner}
    return render(request, "registry/register_form.html", context, status=tried.status)
