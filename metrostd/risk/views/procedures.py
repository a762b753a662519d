"""Procedures on file by district, those without one by name."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, send_file
from metrostd.common.policies import require
from metrostd.risk import policies, procedures
from metrostd.risk.forms import ProcedureForm
from metrostd.risk.models import WarningProcedure


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: PortalRequest) -> HttpResponse:
    """What is on file, and the form of one's own office."""
    require(policies.may_see(request.user))
    office = policies.office_of(request.user)
    may = policies.may_file(request.user, office) if office else None
    if request.method == "POST":
        require(may if may is not None else policies.may_see(request.user))
    form = ProcedureForm(request.POST or None, request.FILES or None)
    tried = attempt(
        request,
        form,
        lambda: procedures.put_on_file(office, actor=request.user, **form.cleaned_data),  # type: ignore[arg-type]  # asked above
    )
    if tried.done:
        messages.success(request, "已存档，以前的版本仍然保留。")
        return redirect("risk:procedures")
    rows = WarningProcedure.objects.visible_to(request.user)
    whole = request.user.scope.casework.everything
    context = {
        "rows": rows.select_related("authority", "file", "filed_by"),
        "missing": procedures.missing() if whole else [],
        "form": form if may else None,
        "office": office,
    }
    return render(request, "risk/procedures.html", context, status=tried.status)


@require_safe
def file(request: PortalRequest, pk: int) -> FileResponse:
    rows = WarningProcedure.objects.visible_to(request.user).select_related("authority", "file")
    row = get_object_or_404(rows, pk=pk)
    return send_file(request, row.file, filename=row.title, what=f"{row.authority}：工作程序")
