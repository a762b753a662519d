"""Changing many units or standards at once: choose, see what it does, apply, take back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common.actors import Actor
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.jobs import start_job
from metrostd.common.outside import is_key
from metrostd.common.policies import Verdict, require
from metrostd.common.shapes import Context
from metrostd.registry import policies, services
from metrostd.registry.filters import StandardFilter, UnitFilter
from metrostd.registry.models import BulkEdit, MeasurementStandard, Unit
from metrostd.registry.querysets import StandardQuerySet, UnitQuerySet

#: Up to so many are written while the person waits.
AT_ONCE = 200
_LISTS = {"unit": "registry:units", "standard": "registry:standards"}


def _may_edit(user: Actor, row: Unit | MeasurementStandard) -> Verdict:
    """For 属地区局 besides: see ``policies.may_place_many``."""
    if isinstance(row, Unit):
        return policies.can_edit_unit(user, row)
    return policies.can_edit_standard(user, row)


@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: PortalRequest, kind: str) -> HttpResponse:
    """Pick a field and a value for the ticked rows or for all of the filter; preview; apply."""
    require(policies.can_bulk_edit(request.user))
    rows = _rows(request, kind)
    change = services.read_change(kind, request.GET.get("change", ""))

    def judge(row: Unit | MeasurementStandard) -> Verdict:
        mine = _may_edit(request.user, row)
        if mine and change and change.field == "territorial_authority":
            return policies.may_place_many(request.user)
        return mine

    preview = services.preview_bulk(rows, change, judge) if change else None
    context: Context = {"error": ""}
    status = 200
    if request.method == "POST" and change and preview:
        if request.POST.get("count") != str(preview.count):
            context["error"], status = "台账刚刚有改动，请重新核对下面的预览再确认。", 409
        else:
            try:
                edit = services.prepare_bulk(rows, change, judge, actor=request.user)
            except ValidationError as error:
                context["error"], status = "".join(error.messages), 422
            else:
                return _apply(request, edit)
    context |= {
        "kind": kind,
        "word": "家单位" if kind == "unit" else "项计量标准",
        "list_url": reverse(_LISTS[kind]),
        "total": rows.count(),
        "options": services.options(kind),
        "chosen": request.GET.get("change", ""),
        "preview": preview,
        "carried": [
            (key, value)
            for key, values in request.GET.lists()
            if key not in {"change", "page"}
            for value in values
        ],
    }
    return render(request, "registry/bulk.html", context, status=status)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """What a bulk edit changed, what it left out and why, and the way back."""
    edit = _edit(request, pk)
    context = {
        "edit": edit,
        "list_url": reverse(_LISTS[edit.kind]),
        "undo_verdict": policies.can_undo_bulk(
            request.user, edit, reason=services.against_undoing_bulk(edit)
        ),
    }
    return render(request, "registry/bulk_edit.html", context)


@require_POST
def undo(request: PortalRequest, pk: int) -> HttpResponse:
    edit = _edit(request, pk)
    reason = services.against_undoing_bulk(edit)
    require(policies.can_undo_bulk(request.user, edit, reason=reason))
    services.undo_bulk(edit, actor=request.user)
    messages.success(request, "已撤回，各条记录恢复原来的内容。")
    return go(request, edit)


def _apply(request: PortalRequest, edit: BulkEdit) -> HttpResponse:
    if len(edit.wanted) > AT_ONCE:
        job = start_job(
            "registry.bulk_edit", title=f"批量修改：{edit}"[:200], owner=request.user, edit=edit.pk
        )
        return go(request, reverse("common:job", args=[job.pk]))
    count = services.apply_bulk(edit)
    messages.success(request, f"已修改 {count} 条。")
    return go(request, edit)


def _rows(request: PortalRequest, kind: str) -> QuerySet:
    """The ticked rows, or everything the list's filter finds; within the person's scope."""
    query = request.GET.copy()
    found: UnitQuerySet | StandardQuerySet
    if kind == "unit":
        found = UnitFilter(query, viewer=request.user).matching(
            Unit.objects.visible_to(request.user)
        )
    else:
        found = StandardFilter(query).matching(MeasurementStandard.objects.visible_to(request.user))
    if query.get("all") == "1":
        return found
    return found.filter(pk__in=[pk for pk in query.getlist("pk") if is_key(pk)][:500])


def _edit(request: PortalRequest, pk: int) -> BulkEdit:
    return get_object_or_404(BulkEdit.objects.visible_to(request.user), pk=pk)
