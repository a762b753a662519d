"""The signed record of a visit, and the files beside it: signatures, the evidence of a refusal to sign."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections import documents, policies, signed_records
from inspections.enums import TaskState
from inspections.models import ChecklistSheet, InspectionTask, Signature
from inspections.signed_records import filed_records
from metrostd.common.enums import JobState
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.paper_views import Wanted, hand_out
from metrostd.common.policies import require

from .found import task_or_404


@require_http_methods(["GET", "HEAD", "POST"])
def record(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The newest record on file; before the signatures a draft, which is not kept."""
    row = task_or_404(request, pk)
    sheets = ChecklistSheet.objects.visible_to(request.user).filter(task=row)
    first = sheets.select_related("record").order_by("pk").first()
    if first is None:
        raise Http404
    on_file = first.record is not None or row.state in TaskState.inspected
    if first.signed_at is None or not on_file:
        return redirect("inspections:record_draft", row.pk)
    wanted = Wanted(
        title=f"检查记录 {row.unit}",
        filename=_filename(row),
        file=first.record,
        job=signed_records.record_job(row),
        make=lambda: signed_records.render_record(row, actor=None),
        back=row.get_absolute_url(),
    )
    return hand_out(request, wanted)


@require_safe
@exported
def record_draft(request: PortalRequest, pk: int) -> Export:
    """What the record would say now, marked as a draft."""
    row = task_or_404(request, pk)
    if not ChecklistSheet.objects.visible_to(request.user).filter(task=row).exists():
        raise Http404
    return Export(
        what=f"检查记录（草稿） {row.unit} {row.campaign}",
        filename=f"检查记录（草稿） {row.unit.name}.pdf",
        paper=lambda: documents.record_pdf(row),
    )


@require_POST
def render_record(request: PortalRequest, pk: int) -> HttpResponse:
    """Queue the record again after a failure of the background job."""
    row = task_or_404(request, pk)
    require(policies.can_open_signing(request.user, row))
    job = signed_records.record_job(row)
    if row.state not in TaskState.inspected or job is None or job.state != JobState.FAILED:
        return go(request, row)
    return redirect("common:job", signed_records.render_record(row, actor=request.user).pk)


@require_safe
def filed_record(request: PortalRequest, pk: int, number: int) -> FileResponse:
    """One version of the record; earlier ones stay when a visit was reopened."""
    row = task_or_404(request, pk)
    if not ChecklistSheet.objects.visible_to(request.user).filter(task=row).exists():
        raise Http404
    found = next((each for each in filed_records(row) if each.number == number), None)
    if found is None:
        raise Http404
    return send_file(found.file, filename=_filename(row))


def _filename(row: InspectionTask) -> str:
    return f"检查记录 {row.unit.name}.pdf"


@require_safe
def signature(request: PortalRequest, pk: int) -> FileResponse:
    """The picture of a signature."""
    rows = Signature.objects.visible_to(request.user).select_related("image")
    row = get_object_or_404(rows, pk=pk)
    return send_file(row.image, filename=f"{row.name}.png")


@require_safe
def refusal_evidence(request: PortalRequest, pk: int) -> FileResponse:
    """What shows that the unit refused to sign."""
    row = task_or_404(request, pk)
    seen = ChecklistSheet.objects.visible_to(request.user).filter(task=row).exists()
    if row.refusal_evidence is None or not seen:
        raise Http404
    return send_file(
        row.refusal_evidence, filename=f"拒绝签字的证据 {row.unit.name}", request=request
    )
