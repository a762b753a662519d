"""The auditors' desk: the trail searched, and where its seal stands."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from metrostd.common import audit, clock
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.policies import require
from metrostd.common.shapes import Context

from . import policies
from .enums import Kind
from .models import TrailBlock
from .searching import TrailSearch


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Who did or saw what, when and from where. That an auditor looked is on record as well."""
    require(policies.can_audit(request.user))
    found = TrailSearch(request.GET, on=clock.today())
    audit.record_access(
        actor=request.user, kind="审计查询", what=f"审计 {request.GET.urlencode()}".strip()
    )
    context: Context = {
        "page": page_of(request, found.rows()),
        "search": found,
        "changes": found.kind == Kind.CHANGE,
        "kinds": Kind.choices,
        "last": TrailBlock.objects.order_by("-number").first(),
    }
    return render(request, "trail/index.html", context)


@require_safe
def blocks(request: PortalRequest) -> HttpResponse:
    """The blocks of the seal: an auditor compares heads with those of earlier messages and papers."""
    require(policies.can_audit(request.user))
    context: Context = {"page": page_of(request, TrailBlock.objects.order_by("-number"))}
    return render(request, "trail/blocks.html", context)
