"""Campaigns: list, plan, opening and closing, the queue of undecided standards."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import (
    acts,
    adjusting,
    checklists,
    cloning,
    closing,
    extension,
    moves,
    policies,
    queries,
    services,
)
from campaigns import routing as rules
from campaigns.dates import Calendar
from campaigns.enums import CampaignState
from campaigns.forms.plan import CampaignForm, CloseForm, ResolveForm
from campaigns.models import Campaign, ClosedEdition, Duty, RoutedStandard
from campaigns.stages import stage_steps
from metrostd.accounts.acting import office_of
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.enums import JobState
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of, send_file
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.registry.models import Authority

from . import actions


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """All campaigns a person may know of, the newest first."""
    rows = Campaign.objects.visible_to(request.user).select_related("organiser")
    context = {
        "page": page_of(request, rows.prefetch_related("stages")),
        "can_create": policies.may_run_campaigns(request.user),
    }
    return render(request, "campaigns/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    """A new campaign with the notice's dates of the year ahead, or of the year in the address."""
    require(policies.may_run_campaigns(request.user))
    source = _source(request)
    moved: list[cloning.Moved] = []
    calendar = _calendar(request)
    named = calendar.notice_on.year
    first: dict[str, object] = {"code": str(named), "title": f"{named}年计量标准专项监督检查"}
    if source:
        named = max(named, source.notice_on.year + 1)
        calendar, moved = cloning.moved_to(source, named)
        first = {"code": str(named), "title": cloning.title_in(source, named)} | {
            name: getattr(source, name)
            for name in ("basis", "default_ratio", "district_review_ratio")
        }
    form = CampaignForm(request.POST or None, calendar=calendar, initial=first)
    if request.method == "POST" and form.is_valid():
        campaign = services.create_campaign(
            organiser=office_of(request),
            calendar=form.calendar(),
            actor=request.user,
            **form.values(),
        )
        messages.success(request, "专项行动已建立，核对后即可开启。")
        for words in cloning.take_over(source, campaign, actor=request.user) if source else ():
            messages.info(request, words)
        return go(request, campaign)
    context = {"form": form, "campaign": None, "source": source, "moved": moved}
    return render(request, "campaigns/form.html", context, status=_status(form))


def _calendar(request: PortalRequest) -> Calendar:
    """The notice's dates of the year in the address, or of the year ahead."""
    year = request.GET.get("year", "")
    asked = year.isdecimal() and 2000 <= int(year) <= 2100
    return Calendar.of_notice(int(year)) if asked else Calendar.ahead_of(clock.today())


def _source(request: PortalRequest) -> Campaign | None:
    """The campaign the address names as the pattern of a new one."""
    wanted = request.GET.get("from", "")
    if not is_key(wanted):
        return None
    return get_object_or_404(Campaign.objects.visible_to(request.user), pk=wanted)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """The plan of a campaign in preparation."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    require(policies.may_run_campaigns(request.user))
    if request.method != "POST":
        require(policies.can_edit(request.user, campaign))
    form = CampaignForm(
        request.POST or None, instance=campaign, calendar=Calendar.of_campaign(campaign)
    )
    if request.method == "POST" and form.is_valid():
        fresh = Campaign.objects.get(pk=pk)
        services.edit_campaign(fresh, calendar=form.calendar(), actor=request.user, **form.values())
        messages.success(request, "方案已保存。")
        return go(request, fresh)
    context = {"form": form, "campaign": campaign}
    return render(request, "campaigns/form.html", context, status=_status(form))


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """Where the campaign stands: stages and what is owed; how far each authority is follows (``progress``)."""
    campaign = get_object_or_404(
        Campaign.objects.visible_to(request.user).select_related("organiser"), pk=pk
    )
    user, today = request.user, clock.today()
    runs = bool(policies.may_run_campaigns(user))
    own = user.acting.authority if user.acting else None
    adjusted = list(adjusting.history(campaign))
    ratios = adjusting.Ratios.among(campaign, adjusted, at=None)
    draft = runs and campaign.state == CampaignState.DRAFT
    job = moves.opening_job(campaign) if draft else None
    owed = Duty.objects.by_now(today).within(campaign=campaign)
    context: Context = {
        "campaign": campaign,
        "steps": stage_steps(
            campaign,
            authority=own,
            on=today,
            notes=extension.stage_notes(campaign, user),
        ),
        "counts": queries.duty_counts(owed, viewer=user, on=today),
        "unresolved": campaign.routed.unresolved().count() if runs else 0,
        "editions": ClosedEdition.objects.visible_to(user)
        .filter(campaign=campaign)
        .select_related("closed_by", "reopened_by"),
        "ratio": ratios.of_office(own.pk if own else None),
        "history": adjusted,
        "checklists": checklists.said_of(campaign),
        "entries": AuditEntry.objects.about(campaign)[:20] if runs else [],
        "job": job if job and job.state != JobState.DONE else None,
        "act": acts.latest(campaign) if campaign.state != CampaignState.DRAFT else None,
        "actions": actions.of_campaign(user, campaign, job=job),
    }
    return render(request, "campaigns/detail.html", context)


@require_safe
def progress(request: PortalRequest, pk: int) -> HttpResponse:
    """How far each authority is: loaded into the campaign's page once that is shown, a page of its own without script."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    user, today = request.user, clock.today()
    owed = Duty.objects.by_now(today).within(campaign=campaign)
    context = {
        "campaign": campaign,
        "offices": queries.progress_by_office(campaign, owed, viewer=user, on=today),
    }
    page = "campaigns/progress.html"
    return render(request, f"{page}#progress" if request.htmx else page, context)


@require_POST
def open_campaign(request: PortalRequest, pk: int) -> HttpResponse:
    """Accepted at once; the work goes on in the background and shows its progress."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    require(policies.may_run_campaigns(request.user))
    job = moves.request_opening(campaign, actor=request.user)
    return redirect("common:job", pk=job.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: PortalRequest, pk: int) -> HttpResponse:
    """What stands against it or is left undone, and the last word: in the ordinary case one press, else code and reason."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    require(policies.may_run_campaigns(request.user))
    if request.method != "POST":
        require(policies.can_prepare_closing(request.user, campaign))
        if not (verdict := policies.can_close(request.user, campaign)):
            against = {"campaign": campaign, "reasons": verdict.reasons}
            return render(request, "campaigns/close.html", against)
    unusual = closing.left_open(campaign)
    form = CloseForm(request.POST or None, unusual=bool(unusual))
    moves.CLOSE.check(campaign)
    tried = attempt(
        request,
        form,
        lambda: moves.request_closing(campaign, actor=request.user, **form.cleaned_data),
    )
    if tried.done and tried.made:
        return redirect("common:job", pk=tried.made.pk)
    if tried.done:
        messages.success(request, "专项行动已结束，统计表已留存。")
        return go(request, campaign)
    context = {"campaign": campaign, "form": form, "unusual": unusual}
    return render(request, "campaigns/close.html", context, status=tried.status)


@require_POST
def reopen(request: PortalRequest, pk: int) -> HttpResponse:
    """Take up a closed campaign again, with a reason."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    require(policies.may_run_campaigns(request.user))
    moves.reopen_campaign(campaign, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "专项行动已重新开启，结束时取消的应办事项已恢复。")
    return go(request, campaign)


@require_safe
def edition(request: PortalRequest, pk: int) -> FileResponse:
    """The table as it was kept when the campaign was closed."""
    rows = ClosedEdition.objects.visible_to(request.user).exclude(table=None)
    row = get_object_or_404(rows.select_related("campaign", "table"), pk=pk)
    require(policies.may_run_campaigns(request.user))
    return send_file(request, row.table, filename=f"附件3 {row}.xlsx", what=f"{row}时的统计表")


@require_safe
def routing(request: PortalRequest, pk: int) -> HttpResponse:
    """Standards the rules could not give to an office, each with the choice to make."""
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=pk)
    require(policies.may_run_campaigns(request.user))
    return _queue(request, campaign)


@require_POST
def resolve(request: PortalRequest, pk: int) -> HttpResponse:
    routed = get_object_or_404(
        RoutedStandard.objects.visible_to(request.user).select_related(
            "campaign__organiser", "standard", "unit"
        ),
        pk=pk,
    )
    require(policies.may_run_campaigns(request.user))
    form = ResolveForm(request.POST, authorities=_authorities(routed.campaign))
    tried = attempt(
        request,
        form,
        lambda: services.resolve_routing(routed, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        done = f"“{routed.standard}”由{routed.inspecting_authority}组织检查。"
        messages.success(request, done)
        return redirect("campaigns:routing", pk=routed.campaign_id)
    return _queue(request, routed.campaign, failed=(routed.pk, form))


def _queue(
    request: PortalRequest, campaign: Campaign, *, failed: tuple[int, ResolveForm] | None = None
) -> HttpResponse:
    rows = (
        campaign.routed.unresolved()
        .select_related("standard", "unit", "issuing_authority")
        .order_by("unit__name", "pk")
    )
    context = {
        "campaign": campaign,
        "page": page_of(request, rows, size=25),
        "authorities": list(_authorities(campaign)),
        "failed_pk": failed[0] if failed else None,
        "errors": [e for errors in failed[1].errors.values() for e in errors] if failed else [],
        "typed": failed[1].data.get("note", "") if failed else "",
        "open": campaign.state == CampaignState.OPEN,
    }
    return render(request, "campaigns/routing.html", context, status=422 if failed else 200)


def _authorities(campaign: Campaign) -> QuerySet[Authority]:
    return Authority.objects.filter(pk__in=rules.jurisdiction(campaign.organiser)).order_by("code")


def _status(form: CampaignForm) -> int:
    return 422 if form.is_bound else 200
