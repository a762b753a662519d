"""Adjusting the plan of a running campaign, for all or for one district, with the reason."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from campaigns import adjusting, policies, routing
from campaigns.enums import AdjustmentCause
from campaigns.forms.plan import AdjustForm
from campaigns.models import Campaign
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import Job
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.registry.models import Authority


@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: PortalRequest, pk: int) -> HttpResponse:
    """``?authority=`` chooses the district; a district's office has its own and no other."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    runs = bool(policies.may_run_campaigns(request.user))
    offered = Authority.objects.districts().filter(pk__in=routing.jurisdiction(campaign.organiser))
    authority = _asked(request, offered, runs=runs)
    require(policies.may_adjust_for(request.user, authority))
    if request.method != "POST":
        require(policies.can_adjust(request.user, campaign, authority))
    now = adjusting.values(campaign, authority)
    form = AdjustForm(request.POST or None, values=now)
    tried = attempt(
        request,
        form,
        lambda: adjusting.request(
            campaign,
            authority=authority,
            actor=request.user,
            wanted=form.wanted(),
            cause=AdjustmentCause(form.cleaned_data["cause"]),
            note=form.cleaned_data["note"],
        ),
    )
    if tried.done:
        made = tried.made
        if isinstance(made, Job):
            return redirect("common:job", pk=made.pk)
        messages.success(request, f"方案已调整：{'；'.join(map(str, made))}。")
        return go(request, campaign)
    context = {
        "campaign": campaign,
        "authority": authority,
        "offices": offered if runs else [],
        "form": form,
        "history": adjusting.history(campaign)[:50],
    }
    return render(request, "campaigns/adjust.html", context, status=tried.status)


def _asked(request: PortalRequest, offered: QuerySet[Authority], *, runs: bool) -> Authority | None:
    if not runs:
        return request.user.acting.authority if request.user.acting else None
    wanted = request.GET.get("authority", "")
    if not wanted:
        return None
    if not is_key(wanted):
        raise Http404
    return get_object_or_404(offered, pk=wanted)
