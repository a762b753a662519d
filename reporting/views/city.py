"""What offices have handed in, office by office; those that have not, by name."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from campaigns.current import current_campaign
from metrostd.common import clock
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require
from metrostd.common.roles import Role
from reporting import moves, policies, services
from reporting.enums import StatReportState
from reporting.models import StatReport


@require_safe
def reports(request: PortalRequest) -> HttpResponse:
    """The municipal office's list; a district is led to its own page."""
    require(policies.can_read_statistics(request.user))
    campaign = current_campaign(request)
    rows = StatReport.objects.visible_to(request.user).filter(campaign=campaign).for_list()
    found = list(rows)
    if len(found) == 1 and request.user.scope.role == Role.DISTRICT_ADMIN:
        return redirect(found[0])
    today = clock.today()
    owing = [row for row in found if row.state in StatReportState.with_office]
    context = {
        "campaign": campaign,
        "today": today,
        "reports": [(row, policies.can_remind(request.user, row)) for row in found],
        "missing": owing,
        "is_past": bool(campaign and today > campaign.summary_due),
        "due": moves.words_of_due(found[0]) if found else "",
        "handed_in": sum(row.state in StatReportState.handed_in for row in found),
        "taken": sum(row.is_accepted for row in found),
        "waiting": sum(row.state == StatReportState.SUBMITTED for row in found),
        "can_remind": any(policies.can_remind(request.user, row) for row in owing),
    }
    return render(request, "reporting/reports.html", context)


@require_POST
def remind_all(request: PortalRequest) -> HttpResponse:
    """One press for every office that has not handed in and has not been reminded today."""
    require(policies.can_read_statistics(request.user))
    campaign = current_campaign(request)
    rows = StatReport.objects.visible_to(request.user).filter(campaign=campaign).owed().for_list()
    told = 0
    for row in rows:
        if policies.can_remind(request.user, row):
            services.remind(row, actor=request.user)
            told += 1
    messages.success(request, f"已催办 {told} 个部门。" if told else "今天都已催办过。")
    return go(request, "reporting:reports")
