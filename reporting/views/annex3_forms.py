"""表式 of 附件3 at the administrator's desk: the versions, another one taken in, looked at, put in force."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from metrostd.common import audit, clock
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.spreadsheet import xlsx_response
from metrostd.common.templatetags.formats import cn_date
from reporting import form_keeping, form_reading, layouts, policies
from reporting.forms import Annex3FormForm, InForceForm
from reporting.layout import headings
from reporting.models import Annex3Form

_TIMELINE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: PortalRequest) -> HttpResponse:
    """Which form is in force, which there are, another one."""
    require(policies.can_keep_forms(request.user))
    form = Annex3FormForm(request.POST or None, request.FILES or None)
    tried = attempt(
        request, form, lambda: form_keeping.take(form.cleaned_data["file"], actor=request.user)
    )
    if tried.done:
        messages.success(request, "表式可以使用，请核对预览和差异后启用。")
        return go(request, tried.made)
    context: Context = {
        "form": form,
        "current": layouts.current(),
        "rows": Annex3Form.objects.visible_to(request.user).select_related("added_by"),
        "today": clock.today(),
    }
    return render(request, "reporting/annex3_forms/index.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: PortalRequest, pk: int) -> HttpResponse:
    """A form as it will be printed, what is different in it, and from when it is used."""
    require(policies.can_keep_forms(request.user))
    row = get_object_or_404(Annex3Form.objects.visible_to(request.user), pk=pk)
    day = InForceForm(request.POST or None, initial={"day": row.in_force_from or clock.today()})
    tried = attempt(
        request,
        day,
        lambda: form_keeping.put_in_force(row, day.cleaned_data["day"], actor=request.user),
    )
    if tried.done:
        messages.success(request, f"{cn_date(row.in_force_from)}起按这一版编制统计表。")
        return go(request, row)
    made, current = layouts.of(row.version), layouts.current()
    context: Context = {
        "row": row,
        "form": day,
        "made": made,
        "parts": [
            (block, part, headings(part.columns)) for block in made.blocks for part in block.parts
        ],
        "current": current,
        "changes": form_keeping.differences(current, made),
        "is_in_force": current.version == row.version,
        "is_open": row.in_force_from is None or row.in_force_from > clock.today(),
        "entries": list(AuditEntry.objects.about(row)[:_TIMELINE]),
    }
    return render(request, "reporting/annex3_forms/form.html", context, status=tried.status)


@require_safe
def xlsx(request: PortalRequest, version: str) -> HttpResponse:
    """A form as a workbook to be changed."""
    require(policies.can_keep_forms(request.user))
    found = next((one for one in layouts.known() if one.version == version), None)
    if found is None:
        raise Http404
    audit.record_access(actor=request.user, kind="export", what=f"统计表表式第{version}版")
    return xlsx_response(
        form_reading.form_workbook(found), filename=f"统计表表式-第{version}版.xlsx"
    )
