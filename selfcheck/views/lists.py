"""The list of reports: a unit's own as cards, an office's as a table that exports what it shows."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaigns import chasing, policies
from campaigns.chase_answers import answer
from campaigns.current import current_campaign, elsewhere, listed_campaigns, own_campaigns
from campaigns.enums import DutyKind
from metrostd.accounts.asked_by import AskedBy
from metrostd.common import clock
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.keyed import KeyedRows, ShownRows
from metrostd.common.picking import picked
from metrostd.common.roles import Role
from metrostd.common.templatetags.lists import query_string
from metrostd.registry.models import Authority
from selfcheck import documents
from selfcheck.enums import ReportState, SubjectKind
from selfcheck.forms import ReportFilter
from selfcheck.models import SelfCheckReport
from selfcheck.querysets import ReportQuerySet

_NAMED_OVERDUE = 12
_NAMED = ShownRows(lambda: SelfCheckReport.objects.with_name().only("due_on").order_by())
#: What the acting office itself owes, in all campaigns: one report in each.
_OF_BUREAU = AskedBy(
    lambda user: SelfCheckReport.objects.of_bureau(user).for_list().with_progress()
)


def _reports(request: PortalRequest, **about: object) -> ReportQuerySet:
    """Reports within reach, of the campaigns the list is about; ``about`` narrows the search for them."""
    campaigns = listed_campaigns(request)
    return SelfCheckReport.objects.within(campaign__in=campaigns, **about).visible_to(request.user)


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    campaign, reports = current_campaign(request), _reports(request)
    if request.user.scope.role == Role.UNIT_USER:
        return _own(request, reports)
    today, reports = clock.today(), reports.gathered()
    chosen = ReportFilter(request.GET, viewer=request.user)
    narrowed = chosen.narrow(reports, on=today)
    acting = request.user.acting
    own = acting.authority_id if acting else None
    counts, overdue_count = narrowed.tally(today, without_bureau=own)
    found = chosen.with_state(narrowed, on=today)
    state = request.GET.get("state", "")
    counted = sum(counts.values()) if found is narrowed else counts.get(state, 0)
    page = page_of(request, chosen.in_order(found, counted=counted))
    wanted = {"due_on__lt": today, "state__in": ReportState.editable}
    late = reports if reports.is_gathered else _reports(request, **wanted)
    overdue = late.overdue(today).not_of_bureau(request.user)
    if narrowed is not reports:
        overdue_count = overdue.count()
    by_day = overdue.order_by("due_on", "pk").values_list("pk", flat=True)
    named = KeyedRows(by_day, _NAMED, counted=overdue_count)
    # What the acting office owes is within its reach, whatever else is.
    running = {campaign.pk for campaign in own_campaigns(request)}
    context = {
        "campaign": campaign,
        "page": page,
        "filter": chosen,
        "today": today,
        "tabs": _tabs(request, counts),
        "relations": chosen.RELATIONS,
        "lateness": chosen.LATE,
        "kinds": SubjectKind.choices,
        "districts": [(a.pk, a.short_name) for a in Authority.objects.districts()]
        if request.user.scope.casework.everything
        else [],
        "overdue": named[:_NAMED_OVERDUE],
        "overdue_count": overdue_count,
        "overdue_subtitle": f"{overdue_count} 份",
        "editable": ReportState.editable,
        "subtitle": str(campaign or ""),
        "chase": policies.may_chase(request.user),
        "own": [row for row in _OF_BUREAU.rows(request.user) if row.campaign_id in running],
        "several": len(running) > 1,
        "elsewhere": []
        if page.object_list
        else elsewhere(request, SelfCheckReport.objects.visible_to(request.user), [campaign])
        if campaign
        else [],
    }
    return render(request, "selfcheck/index.html", context)


@require_POST
def chase(request: PortalRequest) -> HttpResponse:
    """催办 of reports that have not come: those ticked, or all that the conditions found."""
    chosen, today = ReportFilter(request.GET, viewer=request.user), clock.today()
    rows = chosen.with_state(chosen.narrow(_reports(request), on=today), on=today)
    owed = chasing.about(picked(request, rows), DutyKind.SELF_CHECK, DutyKind.BUREAU_SELF_CHECK)
    return answer(request, owed, back=reverse("selfcheck:index"))


def _tabs(request: PortalRequest, counts: dict[str, int]) -> list[dict]:
    """One link per state that occurs, with its count under the other filters, and one for all."""
    current = request.GET.get("state", "")
    tabs = [("", "全部", sum(counts.values()))] + [
        (value, label, counts[value]) for value, label in ReportState.choices if counts.get(value)
    ]
    return [
        {
            "label": label,
            "count": count,
            "current": value == current,
            "url": query_string(request, state=value, page=None),
        }
        for value, label, count in tabs
    ]


def _own(request: PortalRequest, reports: ReportQuerySet) -> HttpResponse:
    cards = list(reports.for_list().with_counts().with_progress())
    campaigns = listed_campaigns(request)
    everywhere = SelfCheckReport.objects.visible_to(request.user)
    context = {
        "cards": cards,
        "several": len(campaigns) > 1,
        "today": clock.today(),
        "elsewhere": [] if cards else elsewhere(request, everywhere, campaigns),
    }
    return render(request, "selfcheck/own.html", context)


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """The rows of the list under the same filter and in the same order, as a workbook."""
    campaign, reports = current_campaign(request), _reports(request)
    chosen = ReportFilter(request.GET, viewer=request.user)
    today = clock.today()
    narrowed = chosen.with_state(chosen.narrow(reports, on=today), on=today)
    rows = chosen.in_order(narrowed, counted=narrowed)
    return Export(
        restricted=True,
        what=f"自查报告清单 {campaign or ''} {request.GET.urlencode()}",
        filename=f"自查报告清单{today:%Y%m%d}.xlsx",
        count=rows.count,
        sheets=lambda: [documents.report_list(iter(rows), on=today)],
    )
