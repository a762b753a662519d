"""工作台: what I owe by due date, what changed, where the campaign stands."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from metrostd.common import clock
from metrostd.common.http import go, page_of
from metrostd.notifications.models import Message

from .current import SESSION_KEY, current_campaign
from .enums import DutyKind
from .models import Campaign, Duty


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Duties of the acting membership in every running campaign, the nearest first."""
    if request.user.acting is None:
        return redirect("accounts:choose")
    today = clock.today()
    mine = Duty.objects.owed_by(request.user).open()
    only = request.GET.get("only", "")
    kind = request.GET.get("kind", "")
    shown = mine.overdue(today) if only == "overdue" else mine
    if kind in DutyKind.values:
        shown = shown.filter(kind=kind)
    page = page_of(request, shown.for_list(), size=20)
    present = set(mine.order_by().values_list("kind", flat=True).distinct())
    overdue = mine.overdue(today).count()
    context: dict[str, Any] = {
        "subtitle": f"{today.year}年{today.month}月{today.day}日 星期{'一二三四五六日'[today.weekday()]}",
        "overdue_tone": "bad" if overdue else "",
        "page": page,
        "today": today,
        "only": only,
        "kind": kind,
        "kinds": [(k.value, k.label) for k in DutyKind if k.value in present],
        "open_count": mine.count(),
        "overdue_count": overdue,
        "campaign": current_campaign(request),
        "messages_new": Message.objects.visible_to(request.user).unread()[:6],
        "done_count": Duty.objects.owed_by(request.user).exclude(fulfilled_at=None).count(),
    }
    return render(request, "campaigns/desk.html", context)


@require_safe
def duty(request: HttpRequest, pk: int) -> HttpResponse:
    """One click from a duty to the thing itself."""
    row = get_object_or_404(Duty.objects.visible_to(request.user), pk=pk)
    if row.kind == DutyKind.DRAW:
        return redirect(f"{reverse('campaigns:sampling')}?campaign={row.campaign_id}")
    if row.target is None:
        raise Http404
    return redirect(row.target.get_absolute_url())


@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the campaign every page looks at."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    request.session[SESSION_KEY] = campaign.pk
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return go(request, target if safe else "desk")
