"""抽样框: what each office inspects, shown and then frozen before anything is drawn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import acts, adjusting, documents, frames, moves, policies, queries, sampling
from campaigns.current import elsewhere
from campaigns.enums import DrawState, FrameState
from campaigns.forms.draws import AnnulForm
from campaigns.models import (
    Campaign,
    DrawTerms,
    FrameCase,
    FrameStandard,
    RoutedStandard,
    SamplingFrame,
)
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry, Job
from metrostd.common.policies import Verdict, not_now, require
from metrostd.common.shapes import Context
from metrostd.registry.models import Authority, MeasurementStandard, Unit

from . import bureau_draws
from .chosen import chosen_campaign

#: Excluded rows shown on the page; the workbook has all of them.
SHOWN = 200


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Every inspecting authority within reach; a single one with a frame is led to it."""
    require(policies.may_sample(request.user))
    campaign = chosen_campaign(request)
    rows = queries.sampling_by_office(campaign, viewer=request.user) if campaign else []
    unsigned = queries.unsigned_lists(row.authority for row in rows)
    working = acts.lists_under_way(campaign) if campaign else {}
    everything = request.user.scope.casework.everything
    if len(rows) == 1 and rows[0].frame and not everything:
        return redirect(rows[0].frame)
    routed = RoutedStandard.objects.exclude(inspecting_authority=None)
    mine = routed.filter(request.user.scope.casework.as_q(authority="inspecting_authority"))
    context = {
        "campaign": campaign,
        "elsewhere": [] if rows or not campaign else elsewhere(request, mine, [campaign]),
        "rows": [
            (row, _showing(request.user, campaign, row, unsigned.get(row.authority.pk, 0), working))
            for row in rows
        ],
        "totals": {
            "units": sum(r.units for r in rows),
            "frozen": sum(r.frame is not None and r.frame.state == FrameState.FROZEN for r in rows),
            "drawn": sum(r.run is not None for r in rows),
            "random": sum(r.random for r in rows),
            "directed": sum(r.directed for r in rows),
        },
        "bureaus": bureau_draws.standing(request.user, campaign) if campaign else None,
    }
    return render(request, "campaigns/sampling.html", context)


@require_POST
def show(request: PortalRequest, pk: int, authority_pk: int) -> HttpResponse:
    campaign = get_object_or_404(
        Campaign.objects.visible_to(request.user).select_related("organiser"), pk=pk
    )
    require(policies.may_sample(request.user))
    reach = request.user.scope.casework.as_q(authority="pk")
    authority = get_object_or_404(Authority.objects.filter(reach), pk=authority_pk)
    frame = sampling.request_showing(campaign, authority, actor=request.user)
    if isinstance(frame, Job):
        return redirect("common:job", pk=frame.pk)
    messages.success(request, f"{authority}的名单已公示，3天以后冻结。")
    return go(request, frame)


@require_POST
def freeze(request: PortalRequest, pk: int) -> HttpResponse:
    row = _frame(request, pk)
    require(policies.may_sample_for(request.user, row.authority))
    made = sampling.request_freezing(row, actor=request.user)
    if isinstance(made, Job):
        return redirect("common:job", pk=made.pk)
    messages.success(request, f"{row.authority}的名单已冻结，下一步公布抽取约定。")
    return go(request, row)


@require_POST
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    row = _frame(request, pk)
    require(policies.may_sample_for(request.user, row.authority))
    sampling.withdraw_frame(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"{row.authority}的名单已收回，可以重新公示。")
    return go(request, row)


@require_http_methods(["GET", "HEAD", "POST"])
def annul(request: PortalRequest, pk: int) -> HttpResponse:
    """Give up a frozen list, its terms and its draw: by those above, on the grounds there are."""
    rows = SamplingFrame.objects.filter(
        Q(pk__in=SamplingFrame.objects.visible_to(request.user))
        | Q(terms__in=DrawTerms.objects.visible_to(request.user))
    )
    row = get_object_or_404(
        rows.select_related("campaign__organiser", "authority").distinct(), pk=pk
    )
    require(policies.may_decide(request.user, row))
    form = AnnulForm(request.POST or None)
    tried = attempt(
        request, form, lambda: moves.annul_freeze(row, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        messages.success(request, "名单和约定已废止，随机数已公布。")
        return redirect("campaigns:terms_index")
    context = {"frame_row": row, "form": form, "can_annul": policies.can_annul(request.user, row)}
    return render(request, "campaigns/annul.html", context, status=tried.status)


@require_safe
@confidential(attrgetter("authority"))
def frame(request: PortalRequest, pk: int) -> HttpResponse:
    """The frozen list by unit, its fields, what was left out and what came later; or the list of bureaus."""
    row = _frame(request, pk)
    standing = _standing(request.user, row)
    if row.of_bureaus:
        context = standing | bureau_draws.frame_context(row)
        return render(request, "campaigns/frame_bureaus.html", context)
    frozen = row.state == FrameState.FROZEN
    later = frames.added_later(row) if frozen else MeasurementStandard.objects.none()
    excluded = row.exclusions.select_related("unit", "standard").order_by("unit__name", "pk")
    units = row.entries.aggregate(units=Count("unit", distinct=True), standards=Count("pk"))
    page = page_of(request, _units(row, request.GET.get("q", "").strip()), size=25)
    context = standing | {
        "page": page,
        "groups": _by_unit(row, page.object_list),
        "fields": queries.fields_of(row),
        "totals": units,
        "plan_ratio": adjusting.ratio_of(row.campaign, row.authority),
        "territory": queries.units_in_territory(row),
        "excluded": excluded[:SHOWN],
        "excluded_count": excluded.count(),
        "later": later[:SHOWN],
        "later_count": later.count(),
    }
    return render(request, "campaigns/frame.html", context)


def _standing(user: Actor, row: SamplingFrame) -> Context:
    """How far a list has come, and who may do what with it."""
    run, live = row.runs.valid().first(), row.terms.live().first()
    return {
        "frame_row": row,
        "act": acts.latest(row.campaign, about=acts.list_key(row)),
        "campaign": row.campaign,
        "run": run,
        "void_runs": row.runs.filter(state=DrawState.VOID).select_related("run_by"),
        "live": live,
        "all_terms": row.terms.all(),
        "ready_at": row.shown_at + moves.SHOWN_FOR,
        "can_freeze": policies.can_freeze(user, row),
        "can_withdraw": policies.can_withdraw(user, row),
        "can_annul": policies.can_annul(user, row),
        "can_announce": policies.can_announce(
            user, row, drawn=run is not None, live=live is not None
        ),
        "entries": AuditEntry.objects.about(row)[:20],
    }


@require_safe
@exported
def export(request: PortalRequest, pk: int) -> Export:
    """The frozen list and what was left out of it."""
    row = _frame(request, pk)
    return Export(
        restricted=True,
        what=f"{row.campaign} {row}",
        filename=f"抽样框-{row.authority}-{clock.today():%Y%m%d}.xlsx",
        count=lambda: (
            row.entries.count()
            + row.exclusions.count()
            + FrameCase.objects.filter(listed__frame=row).count()
        ),
        sheets=lambda: (bureau_draws if row.of_bureaus else documents).frame_sheets(row),
    )


def _frame(request: PortalRequest, pk: int) -> SamplingFrame:
    rows = SamplingFrame.objects.visible_to(request.user).select_related(
        "campaign__organiser", "authority", "frozen_by", "shown_by"
    )
    row = get_object_or_404(rows, pk=pk)
    require(policies.may_sample(request.user))
    return row


def _units(row: SamplingFrame, words: str) -> QuerySet[Unit]:
    units = Unit.with_merged.filter(pk__in=row.entries.values("unit"))
    if words:
        units = units.filter(name__icontains=words)
    return units.select_related("territorial_authority").order_by("name", "pk")


def _by_unit(row: SamplingFrame, units: Iterable[Unit]) -> list[tuple[Unit, list[FrameStandard]]]:
    """The entries of these units in one query."""
    held: dict[int, list[FrameStandard]] = {unit.pk: [] for unit in units}
    entries = row.entries.filter(unit__in=held).select_related("standard", "field")
    for entry in entries.order_by("field__code", "pk"):
        held[entry.unit_id].append(entry)
    return [(unit, held[unit.pk]) for unit in units]


@dataclass(frozen=True, slots=True)
class Showing:
    """The button that shows an office's list: whose, how long it is, what may still change it."""

    verdict: Verdict
    unsigned: int
    label: str
    confirm: str


def _showing(
    user: Actor,
    campaign: Campaign | None,
    row: queries.OfficeSampling,
    unsigned: int,
    working: Mapping[str, str],
) -> Showing:
    verdict = not_now("还没有专项行动。")
    if campaign is not None:
        verdict = policies.can_show(
            user,
            campaign,
            row.authority,
            shown=row.frame is not None,
            standards=row.standards,
            under_way=working.get("") or working.get(acts.list_of(row.authority.pk), ""),
        )
    said = (
        f"公示{row.authority}的名单：{row.units} 家单位，{row.standards} 项计量标准。"
        "公示3天后冻结；公示期间移出名单的，告知纪检监督。"
    )
    if unsigned:
        said = f"{row.authority}还有 {unsigned} 份移交的名单没有签收，名单可能还会变动。{said}"
    return Showing(verdict, unsigned, f"公示{row.authority.short_name}名单", said)
