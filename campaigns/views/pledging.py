"""保密承诺书: read and sign it, look who has, print it."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import pledges, policies
from campaigns.documents import PLEDGE
from campaigns.models import AskedPledge, Campaign, Pledge
from metrostd.accounts.models import Membership
from metrostd.common import audit
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.paper_views import hand_out, kept
from metrostd.common.papers import paper_of
from metrostd.common.policies import require
from metrostd.common.roles import Role
from metrostd.common.shapes import Context


def _campaign(request: PortalRequest, pk: int) -> Campaign:
    rows = Campaign.objects.visible_to(request.user).select_related("organiser")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def pledge(request: PortalRequest, pk: int) -> HttpResponse:
    """The words, and the signature of whoever is signed in; afterwards what was signed."""
    campaign = _campaign(request, pk)
    require(pledges.can_sign(request.user, campaign))
    if request.method == "POST":
        pledges.sign(campaign, actor=request.user)
        messages.success(request, "已签署保密承诺书，现在可以查看这次专项行动的检查资料。")
        return go(request, reverse("desk"))
    own = Pledge.objects.filter(campaign=campaign, person=request.user.pk)
    asked = AskedPledge.objects.select_related("words").get(campaign=campaign)
    signed = own.select_related("words").first()
    context: Context = {
        "campaign": campaign,
        "words": signed.words if signed else asked.words,
        "signed": signed,
    }
    return render(request, "campaigns/pledge.html", context)


@require_POST
def ask(request: PortalRequest, pk: int) -> HttpResponse:
    """For a campaign that was opened before there were pledges."""
    campaign = _campaign(request, pk)
    require(policies.can_ask_pledge(request.user, campaign))
    pledges.ask(campaign, actor=request.user)
    messages.success(request, "已要求签署保密承诺书。")
    return go(request, campaign)


@require_safe
def signed(request: PortalRequest, pk: int) -> HttpResponse:
    """Who of the office's people has signed, and who has not yet."""
    campaign = _campaign(request, pk)
    require(policies.may_see_pledges(request.user))
    rows = Pledge.objects.visible_to(request.user).filter(campaign=campaign)
    people = Membership.objects.visible_to(request.user).active().filter(role__in=Role.pledged)
    missing = people.exclude(user__pledges__campaign=campaign)
    context: Context = {
        "campaign": campaign,
        "asked": AskedPledge.objects.select_related("words").filter(campaign=campaign).first(),
        "page": page_of(request, rows.select_related("words")),
        "missing": missing.select_related("user", "authority").order_by("authority__code", "pk"),
    }
    return render(request, "campaigns/pledges.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """A signed pledge on paper: one's own, and for an office those of its people."""
    rows = Pledge.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related("campaign__organiser", "words"), pk=pk)
    title = f"保密承诺书 {row.named}"

    def note() -> None:
        audit.record_access(actor=request.user, kind="view", what=f"{title} {row.campaign}")

    wanted = kept(
        paper_of(PLEDGE, pledges.words_of(row), title=title),
        title=title,
        filename=f"保密承诺书-{row.named}.pdf",
        note=note,
        back=row.campaign.get_absolute_url(),
    )
    return hand_out(request, wanted)
