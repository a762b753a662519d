"""任务分工表 at the administrator's desk: the versions, another one taken in, whom it moves, put in force."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import policies, rerouting, routing_tables
from campaigns.forms.routing import RoutingFileForm, RoutingInForceForm
from campaigns.models import RoutingTable
from campaigns.routing import Rules
from metrostd.common import audit, clock
from metrostd.common.attempts import attempt
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.spreadsheet import xlsx_response
from metrostd.common.templatetags.formats import cn_date

_TIMELINE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: PortalRequest) -> HttpResponse:
    """Which version is in force, which there are, another one."""
    require(policies.can_keep_routing(request.user))
    form = RoutingFileForm(request.POST or None, request.FILES or None)
    tried = attempt(
        request, form, lambda: routing_tables.take(form.cleaned_data["file"], actor=request.user)
    )
    if tried.done:
        messages.success(request, "任务分工表可以使用，请核对差异和将要改派的计量标准后启用。")
        return go(request, tried.made)
    tables = {row.version: row for row in RoutingTable.objects.select_related("added_by")}
    context: Context = {
        "form": form,
        "current": Rules.in_force_or_none(),
        "rows": [(version, tables.get(version)) for version in routing_tables.versions()],
    }
    return render(request, "campaigns/routing_tables/index.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
def table(request: PortalRequest, version: int) -> HttpResponse:
    """A version line by line, what running campaigns it would move, and the act that puts it in force."""
    require(policies.can_keep_routing(request.user))
    row = _known(version)
    form = RoutingInForceForm(request.POST or None, initial={"day": clock.today()})
    if request.method == "POST" and row is None:
        raise Http404
    tried = attempt(
        request,
        form,
        lambda: routing_tables.put_in_force(row, actor=request.user, **form.cleaned_data),  # type: ignore[arg-type]
    )
    if tried.done and row is not None:
        messages.success(request, f"{cn_date(row.in_force_from)}起按这一版分工。")
        return redirect("common:job", tried.made.pk) if tried.made else go(request, row)
    current, rules = Rules.in_force_or_none(), Rules.of(version)
    is_current = current is not None and current.version == version
    context: Context = {
        "version": version,
        "said": f"第{version}版",
        "row": row,
        "form": form,
        "current": current,
        "is_current": is_current,
        "is_open": row is not None
        and (row.in_force_from is None or row.in_force_from > clock.today()),
        "lines": routing_tables.lines_of(version, beside=None if is_current else current),
        "effects": []
        if is_current
        else [rerouting.effect_of(one, rules) for one in rerouting.running()],
        "entries": list(AuditEntry.objects.about(row)[:_TIMELINE]) if row else [],
    }
    return render(request, "campaigns/routing_tables/table.html", context, status=tried.status)


@require_safe
def xlsx(request: PortalRequest, version: int) -> HttpResponse:
    """A version as a workbook to be changed."""
    require(policies.can_keep_routing(request.user))
    _known(version)
    audit.record_access(actor=request.user, kind="export", what=f"任务分工表第{version}版")
    return xlsx_response(
        routing_tables.table_workbook(version), filename=f"任务分工表-第{version}版.xlsx"
    )


def _known(version: int) -> RoutingTable | None:
    """The row of a version, None of a delivered one; 404 for a version nobody made."""
    if version not in routing_tables.versions():
        raise Http404
    return routing_tables.table_of(version)
