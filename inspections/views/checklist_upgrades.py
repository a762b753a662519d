"""A running campaign goes over to another version of a checklist: what that changes is seen before the act."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from campaigns import checklists
from campaigns.models import Campaign, ChecklistTemplate
from inspections import checklist_effect, policies
from inspections.forms import UpgradeForm
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_date


@require_http_methods(["GET", "HEAD", "POST"])
def upgrade(request: PortalRequest, pk: int, campaign_pk: int) -> HttpResponse:
    """Items, sheets and Annex 3 before and after; the day, the reason and the code make it so."""
    require(policies.can_keep_checklists(request.user))
    row, campaign = _found(request, pk, campaign_pk)
    form = UpgradeForm(request.POST or None, initial={"day": clock.today()})
    tried = attempt(
        request,
        form,
        lambda: checklists.upgrade(campaign, row, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(
            request, f"{cn_date(tried.made.since)}起{campaign}改用这一版，已告知有关部门。"
        )
        return go(request, row)
    waiting = checklists.planned(campaign, row.kind)
    effect = checklist_effect.effect_of(campaign, row)
    context: Context = {
        "row": row,
        "campaign": campaign,
        "form": form,
        "effect": effect,
        "before": f"第{effect.before.version}版",
        "after": f"第{row.version}版",
        "codes": checklist_effect.CODES,
        "planned": waiting,
        "history": campaign.checklists.filter(kind=row.kind).select_related(
            "template", "decided_by"
        ),
        "is_open": campaign.state == Campaign.States.OPEN and waiting is None,
    }
    return render(request, "inspections/checklists/upgrade.html", context, status=tried.status)


@require_POST
def withdraw(request: PortalRequest, pk: int, campaign_pk: int) -> HttpResponse:
    """What was to happen on a later day does not."""
    require(policies.can_keep_checklists(request.user))
    row, campaign = _found(request, pk, campaign_pk)
    checklists.withdraw_upgrade(campaign, row.kind, actor=request.user)
    messages.success(request, "已撤回，本次专项行动保持现在的版本，已告知有关部门。")
    return redirect("inspections:checklist_upgrade", row.pk, campaign.pk)


def _found(request: PortalRequest, pk: int, campaign_pk: int) -> tuple[ChecklistTemplate, Campaign]:
    return (
        get_object_or_404(ChecklistTemplate.objects.visible_to(request.user), pk=pk),
        get_object_or_404(Campaign.objects.visible_to(request.user), pk=campaign_pk),
    )
