"""The inbox of the acting membership."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.notifications import services
from metrostd.notifications.models import Message


@require_safe
def inbox(request: PortalRequest) -> HttpResponse:
    rows = Message.objects.visible_to(request.user)
    only = request.GET.get("only", "")
    page = page_of(request, rows.unread() if only == "unread" else rows, size=30)
    return render(request, "notifications/inbox.html", {"page": page, "only": only})


@require_POST
def open_message(request: PortalRequest, pk: int) -> HttpResponse:
    """Mark one message as read and go to what it is about."""
    rows = Message.objects.visible_to(request.user)
    message = get_object_or_404(rows, pk=pk)
    services.mark_read(rows.filter(pk=pk))
    return go(request, message.url or "notifications:inbox")


@require_POST
def read_all(request: PortalRequest) -> HttpResponse:
    services.mark_read(Message.objects.visible_to(request.user))
    return go(request, "notifications:inbox")
