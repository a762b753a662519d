"""现场看板: the page asks for its middle part again every quarter of a minute."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.current import listed_campaigns
from inspections import policies
from inspections.board import board
from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.common.http import PortalRequest
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.registry.models import Authority


@require_safe
def live(request: PortalRequest) -> HttpResponse:
    """The visits of today within what the office sees, of one office when the address says so."""
    require(policies.may_oversee_visits(request.user))
    rows = InspectionTask.objects.visible_to(request.user).listed().order_by()
    rows = rows.filter(campaign__in=listed_campaigns(request))
    asked = request.GET.get("district", "")
    shown = rows.filter(authority=int(asked)) if is_key(asked) else rows
    context = {"board": board(shown, viewer=request.user), "today": clock.today()}
    if request.htmx:
        return render(request, "inspections/board.html#live", context)
    districts = []
    if request.user.scope.casework.everything:
        offices = Authority.objects.filter(pk__in=rows.values("authority")).order_by("code")
        districts = [(row.pk, row.short_name) for row in offices]
    return render(request, "inspections/board.html", context | {"districts": districts})
