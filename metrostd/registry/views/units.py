"""建标单位: the list, one unit on one page, correcting its record."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.annex4.fields import FIELDS
from metrostd.common import clock
from metrostd.common.attempts import save_edit
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.registry import documents, policies, services
from metrostd.registry.enums import (
    Category,
    CertificateState,
    ImportState,
    OperatingStatus,
    PriorityDomain,
    UnitType,
)
from metrostd.registry.extension import facts_for, panels_for
from metrostd.registry.filters import UnitFilter
from metrostd.registry.forms import UnitForm
from metrostd.registry.models import Authority, ImportRow, Unit
from metrostd.registry.provenance import origins
from metrostd.registry.views import actions

_TRAIL = 20
_SOURCES = 3


def district_choices(request: PortalRequest) -> list[tuple[object, str]]:
    """Districts to filter by: those whose units the person may see."""
    reach, acting = request.user.scope.register, request.user.acting
    if acting and acting.authority and reach.authority_ids == {acting.authority_id}:
        return [(acting.authority_id, acting.authority.short_name), ("none", "属地未定")]
    rows = Authority.objects.districts()
    if not reach.everything:
        rows = rows.filter(pk__in=reach.authority_ids)
    return [*((a.pk, a.short_name) for a in rows), ("none", "属地未定")]


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The units the person may see; a unit's own user goes straight to the unit."""
    units = Unit.objects.visible_to(request.user)
    own = request.user.scope.register.unit_ids
    if len(own) == 1:
        return go(request, units.get(pk__in=own))
    page = page_of(request, UnitFilter(request.GET, viewer=request.user).rows(units))
    context = {
        "page": page,
        "districts": district_choices(request),
        "types": UnitType.choices,
        "register_verdict": policies.can_register(request.user),
        "categories": Category.choices,
        "states": CertificateState.choices,
        "may_bulk": bool(policies.can_bulk_edit(request.user)),
        "carried": [pair for pair in request.GET.items() if pair[0] != "page"],
        "fields": list(FIELDS.items()),
        "domains": PriorityDomain.choices,
        "statuses": OperatingStatus.choices,
        "may_merge": bool(policies.can_look_for_duplicates(request.user)),
    }
    return render(request, "registry/units.html", context)


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """The rows of the list under the same filter and in the same order, as a workbook."""
    units = Unit.objects.visible_to(request.user)
    rows = UnitFilter(request.GET, viewer=request.user).rows(units)
    return Export(
        what=f"建标单位台账 {request.GET.urlencode()}",
        filename=f"建标单位台账{clock.today():%Y%m%d}.xlsx",
        count=rows.whole,
        sheets=lambda: [documents.unit_list(rows)],
    )


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """Everything about one unit: facts, standards, former names, what upper apps add, the trail."""
    if survivor := _survivor(request, pk):
        return redirect(survivor, permanent=False)
    unit = _unit(request, pk)
    standards = unit.standards.visible_to(request.user).with_certificate().for_list()
    panels = panels_for(unit, request.user, request=request)
    merged = Unit.with_merged.filter(merged_into=unit)
    context = {
        "unit": unit,
        "standards": list(standards.order_by("name", "pk")),
        "former_names": list(unit.former_names.order_by("pk")),
        "facts": facts_for(unit, request.user, panels=panels),
        "panels": panels,
        "places": [
            *((panel.anchor, panel.title) for panel in panels if panel.group == "warnings"),
            ("standards", "计量标准"),
            *((panel.anchor, panel.title) for panel in panels if panel.group != "warnings"),
            ("record", "基本情况"),
            ("trail", "操作记录"),
        ],
        "is_own": request.user.scope.register.unit_ids == {unit.pk},
        "actions": actions.of_unit(request.user, unit),
        "register_verdict": policies.can_register(request.user),
        "entries": AuditEntry.objects.about(unit, *merged)[:_TRAIL],
        "sources": [(row, origins(row)) for row in _sources(unit)],
        "may_import": bool(policies.can_import(request.user)),
        "today": clock.today(),
    }
    return render(request, "registry/unit.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Correct a unit's record; a second editor sees both values and chooses."""
    unit = _unit(request, pk)
    require(policies.can_edit_unit(request.user, unit))
    place = policies.may_place(request.user, unit)
    form = UnitForm(request.POST or None, instance=_unit(request, pk), place=place)
    tried = save_edit(request, form, services.update_unit, unit, values=form.changes)
    if tried.done:
        for words in tried.made:
            messages.info(request, words)
        return go(request, unit)
    context = {"form": form, "unit": unit, **tried.shown}
    return render(request, "registry/unit_form.html", context, status=tried.status)


def _unit(request: PortalRequest, pk: int) -> Unit:
    units = Unit.objects.visible_to(request.user).select_related("territorial_authority")
    return get_object_or_404(units, pk=pk)


def _survivor(request: PortalRequest, pk: int) -> Unit | None:
    """The unit an address of a unit merged away leads to, for those who may see it."""
    merged = Unit.with_merged.filter(pk=pk, merged_into__isnull=False)
    return Unit.objects.visible_to(request.user).filter(pk__in=merged.values("merged_into")).first()


def _sources(unit: Unit) -> QuerySet[ImportRow]:
    """The first row of this unit in the lists that went in last."""
    rows = ImportRow.objects.filter(unit=unit, batch__state=ImportState.COMMITTED)
    return rows.exclude(unit_change="").select_related("batch").order_by("-pk")[:_SOURCES]
