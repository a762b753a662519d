"""The signed record of a visit, and the files beside it: signatures, the evidence of a refusal to sign."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections import documents, policies, signed_records, visit_papers
from inspections.enums import TaskState
from inspections.models import ChecklistSheet, InspectionTask, Signature
from inspections.signed_records import filed_records
from metrostd.common.enums import JobState
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.models import Paper
from metrostd.common.paper_views import Wanted, hand_out, kept
from metrostd.common.policies import not_now, require

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
        title=f"检查记录 {row.subject}",
        filename=_filename(row),
        file=first.record,
        job=signed_records.record_job(row),
        make=lambda: signed_records.render_record(row, actor=None),
        back=row.get_absolute_url(),
        whose=str(row.subject),
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
        restricted=True,
        what=f"检查记录（草稿） {row.subject} {row.campaign}",
        filename=f"检查记录（草稿） {row.subject.name}.pdf",
        paper=lambda: documents.record_pdf(row),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def visit_notice(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """检查通知书, from the notice on; of two visits made together one for both."""
    row = task_or_404(request, pk)
    require(policies.can_read_notice(request.user, row))
    require(not_now("" if visit_papers.was_told(row) else "这次检查没有事先通知，没有通知书。"))
    return _paper(request, row, visit_papers.letter_paper(row), "检查通知书")


@require_http_methods(["GET", "HEAD", "POST"])
def blank_sheets(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The sheets of the visit to print and to fill in by hand, where no device may be used."""
    row = task_or_404(request, pk)
    require(policies.can_print_sheets(request.user, row))
    return _paper(request, row, visit_papers.blank_paper(row), "空白检查表")


def _paper(
    request: PortalRequest, row: InspectionTask, paper: Paper, name: str
) -> HttpResponse | FileResponse:
    title = f"{name} {row.subject}"
    wanted = kept(
        paper,
        title=title,
        filename=f"{title}.pdf",
        back=row.get_absolute_url(),
        whose=str(row.subject),
    )
    return hand_out(request, wanted)


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
    return send_file(request, found.file, filename=_filename(row), what=_what(row))


def _what(row: InspectionTask, kind: str = "检查记录") -> str:
    """What the trail says of a file: of which unit, of what."""
    return f"{row.subject}：{kind}"


def _filename(row: InspectionTask) -> str:
    return f"检查记录 {row.subject.name}.pdf"


@require_safe
def signature(request: PortalRequest, pk: int) -> FileResponse:
    """The picture of a signature."""
    rows = Signature.objects.visible_to(request.user).select_related("image", "task__unit")
    row = get_object_or_404(rows, pk=pk)
    return send_file(request, row.image, filename=f"{row.name}.png", what=_what(row.task, "签字"))


@require_safe
def refusal_evidence(request: PortalRequest, pk: int) -> FileResponse:
    """What shows that the unit refused to sign."""
    row = task_or_404(request, pk)
    seen = ChecklistSheet.objects.visible_to(request.user).filter(task=row).exists()
    if row.refusal_evidence is None or not seen:
        raise Http404
    filename = f"拒绝签字的证据 {row.subject.name}"
    return send_file(request, row.refusal_evidence, filename=filename, what=_what(row))
