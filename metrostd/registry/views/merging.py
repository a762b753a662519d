"""Duplicate units: finding them, comparing two side by side, merging them, taking a merge back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, StaleError, go
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.registry import policies, services
from metrostd.registry.models import Unit, UnitMerge

_GROUPS = 20
_OFFERED = 20


@require_safe
def duplicates(request: PortalRequest) -> HttpResponse:
    """Units of the viewer that may be one, in groups, with what they share."""
    require(policies.can_look_for_duplicates(request.user))
    visible = Unit.objects.visible_to(request.user)
    page = Paginator(services.find_duplicates(visible), _GROUPS).get_page(request.GET.get("page"))
    wanted = {pk for group in page for pk in group.units}
    rows = visible.with_counts(request.user).for_list().filter(pk__in=wanted)
    known = {unit.pk: unit for unit in rows}
    groups = [
        {"reasons": group.reasons, "units": [known[pk] for pk in group.units if pk in known]}
        for group in page
    ]
    context = {"page": page, "groups": [g for g in groups if len(g["units"]) > 1]}
    return render(request, "registry/duplicates.html", context)


@require_safe
def choose(request: PortalRequest, pk: int) -> HttpResponse:
    """Look for the other record of this unit."""
    unit = _unit(request, pk)
    require(policies.can_merge(request.user, unit, unit))
    others = Unit.objects.visible_to(request.user).exclude(pk=unit.pk)
    words = request.GET.get("q", "").strip()
    if is_key(other := request.GET.get("other", "")):
        return go(request, reverse("registry:merge", args=[unit.pk, other]))
    found = others.search(words).with_counts(request.user).for_list() if words else others.none()
    context = {"unit": unit, "found": list(found[:_OFFERED]), "words": words}
    return render(request, "registry/merge_choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: PortalRequest, pk: int, other: int) -> HttpResponse:
    """Two records side by side, what is kept of each, what follows; then the merge itself."""
    survivor, gone = _unit(request, pk), _unit(request, other)
    verdict = policies.can_merge(request.user, survivor, gone)
    require(verdict)
    preview = services.preview_merge(survivor, gone)
    chosen = {c.name: "gone" if c.suggest_gone else "kept" for c in preview.choices}
    note = request.POST.get("note", "")
    context: Context = {"note": note, "errors": []}
    status = 200
    if request.method == "POST":
        chosen = {name: request.POST.get(f"keep_{name}", given) for name, given in chosen.items()}
        try:
            _, said = services.merge_units(
                survivor,
                gone,
                versions=(_version(request, "survivor"), _version(request, "gone")),
                take={name for name, side in chosen.items() if side == "gone"},
                actor=request.user,
                note=note,
            )
        except (ValidationError, StaleError) as error:
            status = 409 if isinstance(error, StaleError) else 422
            context["errors"] = getattr(error, "messages", [str(error)])
        else:
            messages.success(request, " ".join([f"已将“{gone}”并入“{survivor}”。", *said]))
            return go(request, survivor)
    context |= {
        "survivor": survivor,
        "gone": gone,
        "preview": preview,
        "rows": [(choice, chosen[choice.name]) for choice in preview.choices],
    }
    return render(request, "registry/merge.html", context, status=status)


@require_POST
def undo(request: PortalRequest, pk: int) -> HttpResponse:
    """Make two units of one again."""
    rows = UnitMerge.objects.visible_to(request.user).select_related("survivor", "gone")
    row = get_object_or_404(rows, pk=pk)
    reasons = services.against_undoing(row)
    require(policies.can_undo_merge(request.user, row, reasons=reasons))
    services.undo_merge(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"已撤回合并，“{row.gone}”恢复为单独的单位。")
    return go(request, row.survivor)


def _unit(request: PortalRequest, pk: int) -> Unit:
    units = Unit.objects.visible_to(request.user).select_related("territorial_authority")
    return get_object_or_404(units, pk=pk)


def _version(request: PortalRequest, name: str) -> int:
    text = request.POST.get(f"{name}_version", "")
    return int(text) if is_key(text) else 0
