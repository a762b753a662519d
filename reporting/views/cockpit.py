"""The cockpit: the first page of 汇总, of the whole city or of one district."""

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from metrostd.common import clock
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_datetime
from reporting import policies
from reporting.annex3 import WHOLE_CITY
from reporting.cockpit import comparison
from reporting.cockpit.narrowing import CATEGORIES, Narrowing
from reporting.cockpit.page import Asked, build
from reporting.cockpit.sheets import TABLES
from reporting.queries import Scope
from reporting.rows import TOTAL

from .tables import Choice, choice_of


@require_safe
def cockpit(request: PortalRequest) -> HttpResponse:
    """Where the campaign stands. The address says campaign, office, category and day."""
    require(policies.can_read_statistics(request.user))
    choice = choice_of(request)
    if choice is None:
        return render(request, "reporting/no_campaign.html")
    category = _category(request)
    asked = _asked(choice, category)
    context = {
        **_filters(choice, category),
        "earlier_url": reverse("reporting:cockpit_earlier") + choice.query(category=category),
        "judged_url": reverse("reporting:cockpit_judged") + choice.query(category=category),
        "clear_url": reverse("reporting:cockpit") + choice.query(as_of=""),
        "annex_url": reverse("reporting:annex3") + choice.query(),
        "counted_at": cn_datetime(asked.scope.as_of),
        "export_query": choice.query(category=category),
        **build(asked),
    }
    return render(request, "reporting/cockpit/cockpit.html", context)


@require_safe
@exported
def table(request: PortalRequest, name: str) -> Export:
    """The table behind one chart, as a workbook."""
    require(policies.can_read_statistics(request.user))
    choice = choice_of(request)
    if choice is None or name not in TABLES:
        raise Http404
    category = _category(request)
    asked = _asked(choice, category)
    shown, found = TABLES[name], build(asked)
    office = choice.authority.short_name if choice.authority else "全市"
    parts = (office, dict(CATEGORIES).get(category, ""), f"截至 {cn_datetime(asked.scope.as_of)}")
    sheet = shown.sheet(found, about="，".join(filter(None, parts)))
    return Export(
        what=f"驾驶舱 {shown.title} {choice.campaign}",
        filename=f"{shown.title}-{office}.xlsx",
        count=lambda: len(shown.rows(found)),
        sheets=lambda: [sheet],
    )


@require_safe
def judged(request: PortalRequest) -> HttpResponse:
    """The pass rate of every item, of which the cockpit shows the lowest."""
    require(policies.can_read_statistics(request.user))
    choice = choice_of(request)
    if choice is None:
        return render(request, "reporting/no_campaign.html")
    category = _category(request)
    asked = _asked(choice, category)
    export = reverse("reporting:cockpit_table", args=["judged"])
    context = {
        "choice": choice,
        "back": asked.page(),
        "counted_at": cn_datetime(asked.scope.as_of),
        "office_name": choice.authority.short_name if choice.authority else "全市",
        "export_url": export + choice.query(category=category),
        "judged": build(asked)["judged"],
    }
    return render(request, "reporting/cockpit/judged_page.html", context)


@require_safe
def earlier(request: PortalRequest) -> HttpResponse:
    """The rates of a campaign beside those of the one before it, on the same day of its course."""
    require(policies.can_read_statistics(request.user))
    choice = choice_of(request)
    if choice is None:
        return render(request, "reporting/no_campaign.html")
    category = _category(request)
    asked = _asked(choice, category)
    context = {
        "choice": choice,
        "back": asked.page(),
        "counted_at": cn_datetime(asked.scope.as_of),
        "office_name": choice.authority.short_name if choice.authority else "全市",
        "earlier": None,
    }
    before = comparison.before(choice.campaign, viewer=request.user)
    if before is not None:
        day = comparison.same_day(choice.campaign, before, asked.scope.day)
        then = _asked(
            replace(choice, campaign=before, as_of=day, asked_day=day.isoformat()), category
        )
        found = comparison.rows(asked.scope, then.scope, category, asked.address, then.address)
        context |= {"earlier": before, "day": day, "rows": found}
    return render(request, "reporting/cockpit/earlier.html", context)


def _category(request: PortalRequest) -> str:
    try:
        return Narrowing.of({"category": request.GET.get("category", "")}).category
    except ValueError as error:
        raise Http404 from error


def _filters(choice: Choice, category: str) -> Context:
    """What the filters offer, and what they stand at."""
    return {
        "choice": choice,
        "office_code": choice.authority.code if choice.authority else WHOLE_CITY,
        "office_name": choice.authority.short_name if choice.authority else "全市",
        "category": category,
        "categories": CATEGORIES,
        "today": clock.today(),
    }


def _asked(choice: Choice, category: str) -> Asked:
    lists, page = reverse("reporting:records"), reverse("reporting:cockpit")

    def address(figure: str, *, block: str = "I", row: str = TOTAL, **more: str) -> str:
        known = {"category": category, "from": "cockpit"} | more
        return lists + choice.query(block=block, row=row, figure=figure, **known)

    def of_page(**more: str) -> str:
        return page + choice.query(category=category, **more)

    return Asked(
        campaign=choice.campaign,
        authority=choice.authority,
        offices=choice.offices,
        scope=Scope.of(choice.campaign, choice.authority, choice.as_of),
        category=category,
        address=address,
        page=of_page,
    )
