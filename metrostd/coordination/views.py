"""The desk of either side: what the other has done, and who has taken note."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from metrostd.common.http import PortalRequest, page_of
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.registry.models import Authority

from . import policies, pushing
from .enums import PushKind, Side
from .models import Push
from .querysets import PushQuerySet

#: Unread and all, beside the kinds.
_SHOWN = (("unread", "未阅"), ("all", "全部"))


def _rows(request: PortalRequest) -> PushQuerySet:
    rows = Push.objects.visible_to(request.user)
    asked = request.GET
    if asked.get("shown") != "all":
        rows = rows.unread()
    if asked.get("kind") in PushKind.values:
        rows = rows.filter(kind=asked["kind"])
    if is_key(office := asked.get("district", "")):
        rows = rows.filter(authority=office)
    return rows


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    require(policies.may_see(request.user))
    whole = request.user.scope.casework.everything
    acting = request.user.acting
    office = acting.authority if acting else None
    mine = Push.objects.visible_to(request.user)
    kinds = PushKind if whole else [k for k in PushKind if k.side == _side(request)]
    context = {
        "page": page_of(request, _rows(request).for_list()),
        "unread": mine.unread().count(),
        "total": mine.count(),
        "kinds": [(kind.value, kind.label) for kind in kinds],
        "shown": _SHOWN,
        "districts": list(
            Authority.objects.filter(approval_split=True).values_list("pk", "short_name")
        )
        if whole
        else [],
        "whole": whole,
        "side": None if whole else _side(request).label,
        "office": office,
        "can_read": policies.may_read(request.user),
    }
    return render(request, "coordination/index.html", context)


def _side(request: PortalRequest) -> Side:
    """On which side of the office somebody sits."""
    return Side.APPROVAL if not request.user.scope.casework.authority_ids else Side.SUPERVISION


@require_POST
def read(request: PortalRequest) -> HttpResponse:
    """Take note of one, or of all that are shown."""
    require(policies.may_read(request.user))
    rows = Push.objects.visible_to(request.user).unread()
    one = request.POST.get("push", "")
    if one:
        rows = rows.filter(pk=one) if is_key(one) else rows.none()
    acting = request.user.acting
    number = pushing.read(list(rows), actor=acting) if acting else 0
    messages.success(request, f"已阅知{number}条。")
    return redirect("coordination:index")
