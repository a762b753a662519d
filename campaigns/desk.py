"""工作台: what I owe by due date, what changed, where the campaign stands."""

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from metrostd.common import clock
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.keyed import KeyedRows
from metrostd.common.shapes import Context
from metrostd.notifications.models import Message

from . import extension, pledges
from .current import choose_campaign, current_campaign, keep_said
from .elsewhere import elsewhere
from .enums import DutyKind
from .models import Campaign, Duty


@require_safe
def desk(request: PortalRequest) -> HttpResponse:
    """Duties of the acting membership in every campaign and in none, the nearest first; beside them those of one's others."""
    if request.user.acting is None:
        return redirect("accounts:choose")
    today = clock.today()
    owed = Duty.objects.by_now(today).owed_by(request.user)
    tallies = owed.tally(today)
    mine = owed.open()
    only = request.GET.get("only", "")
    kind = request.GET.get("kind", "")
    shown = mine.overdue(today) if only == "overdue" else mine
    if kind in DutyKind.values:
        shown = shown.filter(kind=kind)
    owing = pledges.owing(request.user)
    groups = [] if only or kind or owing else extension.todays_work(request.user, today)
    if owing:
        shown = shown.exclude(campaign__in=owing, kind__in=DutyKind.under_pledge)
    for card in (card for group in groups for card in group.cards):
        shown = shown.not_about(card.target)
    keys = shown.in_order("due_on", "pk").values_list("pk", flat=True)
    counted = shown.order_by()
    page = page_of(request, KeyedRows(keys, owed.same_day().for_table(), counted=counted), size=20)
    campaign = current_campaign(request)
    panels = extension.desk_panels(campaign, request.user)
    keep_said(request, campaign, {kind: said for p in panels for kind, said in p.said.items()})
    overdue = sum(tally["late"] for tally in tallies.values())
    context: Context = {
        "subtitle": f"{today.year}年{today.month}月{today.day}日 星期{'一二三四五六日'[today.weekday()]}",
        "overdue_tone": "bad" if overdue else "",
        "owing": owing,
        "groups": groups,
        "page": page,
        "today": today,
        "only": only,
        "kind": kind,
        "kinds": [(k.value, k.label) for k in DutyKind if tallies.get(k, {}).get("waiting")],
        "open_count": sum(tally["waiting"] for tally in tallies.values()),
        "overdue_count": overdue,
        "campaign": campaign,
        "elsewhere": elsewhere(request.user, today),
        "panels": panels,
        "messages_new": Message.objects.visible_to(request.user).unread()[:6],
        "done_count": sum(tally["done"] for tally in tallies.values()),
    }
    return render(request, "campaigns/desk.html", context)


@require_safe
def duty(request: PortalRequest, pk: int) -> HttpResponse:
    """One click from a duty to the thing itself."""
    row = get_object_or_404(Duty.objects.visible_to(request.user), pk=pk)
    if row.kind in (DutyKind.DRAW, DutyKind.BUREAU_DRAW):
        return redirect(f"{reverse('campaigns:sampling')}?campaign={row.campaign_id}")
    if row.target is None:
        raise Http404
    return redirect(row.target.get_absolute_url())


@require_POST
def choose(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose the campaign every page looks at, and stay on the page."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    choose_campaign(request.user, campaign)
    target = _without_campaign(request.POST.get("next", ""))
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return go(request, target if safe else "desk")


def _without_campaign(target: str) -> str:
    """The address to come back to, without the campaign and the page number it named."""
    path, _, query = target.partition("?")
    kept = QueryDict(query, mutable=True)
    for name in ("campaign", "page"):
        kept.pop(name, None)
    return f"{path}?{kept.urlencode()}" if kept else path
