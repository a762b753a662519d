"""Versions of Annex 1 and Annex 2 at the administrator's desk: taken in, looked at, put in force."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import checklists
from campaigns.enums import ChecklistKind
from campaigns.models import Campaign, ChecklistTemplate
from inspections import checklist_keeping, checklist_reading, policies
from inspections.forms import ChecklistFileForm, PutInForceForm
from metrostd.common import audit, clock
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.spreadsheet import xlsx_response

_TIMELINE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: PortalRequest) -> HttpResponse:
    """Which versions are in force, which there are, another one."""
    require(policies.can_keep_checklists(request.user))
    form = ChecklistFileForm(request.POST or None, request.FILES or None)
    tried = attempt(
        request,
        form,
        lambda: checklist_keeping.take(form.cleaned_data["file"], actor=request.user),
    )
    if tried.done:
        messages.success(request, "检查表可以使用，请核对差异和预览后启用。")
        return go(request, tried.made)
    rows = ChecklistTemplate.objects.visible_to(request.user)
    context: Context = {
        "form": form,
        "current": [row for row in rows if row.is_current],
        "rows": rows.select_related("added_by").order_by("kind", "-version"),
    }
    return render(request, "inspections/checklists/index.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
def checklist(request: PortalRequest, pk: int) -> HttpResponse:
    """A version as it will be asked, what is different in it, and the act that puts it in force."""
    require(policies.can_keep_checklists(request.user))
    row = get_object_or_404(ChecklistTemplate.objects.visible_to(request.user), pk=pk)
    form = PutInForceForm(request.POST if request.method == "POST" else None)
    tried = attempt(request, form, lambda: checklists.put_in_force(row, actor=request.user))
    if tried.done:
        kept = f"已开启的 {len(tried.made)} 个专项行动仍用原来的版本。" if tried.made else ""
        messages.success(request, f"今后开启的专项行动使用这一版。{kept}")
        return go(request, row)
    current = checklists.current(ChecklistKind(row.kind))
    context: Context = {
        "row": row,
        "form": form,
        "current": current,
        "changes": checklist_keeping.differences(current, row) if current else [],
        "sections": row.sections.prefetch_related("items"),
        "doubts": checklist_keeping.doubts(row, on=clock.today()),
        "keeping": checklists.begun_without_own(row.kind),
        "keepers": checklists.keepers(row),
        "others": Campaign.objects.filter(state=Campaign.States.OPEN).exclude(
            pk__in=checklists.keepers(row).values("pk")
        ),
        "entries": list(AuditEntry.objects.about(row)[:_TIMELINE]),
    }
    return render(request, "inspections/checklists/checklist.html", context, status=tried.status)


@require_safe
def xlsx(request: PortalRequest, pk: int) -> HttpResponse:
    """A version as a workbook to be changed."""
    require(policies.can_keep_checklists(request.user))
    row = get_object_or_404(ChecklistTemplate.objects.visible_to(request.user), pk=pk)
    audit.record_access(actor=request.user, kind="export", what=str(row))
    annex = checklist_reading.ANNEXES[ChecklistKind(row.kind)]
    return xlsx_response(
        checklist_reading.checklist_workbook(row),
        filename=f"{annex}-{row.title}-第{row.version}版.xlsx",
    )
