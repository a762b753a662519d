"""What left the portal and what did not; over which channels one wants to be reached."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common import clock
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.notifications import delivery, letters, policies, preferences
from metrostd.notifications.enums import Channel, Progress
from metrostd.notifications.models import Envelope

#: In the address of the list: what somebody has to see to.
_TROUBLE = "trouble"


@require_http_methods(["GET", "POST"])
def channels(request: PortalRequest) -> HttpResponse:
    """One's own choice; the inbox stays, and what the law asks goes by mail all the same."""
    person = request.user
    if request.method == "POST":
        changed = preferences.choose(person, request.POST.getlist("channel"), actor=person)
        messages.success(request, f"已保存：{'；'.join(changed)}。" if changed else "没有改动。")
        return redirect("notifications:channels")
    context: Context = {"choices": preferences.choices_for(person)}
    return render(request, "notifications/channels.html", context)


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Digests of the people one answers for, the newest first; those that failed on request."""
    require(policies.may_see_outbox(request.user))
    visible = Envelope.objects.visible_to(request.user)
    rows = visible.select_related("user")
    failed = rows.unsuccessful().count()
    if (asked := request.GET.get("progress", "")) in Progress.values:
        rows = rows.in_progress(asked)
    elif asked == _TROUBLE:
        rows = rows.unsuccessful()
    if (channel := request.GET.get("channel", "")) in Channel.outward:
        rows = rows.filter(channel=channel)
    if words := request.GET.get("q", "").strip():
        rows = rows.filter(user__display_name__icontains=words)
    context: Context = {
        "page": page_of(request, rows),
        "failed": failed,
        "still_since": delivery.standing_still(visible, clock.now()),
        "progresses": [*Progress.choices, (_TROUBLE, "发送失败和已退信")],
        "channels": [(c.value, c.label) for c in Channel if c in Channel.outward],
    }
    return render(request, "notifications/outbox.html", context)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """One digest: what it is about, where it went, why it did not."""
    envelope = _envelope(request, pk)
    require(policies.may_see_outbox(request.user))
    context: Context = {
        "envelope": envelope,
        "address": letters.masked_address(envelope),
        "lines": envelope.lines.select_related("membership__unit", "membership__authority").order_by("pk"),
        "attempts": envelope.attempts.all()[:50],
        "again": policies.can_send_again(request.user, envelope),
    }  # fmt: skip
    return render(request, "notifications/envelope.html", context)


@require_POST
def send_again(request: PortalRequest, pk: int) -> HttpResponse:
    """After the cause is gone: in the next minute."""
    envelope = _envelope(request, pk)
    require(policies.can_send_again(request.user, envelope))
    delivery.send_again(envelope, actor=request.user)
    messages.success(request, "已排队，一分钟内再发一次。")
    return go(request, envelope)


def _envelope(request: PortalRequest, pk: int) -> Envelope:
    rows = Envelope.objects.visible_to(request.user).select_related("user")
    return get_object_or_404(rows, pk=pk)
