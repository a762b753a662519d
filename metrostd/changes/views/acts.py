"""What is done with an application: submitting, taking back, deciding, its material, its paper."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.changes import papers, policies, services
from metrostd.changes.forms import DecisionForm
from metrostd.common.attempts import attempt
from metrostd.common.audit import record_access
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.paper_views import hand_out, kept
from metrostd.common.policies import require
from metrostd.registry.enums import LineSide
from metrostd.registry.models import ChangeFile, ChangeRecord
from metrostd.registry.moves.certificate import current_certificate
from metrostd.registry.queries.certificates import valid_until_at

from .applications import fetch, page


@require_POST
def submit(request: PortalRequest, pk: int) -> HttpResponse:
    """Hand the application to the hosting authority."""
    record = fetch(request, pk)
    require(policies.can_handle_change(request.user, record))
    services.submit_change(record, actor=request.user)
    host = record.standard.hosting_authority
    messages.success(request, f"已提交{host}，编号 {record.number}。")
    return go(request, record)


@require_POST
def take_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Give the application up."""
    record = fetch(request, pk)
    require(policies.can_handle_change(request.user, record))
    services.take_back_change(record, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已撤回。")
    return go(request, record)


@require_POST
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Approve, refuse or return; deciding twice is a conflict, deciding for others is refused."""
    record = fetch(request, pk)
    require(policies.can_judge_changes(request.user, record))
    form = DecisionForm(request.POST, record=record)
    tried = attempt(request, form, lambda: _decide(request, record, form.cleaned_data.copy()))
    if tried.done:
        messages.success(request, f"已登记：{record.get_state_display()}。")
        return go(request, record)
    return page(request, fetch(request, pk), form=form, status=tried.status)


def _decide(request: PortalRequest, record: ChangeRecord, data: dict) -> None:
    outcome, actor = data.pop("outcome"), request.user
    if outcome == "send_back":
        services.send_back_change(record, actor=actor, note=data["opinion"])
    elif outcome == "refuse":
        names = ("base_version", "opinion", "opinion_by", "decided_on", "late_reason")
        services.refuse_change(record, actor=actor, **{name: data[name] for name in names})
    else:
        services.approve_change(record, actor=actor, **data)


@require_POST
def attach(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a file to the application."""
    record = fetch(request, pk)
    require(policies.can_edit_change(request.user, record))
    upload = request.FILES.get("file")
    if upload is None:
        raise ValidationError("请选择文件。")
    services.attach_file(record, upload, actor=request.user)
    messages.success(request, "已上传。")
    return go(request, record)


@require_safe
def file(request: PortalRequest, pk: int) -> FileResponse:
    """The bytes of one file of an application the person may see."""
    row = _file(request, pk)
    what = f"{row.record.standard.unit}：变更材料"
    return send_file(request, row.file, filename=row.name, what=what)


@require_POST
def detach(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a file out of the application."""
    row = _file(request, pk)
    require(policies.can_edit_change(request.user, row.record))
    services.remove_file(row, actor=request.user)
    messages.success(request, "已移除。")
    return go(request, row.record)


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The application as the form to print, with places for signatures and seals."""
    record = fetch(request, pk)
    lines = list(record.lines.all())
    certificate = record.certificate or current_certificate(record.standard)
    data = papers.change_paper(
        record,
        {side.value: [line for line in lines if line.side == side] for side in LineSide},
        certificate=certificate,
        valid_until=valid_until_at(certificate, record.submitted_at) if certificate else None,
    )
    what = f"{data.title} {record.number}".strip()
    wanted = kept(
        papers.form(data),
        title=what,
        filename=f"{what}.pdf",
        note=lambda: record_access(actor=request.user, kind="export", what=what),
        back=record.get_absolute_url(),
    )
    return hand_out(request, wanted)


def _file(request: PortalRequest, pk: int) -> ChangeFile:
    seen = ChangeRecord.objects.visible_to(request.user)
    rows = ChangeFile.objects.filter(record__in=seen.values("pk"), removed_at=None)
    return get_object_or_404(
        rows.select_related(
            "file", "record__standard__unit", "record__standard__hosting_authority"
        ),
        pk=pk,
    )
