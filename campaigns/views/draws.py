"""The draw: rehearsal, the real one, its record, directed additions, voiding."""

from collections.abc import Callable
from operator import attrgetter
from urllib.parse import quote

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import (
    adjusting,
    announcing,
    documents,
    frames,
    moves,
    policies,
    queries,
    sampling,
    terms,
    together,
    verifying,
    widening,
)
from campaigns import record as record_of
from campaigns.enums import DrawKind, DrawReason
from campaigns.extension import visits_of
from campaigns.forms.draws import DirectedForm, RehearseForm
from campaigns.models import DrawnCase, DrawnStandard, DrawnUnit, DrawRun, DrawTerms, SamplingFrame
from campaigns.protocol import lottery, witness
from metrostd.common import audit
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.registry.models import MeasurementStandard, ProfessionalField, Unit
from metrostd.trail.anchors import in_words

from . import bureau_draws

#: Units of a rehearsal shown on the page.
SHOWN = 200
#: Units offered when searching for one to add by direction.
OFFERED = 20


@require_http_methods(["GET", "HEAD", "POST"])
def rehearse(request: PortalRequest, pk: int) -> HttpResponse:
    """Try the draw out: a throw-away seed under another tag; that somebody did so is kept."""
    frame = _frame(request, pk)
    require(policies.may_sample_for(request.user, frame.authority))
    floor = announcing.floor_of(frame)
    form = RehearseForm(request.POST or None, initial={"ratio": floor})
    tried = attempt(
        request,
        form,
        lambda: sampling.rehearse(frame, ratio=form.cleaned_data["ratio"], actor=request.user),
    )
    plan = tried.made if tried.done else None
    preview = bureau_draws.preview if frame.of_bureaus else _preview
    context = {
        "frame_row": frame,
        "form": form,
        "plan": plan,
        "preview": preview(frame, plan) if plan else [],
        "uncovered": ProfessionalField.objects.filter(code__in=plan.uncovered if plan else []),
    }
    return render(request, "campaigns/rehearse.html", context, status=tried.status)


@require_safe
@confidential(attrgetter("frame.authority"))
def draw(request: PortalRequest, pk: int) -> HttpResponse:
    """One draw with its units, hashes and seed; ``?verify=1`` computes it again."""
    run = fetch(request, pk)
    user = request.user
    verified = "verify" in request.GET
    context = _figures(run) | {
        "verified": verified,
        "differences": verifying.verify_draw(run) if verified else [],
        "can_void": policies.can_void(user, run),
        "live": run.frame.terms.live().first(),
        "entries": AuditEntry.objects.about(run)[:20],
    }
    if run.frame.of_bureaus:
        context |= bureau_draws.draw_context(run, user)
        return render(request, "campaigns/draw_bureaus.html", context)
    page = page_of(request, _drawn(run))
    visits = visits_of(list(page.object_list), viewer=user)
    context |= {
        "page": page,
        "rows": [(row, visits[row.pk]) for row in page],
        "can_add": policies.can_add_directed(user, run),
        "can_supplement": policies.can_supplement(user, run),
        "can_widen": policies.may_sample_for(user, run.frame.authority)
        and sampling.running(run.frame.campaign)
        and sampling.extensible(run),
        "can_strike": policies.can_strike(user, run),
    }
    return render(request, "campaigns/draw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def directed(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose a unit this office inspects, then its standards, and say why."""
    run = fetch(request, pk)
    if request.method != "POST":
        require(policies.can_add_directed(request.user, run))
    routed = run.frame.campaign.routed.filter(inspecting_authority=run.frame.authority)
    standing = run.drawn.standing()
    merged = standing.filter(unit__merged_into__isnull=False)
    offered = (
        Unit.objects.filter(pk__in=routed.values("unit"))
        .exclude(pk__in=standing.values("unit"))
        .exclude(pk__in=merged.values("unit__merged_into"))
    )
    wanted = request.GET.get("unit", "")
    unit = get_object_or_404(offered, pk=wanted) if is_key(wanted) else None
    form = None
    if unit:
        standards = MeasurementStandard.objects.filter(
            pk__in=routed.filter(unit=unit).values("standard")
        ).select_related("field")
        standards = standards.order_by("name", "pk")
        form = DirectedForm(request.POST or None, standards=standards)
        tried = attempt(
            request,
            form,
            lambda: sampling.add_directed(run, unit, actor=request.user, **form.cleaned_data),
        )
        if tried.done:
            messages.success(request, f"已将{unit}列为定向检查单位。")
            return go(request, run)
    words = request.GET.get("q", "").strip()
    found = offered.filter(name__icontains=words) if words else offered
    context = {
        "run": run,
        "unit": unit,
        "form": form,
        "units": [] if unit else found.order_by("name", "pk")[:OFFERED],
        "found": 0 if unit else found.count(),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "campaigns/directed.html", context, status=status)


@require_POST
def void(request: PortalRequest, pk: int) -> HttpResponse:
    run = fetch(request, pk)
    require(policies.may_void(request.user, run))
    moves.void_draw(run, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "抽取已作废，请按公告重新录入号码。约定和随机数不变。")
    return go(request, run.terms or run.frame)


@require_safe
@exported
def record(request: PortalRequest, pk: int) -> Export:
    """The record to print and sign; who took it out is noted."""
    run = fetch(request, pk)
    return Export(
        what=f"抽取记录：{run.frame.campaign} {run}",
        filename=f"抽取记录-{run.frame.authority}-{run.record_no or run.pk}.pdf",
        count=_counted(run),
        paper=lambda: documents.draw_record(
            {**_figures(run), "drawn": _drawn(run), "earlier": _earlier(run)}
        ),
    )


@require_safe
def record_json(request: PortalRequest, pk: int) -> HttpResponse:
    """The record as JSON, for ``docs/verify_draw.py`` or whatever anybody else computes with."""
    run = fetch(request, pk)
    if run.terms_id is None:
        raise Http404("没有抽取约定的旧记录请用抽取记录验算。")
    audit.record_access(
        actor=request.user, kind="export", what=f"抽取记录（JSON）：{run.frame.campaign} {run}"
    )
    answer = JsonResponse(
        record_of.of_run(run), json_dumps_params={"ensure_ascii": False, "indent": 1}
    )
    name = quote(f"抽取记录-{run.frame.authority}-{run.record_no or run.pk}.json")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


@require_safe
@exported
def export(request: PortalRequest, pk: int) -> Export:
    """Every drawn unit with its standards, one a row."""
    run = fetch(request, pk)
    return Export(
        restricted=True,
        what=f"检查对象：{run.frame.campaign} {run}",
        filename=f"检查对象-{run.frame.authority}-{run.pk}.xlsx",
        count=_counted(run),
        sheets=lambda: [
            bureau_draws.draw_sheet(run)
            if run.frame.of_bureaus
            else documents.draw_sheet(run, _drawn(run))
        ],
    )


def _frame(request: PortalRequest, pk: int) -> SamplingFrame:
    rows = SamplingFrame.objects.visible_to(request.user).select_related(
        "campaign__organiser", "authority"
    )
    frame = get_object_or_404(rows, pk=pk)
    require(policies.may_sample(request.user))
    return frame


def fetch(request: PortalRequest, pk: int) -> DrawRun:
    rows = DrawRun.objects.visible_to(request.user).select_related(
        "frame__campaign__organiser",
        "frame__authority",
        "frame__frozen_by",
        "run_by",
        "terms__entered_by",
        "terms__confirmed_by",
        "terms__announced_by",
    )
    run = get_object_or_404(rows, pk=pk)
    require(policies.may_sample(request.user))
    return run


def _counted(run: DrawRun) -> Callable[[], int]:
    """How many rows a draw takes out: standards of units, or case files of bureaus."""
    if run.frame.of_bureaus:
        return DrawnCase.objects.filter(drawn__run=run).count
    return DrawnStandard.objects.filter(drawn_unit__run=run).count


def _earlier(run: DrawRun) -> list[tuple[DrawTerms, str]]:
    """Earlier terms of the office, each with the list it gave or would have given, in names."""
    if run.terms is None:
        return []
    found = []
    for row in record_of.earlier_of(run.terms):
        names = frames.names_of(row.frame)
        given = "、".join(names[unit.id] for unit in record_of.would_have_given(row))
        found.append((row, given))
    return found


def _drawn(run: DrawRun) -> QuerySet[DrawnUnit]:
    rows = run.drawn.select_related(
        "unit__territorial_authority", "supplement__terms"
    ).prefetch_related("standards__standard", "standards__field")
    return rows.order_by("order")


def _figures(run: DrawRun) -> Context:
    """The figures of a draw as page and printed record show them.

    The floor of the notice concerns the random units; the ratio printed counts directed ones too,
    once against the units this office inspects and once against all units of its area.
    """
    row = terms.of_run(run)
    kept: Context = {
        "run": run,
        "frame_row": run.frame,
        "trail_head": in_words(run.facts.get("trail_head", "")),
        "campaign": run.frame.campaign,
        "terms": row,
        "shown": lottery.in_words(row.value) if row else "",
        "places": list(row.witnesses.all()) if row else [],
        "by_witnesses": bool(row and witness.is_value(row.value)),
        "voided": [
            (each, each_terms and lottery.in_words(each_terms.value))
            for each in record_of.voided_before(run)
            for each_terms in (terms.of_run(each),)
        ],
    }
    if run.frame.of_bureaus:
        return kept | bureau_draws.draw_figures(run)
    counts = run.drawn.aggregate(
        random=Count("pk", filter=Q(kind=DrawKind.RANDOM, struck_at=None), distinct=True),
        directed=Count("pk", filter=Q(kind=DrawKind.DIRECTED, struck_at=None), distinct=True),
        struck=Count("pk", filter=Q(struck_at__isnull=False), distinct=True),
        standards=Count("standards", filter=Q(struck_at=None)),
    )
    total = run.frame.entries.aggregate(units=Count("unit", distinct=True))["units"]
    territory = run.facts.get("territory") or queries.units_in_territory(run.frame)
    units = counts["random"] + counts["directed"]
    return kept | {
        **counts,
        "total": total,
        "territory": territory,
        "random_percent": counts["random"] * 100 / total if total else None,
        "percent": units * 100 / total if total else None,
        "territory_percent": units * 100 / territory if territory else None,
        "plan_ratio": adjusting.Ratios.of(run.frame.campaign, at=run.run_at).of_office(
            run.frame.authority_id
        ),
        "adjusted": adjusting.of_ratio(run.frame.campaign, run.frame.authority, by=run.run_at),
        "merged": together.of_office(run.frame.campaign, run.frame.authority, by=run.run_at),
        "uncovered": list(widening.missed_fields(run)),
        "supplements": list(
            run.supplements.select_related(
                "run_by", "terms__entered_by", "terms__confirmed_by", "terms__announced_by"
            )
        ),
    }


def _preview(frame: SamplingFrame, plan: sampling.Rehearsal) -> list[dict[str, object]]:
    """The units of a rehearsal with names in place of identities."""
    shown = plan.drawn[:SHOWN]
    entries = frame.entries.filter(unit_key__in=[unit.id for unit in shown]).select_related(
        "field", "unit__territorial_authority"
    )
    known = {(e.unit_key, e.standard_key): e for e in entries}
    return [
        {
            "order": row.order,
            "unit": known[row.id, row.standards[0].id],
            "standards": [
                (known[row.id, pick.id], DrawReason(pick.why).label) for pick in row.standards
            ],
        }
        for row in shown
    ]
