"""Closing the filling, signatures on the tablet, the signed record."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from inspections import completeness, documents, policies, signatures, signed_records
from inspections.enums import SignerKind, TaskState
from inspections.forms import UnitSignerForm
from inspections.models import ChecklistSheet, InspectionTask, Signature, TeamMember
from inspections.moves import result as result_moves
from inspections.moves import task as task_moves
from inspections.signed_records import filed_records
from metrostd.common.enums import JobState
from metrostd.common.http import PortalRequest, go, pdf_response, send_file
from metrostd.common.policies import require

from .found import task_or_404
from .rows import Badge, badge
from .sheets import gap_url


@dataclass(frozen=True, slots=True)
class Signer:
    """One line of the signing page: who, whether signed, and the address that lets them sign."""

    key: str
    label: str
    detail: str
    signature: Signature | None


@dataclass(frozen=True, slots=True)
class SheetLine:
    sheet: ChecklistSheet
    problems: int
    conclusion: Badge | None


@require_safe
def signing(request: PortalRequest, pk: int) -> HttpResponse:
    """Before: what is missing, item by item. Then: who has signed, who signs next."""
    row = task_or_404(request, pk)
    require(policies.can_open_signing(request.user, row))
    if row.state not in (TaskState.IN_PROGRESS, TaskState.SIGNING):
        return redirect(row)
    gaps = completeness.gaps_of(row) if row.state == TaskState.IN_PROGRESS else []
    progress = completeness.progress_by_sheet(row)
    signers = _signers(row)
    context = {
        "task": row,
        "gaps": [{"gap": gap, "url": gap_url(gap)} for gap in gaps],
        "lines": [
            SheetLine(
                sheet,
                progress[sheet.pk].problems if sheet.pk in progress else 0,
                badge(sheet.conclusion),
            )
            for sheet in row.sheets.select_related("standard").order_by("pk")
        ],
        "send": policies.can_send_to_signing(request.user, row),
        "sign": policies.can_sign(request.user, row),
        "conclude": policies.can_conclude(request.user, row),
        "resume": policies.can_resume(request.user, row),
        "signers": signers,
        "chosen": _chosen(request, signers),
        "team_done": all(s.signature for s in signers if s.key != SignerKind.UNIT),
        "all_done": all(s.signature for s in signers),
        "client_id": uuid.uuid4(),
        "form": UnitSignerForm(initial={"name": row.attendees.split("、")[0].split(" ")[0]}),
    }
    return render(request, "inspections/signing.html", context)


def _signers(row: InspectionTask) -> list[Signer]:
    given = list(row.signatures.filter(void_at=None).order_by("pk"))
    by_member = {s.membership_id: s for s in given if s.kind == SignerKind.TEAM}
    unit = next((s for s in given if s.kind == SignerKind.UNIT), None)
    found = [
        Signer(
            str(member.membership_id),
            str(member.membership.user),
            member.get_role_display(),
            by_member.get(member.membership_id),
        )
        for member in row.team.all()
    ]
    label = f"{unit.name} {unit.position}" if unit else "被检查单位代表"
    found.append(Signer(SignerKind.UNIT.value, label, str(row.unit), unit))
    return found


def _chosen(request: PortalRequest, signers: list[Signer]) -> Signer | None:
    """Who signs now: the one asked for, else the first who has not signed."""
    waiting = [signer for signer in signers if signer.signature is None]
    wanted = request.GET.get("who", "")
    return next((s for s in waiting if s.key == wanted), waiting[0] if waiting else None)


def _signing_url(row: InspectionTask) -> str:
    return reverse("inspections:signing", args=[row.pk])


@require_POST
def to_signing(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_lead(request.user, row))
    try:
        task_moves.to_signing(row, actor=request.user)
    except ValidationError as error:
        messages.error(request, f"还不能送签：{'；'.join(error.messages[:5])}")
    else:
        messages.success(request, "检查表已锁定，请检查组成员和被检查单位代表签字。")
    return redirect(_signing_url(row))


@require_POST
def resume(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_lead(request.user, row))
    task_moves.resume(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已退回填写，已有签字失效。")
    return go(request, row)


@require_POST
def sign(request: PortalRequest, pk: int) -> HttpResponse:
    """Take one signature: ``who`` is the membership of a team member, or ``unit``."""
    row = task_or_404(request, pk)
    require(policies.may_take_part(request.user, row))
    who = request.POST.get("who", "")
    try:
        client_id = uuid.UUID(request.POST.get("client_id", ""))
    except ValueError:
        raise ValidationError("页面不完整，请刷新后再签。") from None
    member = _member(row, who)
    unit = who == SignerKind.UNIT
    try:
        signature = signatures.sign(
            row,
            actor=request.user,
            kind=SignerKind.UNIT if unit else SignerKind.TEAM,
            name=request.POST.get("name", "")
            if unit
            else str(member.membership.user)
            if member
            else "",
            image=request.POST.get("image", ""),
            client_id=client_id,
            membership=member.membership if member else None,
            position=request.POST.get("position", "") if unit else "",
        )
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect(f"{_signing_url(row)}?who={'unit' if unit else ''}")
    messages.success(request, f"{signature.name}已签字。")
    return redirect(_signing_url(row))


def _member(row: InspectionTask, who: str) -> TeamMember | None:
    return next((m for m in row.team.all() if str(m.membership_id) == who), None)


@require_POST
def conclude(request: PortalRequest, pk: int) -> HttpResponse:
    """End the visit, with the unit's signature or the refusal to sign."""
    row = task_or_404(request, pk)
    require(policies.may_take_part(request.user, row))
    try:
        found = result_moves.conclude(
            row, actor=request.user, refusal_reason=request.POST.get("note", "")
        )
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect(_signing_url(row))
    messages.success(request, f"检查结束，形成问题 {len(found)} 个，已交组织检查的部门审核。")
    return go(request, row)


@require_safe
def record(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The newest record on file; before there is one, a draft rendered now and not kept."""
    row = task_or_404(request, pk)
    sheets = ChecklistSheet.objects.visible_to(request.user).filter(task=row)
    first = sheets.select_related("record").order_by("pk").first()
    if first is None:
        raise Http404
    if first.record is not None and first.signed_at is not None:
        return send_file(first.record, filename=_filename(row))
    return pdf_response(documents.record_pdf(row), filename=_filename(row))


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
