"""The draw: rehearsal, the real one, its record, directed additions, voiding."""

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import adjusting, documents, moves, policies, queries, sampling, widening
from campaigns.drawing import DrawPlan
from campaigns.enums import DrawKind, DrawReason
from campaigns.extension import visits_of
from campaigns.forms import DirectedForm, DrawForm
from campaigns.models import DrawnStandard, DrawnUnit, DrawRun, SamplingFrame
from metrostd.common.attempts import attempt
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.registry.models import MeasurementStandard, ProfessionalField, Unit

#: Units of a rehearsal shown on the page.
SHOWN = 200
#: Units offered when searching for one to add by direction.
OFFERED = 20


@require_safe
def rehearse(request: PortalRequest, pk: int) -> HttpResponse:
    """Parameters in the address give a preview; nothing is stored."""
    frame = _frame(request, pk)
    asked = "seed" in request.GET
    floor = adjusting.ratio_of(frame.campaign, frame.authority)
    form = DrawForm(
        request.GET if asked else None,
        floor=floor,
        initial={"ratio": floor, "seed": sampling.propose_seed()},
    )
    plan = None
    if asked and form.is_valid():
        chosen = form.cleaned_data
        plan = sampling.rehearse_draw(frame, ratio=chosen["ratio"], seed=chosen["seed"])
    return _draw_page(request, frame, form, plan)


@require_POST
def commit(request: PortalRequest, pk: int) -> HttpResponse:
    frame = _frame(request, pk)
    form = DrawForm(request.POST, floor=adjusting.ratio_of(frame.campaign, frame.authority))
    tried = attempt(
        request,
        form,
        lambda: sampling.run_draw(frame, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, f"已抽取{tried.made.required}家单位，结果已固定并留存。")
        return go(request, tried.made)
    return _draw_page(request, frame, form, None, status=tried.status)


@require_safe
def draw(request: PortalRequest, pk: int) -> HttpResponse:
    """One draw with its units, hashes and seed; ``?verify=1`` computes it again."""
    run = fetch(request, pk)
    user = request.user
    context, page = _figures(run), page_of(request, _drawn(run))
    visits = visits_of(list(page.object_list), viewer=user)
    context |= {
        "page": page,
        "rows": [(row, visits[row.pk]) for row in page],
        "verified": "verify" in request.GET,
        "differences": sampling.verify_draw(run) if "verify" in request.GET else [],
        "can_add": policies.can_add_directed(user, run),
        "can_supplement": policies.can_supplement(user, run),
        "can_widen": policies.may_sample_for(user, run.frame.authority)
        and sampling.running(run.frame.campaign)
        and sampling.extensible(run),
        "can_void": policies.can_void(user, run),
        "entries": AuditEntry.objects.about(run)[:20],
    }
    return render(request, "campaigns/draw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def directed(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose a unit this office inspects, then its standards, and say why."""
    run = fetch(request, pk)
    if request.method != "POST":
        require(policies.can_add_directed(request.user, run))
    routed = run.frame.campaign.routed.filter(inspecting_authority=run.frame.authority)
    merged = run.drawn.filter(unit__merged_into__isnull=False)
    offered = (
        Unit.objects.filter(pk__in=routed.values("unit"))
        .exclude(pk__in=run.drawn.values("unit"))
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
    messages.success(request, "抽取已作废，请在同一名单上重新抽取。")
    return go(request, run.frame)


@require_safe
@exported
def record(request: PortalRequest, pk: int) -> Export:
    """The record to print and sign; who took it out is noted."""
    run = fetch(request, pk)
    return Export(
        what=f"抽取记录：{run.frame.campaign} {run}",
        filename=f"抽取记录-{run.frame.authority}-{run.record_no or run.pk}.pdf",
        count=DrawnStandard.objects.filter(drawn_unit__run=run).count,
        paper=lambda: documents.draw_record({**_figures(run), "drawn": _drawn(run)}),
    )


@require_safe
@exported
def export(request: PortalRequest, pk: int) -> Export:
    """Every drawn unit with its standards, one a row."""
    run = fetch(request, pk)
    return Export(
        what=f"检查对象：{run.frame.campaign} {run}",
        filename=f"检查对象-{run.frame.authority}-{run.pk}.xlsx",
        count=DrawnStandard.objects.filter(drawn_unit__run=run).count,
        sheets=lambda: [documents.draw_sheet(run, _drawn(run))],
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
        "frame__campaign__organiser", "frame__authority", "frame__frozen_by", "run_by"
    )
    run = get_object_or_404(rows, pk=pk)
    require(policies.may_sample(request.user))
    return run


def _drawn(run: DrawRun) -> QuerySet[DrawnUnit]:
    rows = run.drawn.select_related("unit__territorial_authority").prefetch_related(
        "standards__standard", "standards__field"
    )
    return rows.order_by("order")


def _figures(run: DrawRun) -> Context:
    """The figures of a draw as page and printed record show them.

    The floor of the notice concerns the random units; the ratio printed counts directed ones too,
    once against the units this office inspects and once against all units of its area.
    """
    counts = run.drawn.aggregate(
        random=Count("pk", filter=Q(kind=DrawKind.RANDOM), distinct=True),
        directed=Count("pk", filter=Q(kind=DrawKind.DIRECTED), distinct=True),
        standards=Count("standards"),
    )
    total = run.frame.entries.aggregate(units=Count("unit", distinct=True))["units"]
    territory = run.facts.get("territory") or queries.units_in_territory(run.frame)
    units = counts["random"] + counts["directed"]
    return {
        "run": run,
        "frame_row": run.frame,
        "campaign": run.frame.campaign,
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
        "uncovered": list(widening.missed_fields(run)),
        "supplements": list(run.supplements.select_related("run_by")),
    }


def _draw_page(
    request: PortalRequest,
    frame: SamplingFrame,
    form: DrawForm,
    plan: DrawPlan | None,
    *,
    status: int = 200,
) -> HttpResponse:
    existing = frame.runs.valid().first()
    context = {
        "frame_row": frame,
        "campaign": frame.campaign,
        "form": form,
        "plan": plan,
        "preview": _preview(plan) if plan else [],
        "uncovered": ProfessionalField.objects.filter(code__in=plan.uncovered if plan else []),
        "total": frame.entries.values("unit").distinct().count(),
        "plan_ratio": adjusting.ratio_of(frame.campaign, frame.authority),
        "existing": existing,
        "can_draw": policies.can_draw(request.user, frame, drawn=existing is not None),
    }
    return render(request, "campaigns/rehearse.html", context, status=status)


def _preview(plan: DrawPlan) -> list[dict[str, object]]:
    """The planned units with names in place of ids."""
    shown = plan.drawn[:SHOWN]
    picked = [pick.id for unit in shown for pick in unit.standards]
    units = Unit.with_merged.select_related("territorial_authority").in_bulk([u.id for u in shown])
    standards = MeasurementStandard.objects.select_related("field").in_bulk(picked)
    return [
        {
            "order": row.order,
            "unit": units[row.id],
            "standards": [
                {"standard": standards[pick.id], "why": DrawReason(pick.why).label}
                for pick in row.standards
            ],
        }
        for row in shown
    ]
