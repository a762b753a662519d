"""The Word form of one's own office for its reports: what may stand in it, which is in use, another one."""

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.policies import require
from metrostd.common.uploads import SIZE_LIMIT
from metrostd.registry.models import Authority
from reporting import policies
from reporting.forms import TemplateForm
from reporting.models import ReportTemplate
from reporting.narrative import keeping, own_form, own_tables


def _own(request: PortalRequest) -> Authority:
    """The office a person acts for."""
    require(policies.can_keep_template(request.user))
    acting = request.user.acting
    return get_object_or_404(Authority, pk=(acting and acting.authority_id) or 0)


@require_http_methods(["GET", "HEAD", "POST"])
def template(request: PortalRequest) -> HttpResponse:
    authority = _own(request)
    form = TemplateForm(request.POST or None, request.FILES or None)
    tried = attempt(
        request,
        form,
        lambda: keeping.take(authority, form.cleaned_data["file"], actor=request.user),
    )
    if tried.done:
        messages.success(request, "模板已启用，以后报送的总结报告另按模板生成一份 Word。")
        return go(request, "reporting:template")
    rows = ReportTemplate.objects.visible_to(request.user).filter(authority=authority)
    context = {
        "authority": authority,
        "form": form,
        "names": own_form.WORDS,
        "tables": [(block, own_tables.columns_of(block).items()) for block in own_tables.BLOCKS],
        "limit": SIZE_LIMIT,
        "in_use": rows.in_use().select_related("added_by").first(),
    }
    return render(request, "reporting/narrative/template.html", context, status=tried.status)


@require_POST
def retire(request: PortalRequest) -> HttpResponse:
    keeping.retire(_own(request), actor=request.user)
    messages.success(request, "模板已停用。")
    return go(request, "reporting:template")


@require_safe
def template_file(request: PortalRequest, pk: int) -> FileResponse:
    """The form as it was given."""
    rows = ReportTemplate.objects.visible_to(request.user).select_related("file")
    row = get_object_or_404(rows, pk=pk)
    require(policies.can_keep_template(request.user))
    return send_file(request, row.file, filename=row.name, what="总结报告模板")
