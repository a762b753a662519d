"""风险分级表: what is in force, earlier versions, a new one with its effect shown first."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.http import PortalRequest
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.registry.models import Unit
from metrostd.risk import levels, policies, tables
from metrostd.risk.enums import RiskLevel
from metrostd.risk.forms import TableForm
from metrostd.risk.indicators import INDICATORS
from metrostd.risk.models import RiskTable


@require_safe
def table(request: PortalRequest) -> HttpResponse:
    require(policies.may_see(request.user))
    now = levels.table_on(clock.today())
    context = {
        "table": now,
        "points": [(each.label, now.points.get(each.code, 0)) for each in INDICATORS],
        "years": [
            (level, levels.frequency(int(now.years.get(level.value, 0)))) for level in RiskLevel
        ],
        "versions": RiskTable.objects.select_related("made_by"),
        "today": clock.today(),
        "can_revise": policies.may_revise(request.user),
    }
    return render(request, "risk/table.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: PortalRequest) -> HttpResponse:
    """Fill in, see the effect, put in force."""
    require(policies.may_revise(request.user))
    now = levels.table_on(clock.today())
    first = {f"points_{each.code}": now.points.get(each.code, 0) for each in INDICATORS}
    first |= {f"years_{level.value}": now.years.get(level.value, 0) for level in RiskLevel}
    first |= {
        "medium_from": now.medium_from, "high_from": now.high_from,
        "starts_on": clock.today(), "base_version": tables.newest_version(),
    }  # fmt: skip
    form = TableForm(request.POST or None, initial=first)
    context: Context = {"form": form, "table": now, "effect": None, "moved": []}
    if request.method == "POST" and "preview" in request.POST:
        if form.is_valid():
            effect = tables.effect_of(
                tables.drafted(form.words()), tables.picture_now(request.user)
            )
            names = Unit.objects.in_bulk([one.unit for one in effect.moved])
            context |= {
                "effect": effect,
                "moved": [(names[one.unit], one) for one in effect.moved],
            }
        return render(request, "risk/revise.html", context)
    tried = attempt(
        request,
        form,
        lambda: tables.revise(
            form.words(), base_version=form.cleaned_data["base_version"], actor=request.user
        ),
    )
    if tried.done:
        messages.success(request, f"第{tried.made.version}版已保存，自执行日期起生效。")
        return redirect("risk:table")
    return render(request, "risk/revise.html", context, status=tried.status)
