"""风险分析: units by level, by field and district; one unit with its reasons; whom to look at beside the draw."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import directing
from campaigns.forms.directing import DirectForm
from metrostd.common import clock
from metrostd.common.actions import Action
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import CellValue, Context
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.registry.models import MeasurementStandard, Unit
from metrostd.risk import parts as by
from metrostd.risk import policies, queries, targeted
from metrostd.risk import trend as over_campaigns
from metrostd.risk.enums import RiskLevel
from metrostd.risk.indicators import BY_CODE, INDICATORS
from metrostd.risk.levels import frequency

from .counting import counted, day_of

_COLUMNS = (
    Column("单位名称", 34), Column("属地", 14), Column("风险等级", 10), Column("分值", 8),
    Column("原因", 70), Column("上次检查", 14),
)  # fmt: skip


def _picture(request: PortalRequest, *, quickly: bool = True) -> queries.Picture:
    units = queries.units_of(request.user)
    district = request.GET.get("district", "")
    if is_key(district):
        units = units.filter(territorial_authority=district)
    if words := request.GET.get("q", "").strip():
        units = units.search(words)
    return queries.picture(units, day_of(request), viewer=request.user, quickly=quickly)


def _chosen(request: PortalRequest, found: queries.Picture) -> list[int]:
    level, code = request.GET.get("level", ""), request.GET.get("indicator", "")
    units = found.on_level(RiskLevel(level)) if level in RiskLevel.values else found.ranked
    return [unit for unit in units if code in found.hits[unit]] if code in BY_CODE else units


def named(units: Iterable[int], found: queries.Picture) -> list[tuple[Unit, queries.UnitRisk]]:
    """Units with their risk."""
    listed = list(units)
    rows = Unit.objects.select_related("territorial_authority").in_bulk(listed)
    return [(rows[unit], found.risk_of(unit)) for unit in listed]


@require_safe
@counted
def index(request: PortalRequest) -> HttpResponse:
    """Units by risk on a day, the highest first."""
    require(policies.may_see(request.user))
    found = _picture(request)
    page: Page = page_of(request, _chosen(request, found))
    context = {
        "found": found,
        "levels": list(found.levels.items()),
        "page": page,
        "rows": named(page.object_list, found),
        "indicators": [(each, found.units_with(each.code)) for each in INDICATORS],
        "level_choices": RiskLevel.choices,
        "indicator_choices": [(each.code, each.label) for each in INDICATORS],
        "day": found.on,
        "query": request.GET.urlencode(),
    }
    return render(request, "risk/index.html", context)


@require_safe
@counted
def parts(request: PortalRequest) -> HttpResponse:
    """By district, by professional field and by priority domain."""
    require(policies.may_see(request.user))
    units, day = queries.units_of(request.user), day_of(request)
    found = queries.picture(units, day, viewer=request.user, quickly=True)
    context = {
        "day": day,
        "found": found,
        "indicators": INDICATORS,
        "parts": [
            ("按属地", "属地", "district", by.by_district(found)),
            ("按专业计量领域", "专业计量领域", "field", by.by_field(found)),
            ("按重点领域", "重点领域", "domain", by.by_domain(found)),
        ],
    }
    return render(request, "risk/parts.html", context)


@require_safe
@counted
def trend(request: PortalRequest) -> HttpResponse:
    """Campaign beside campaign: units by level, by district, field and domain."""
    require(policies.may_see(request.user))
    units = queries.units_of(request.user)
    periods = over_campaigns.periods(units, viewer=request.user, quickly=True)
    context: Context = {"periods": periods, "level_choices": list(RiskLevel), "parts": []}
    if periods:
        last = periods[-1].found
        dimensions = (by.districts(last), by.fields(last), by.domains(last))
        context |= {
            "chart": over_campaigns.chart(periods),
            "parts": [(each, over_campaigns.lines(periods, each)) for each in dimensions],
        }
    return render(request, "risk/trend.html", context)


def _fetch(request: PortalRequest, pk: int) -> Unit:
    rows = queries.units_of(request.user).select_related("territorial_authority")
    return get_object_or_404(rows, pk=pk)


@require_safe
@confidential(lambda unit: unit)
def unit(request: PortalRequest, pk: int) -> HttpResponse:
    """Why a unit is on its level: every record behind every indicator, and its standards one by one."""
    row = _fetch(request, pk)
    require(policies.may_see(request.user))
    day = day_of(request)
    only = Unit.objects.filter(pk=row.pk)
    found = queries.picture(only, day, viewer=request.user)
    risk = found.risk_of(row.pk)
    per_standard = queries.standards_at_risk(row, day, viewer=request.user)
    names = MeasurementStandard.objects.select_related("field").in_bulk(per_standard)
    context: Context = {
        "unit": row,
        "risk": risk,
        "table": found.table,
        "day": day,
        "reasons": [
            (each, int(found.table.points.get(each.code, 0)),
             *queries.reasons(only, each.code, day, viewer=request.user))
            for each, _ in risk.indicators
        ],
        "standards": [
            (names[key], [(BY_CODE[code], n) for code, n in hits.items()])
            for key, hits in per_standard.items()
        ],
        "periods": [
            (period, period.found.risk_of(row.pk))
            for period in over_campaigns.periods(only, viewer=request.user)
        ],
        "actions": _actions(request, row, risk),
    }  # fmt: skip
    return render(request, "risk/unit.html", context)


def _actions(request: PortalRequest, row: Unit, risk: queries.UnitRisk) -> list[Action]:
    if not risk.hits:
        return []
    verdict = policies.can_direct(request.user, row)
    return [Action("列为定向检查", reverse("risk:direct", args=[row.pk]), verdict, kind="link")]


@require_safe
@counted
def targeted_list(request: PortalRequest) -> HttpResponse:
    """重点监管名单: units of high risk with their reasons."""
    require(policies.may_see(request.user))
    found = _picture(request)
    page: Page = page_of(request, found.on_level(RiskLevel.HIGH))
    listed = list(page.object_list)
    last, verdicts = queries.last_visits(listed), policies.can_direct_each(request.user, listed)
    context = {
        "found": found,
        "page": page,
        "rows": [
            (each, risk, last.get(each.pk), verdicts[each.pk])
            for each, risk in named(listed, found)
        ],
        "day": found.on,
        "query": request.GET.urlencode(),
    }
    return render(request, "risk/targeted.html", context)


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """The list of high risk as a workbook."""
    require(policies.may_see(request.user))

    def high() -> tuple[queries.Picture, list[int]]:
        found = _picture(request, quickly=False)
        return found, found.on_level(RiskLevel.HIGH)

    def cells() -> Iterable[list[CellValue]]:
        found, listed = high()
        last = queries.last_visits(listed)
        return (
            [
                each.name, str(each.territorial_authority or ""), risk.level.label, risk.points,
                "、".join(one.label for one, _ in risk.indicators), last.get(each.pk),
            ]
            for each, risk in named(listed, found)
        )  # fmt: skip

    return Export(
        what="重点监管名单",
        filename=f"重点监管名单{clock.today():%Y%m%d}.xlsx",
        count=lambda: len(high()[1]),
        restricted=True,
        sheets=lambda: [Sheet("重点监管名单", "重点监管名单", _COLUMNS, cells())],
    )


@require_safe
@counted
def next_year(request: PortalRequest) -> HttpResponse:
    """Whom the results of this year propose for the next, beside the random draw."""
    require(policies.may_see(request.user))
    found = _picture(request)
    year = found.on.year + 1
    made = queries.proposals(found, year)
    page: Page = page_of(request, made)
    units = Unit.objects.select_related("territorial_authority")
    known = units.in_bulk([one.risk.unit for one in page.object_list])
    context = {
        "year": year,
        "found": found,
        "levels": [
            (
                level,
                n,
                frequency(int(found.table.years.get(level, 0))),
                sum(o.risk.level == level for o in made),
            )
            for level, n in found.levels.items()
        ],
        "page": page,
        "rows": [(known[one.risk.unit], one) for one in page.object_list],
    }
    return render(request, "risk/next_year.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def direct(request: PortalRequest, pk: int) -> HttpResponse:
    """Add a unit to a draw by direction: which draw, where there are several, and which standards."""
    row = _fetch(request, pk)
    require(policies.may_see(request.user))
    office = policies.office_of(request.user)
    runs = directing.open_draws(office, row.pk) if office else None
    wanted = request.GET.get("draw", "")
    run = None
    if runs is not None:
        run = get_object_or_404(runs, pk=wanted) if is_key(wanted) else runs.first()
    if runs is None or run is None:
        require(policies.can_direct(request.user, row))
        return redirect("risk:unit", row.pk)
    risk = queries.picture(
        Unit.objects.filter(pk=row.pk), clock.today(), viewer=request.user
    ).risk_of(row.pk)
    standards = directing.standards_within(run, row.pk)
    form = DirectForm(request.POST or None, standards=standards)
    drawing = run
    tried = attempt(
        request,
        form,
        lambda: targeted.direct(
            drawing, risk, row, standards=form.cleaned_data["standards"], actor=request.user
        ),
    )
    if tried.done:
        messages.success(request, f"已将{row}列为定向检查单位，不计入随机抽查比例。")
        return go(request, run)
    context: Context = {
        "unit": row,
        "form": form,
        "run": run,
        "others": [other for other in runs if other.pk != run.pk],
        "reason": targeted.reason_of(risk),
        "none": not standards,
    }
    return render(request, "risk/direct.html", context, status=tried.status)
