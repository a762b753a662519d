"""The sheet on a tablet: one section a page, every item saved by itself, files beside the item."""

import uuid
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from inspections import completeness, one_answer, policies, proofs, services
from inspections.deadlines import day_of
from inspections.enums import EvidenceKind
from inspections.forms import ConclusionForm
from inspections.models import ChecklistAnswer, ChecklistSheet, Evidence
from metrostd.common import clock
from metrostd.common.browser_powers import may_use
from metrostd.common.confidential import confidential
from metrostd.common.found import beyond, get_object_or_404
from metrostd.common.http import PortalRequest, looked_at, send_file
from metrostd.common.outside import LARGEST_SMALL, whole
from metrostd.common.policies import require
from metrostd.common.refusals import wants_json
from metrostd.common.shapes import Context
from metrostd.registry.models import StandardCertificate

from . import cards
from .found import sheet_or_404
from .rows import badge


@require_safe
@may_use("geolocation", "microphone")
@confidential(attrgetter("task.subject"))
def sheet(request: PortalRequest, pk: int) -> HttpResponse:
    """One section of the sheet (``?section=``), or its conclusion (``?section=conclude``)."""
    row = sheet_or_404(request, pk)
    as_unit = policies.is_inspected(request.user, row.task)
    progress = completeness.progress_by_sheet(row.task)
    mine = progress.get(row.pk) or completeness.SheetProgress(row.pk, 0, 0, 0, _CONFORM, [])
    codes = [(each.code, each.label) for each in mine.sections]
    section = _section(request.GET.get("section", ""), mine)
    siblings = list(row.task.sheets.select_related("standard").order_by("pk"))
    task_url = row.task.get_absolute_url()
    signing = "" if as_unit else reverse("inspections:signing", args=[row.task_id])
    back, onward = cards.steps(
        row,
        section=section,
        codes=codes,
        siblings=siblings,
        progress=progress,
        signing_url=signing or task_url,
    )
    context: Context = {
        "sheet": row,
        "task": row.task,
        "progress": mine,
        "left": mine.total - mine.done,
        "section": section,
        "fill": policies.can_fill(request.user, row.task),
        "siblings": _siblings(row, siblings, progress),
        "certificate": _certificate(row),
        "peers": [] if as_unit else cards.who_is_filling(row, user=request.user),
        "back": back,
        "onward": onward,
        "open_url": _open_url(row, mine),
    }
    if section == "conclude":
        context |= _conclude_context(request, row, mine)
        if as_unit:
            # What the office may still decide against is not the unit's to read.
            context |= {"stop_items": [], "stop_order": None}
    else:
        context["evidence_kinds"] = EvidenceKind.choices
        context["cards"] = found = cards.cards_of(
            row,
            section=section,
            on=day_of(row),
            fill=lambda answer: policies.can_answer(request.user, answer),
            with_hints=not as_unit,
        )
        context["rest"] = cards.left_to_conform(found)
    return render(request, "inspections/sheet.html", context)


_CONFORM = completeness.Conclusion.CONFORM


def _section(wanted: str, progress: completeness.SheetProgress) -> str:
    """The section asked for; otherwise the first that is not complete, or the conclusion."""
    codes = [each.code for each in progress.sections]
    if wanted in codes or wanted == "conclude":
        return wanted
    return next((each.code for each in progress.sections if each.done < each.total), "conclude")


def _open_url(row: ChecklistSheet, progress: completeness.SheetProgress) -> str:
    code = next((each.code for each in progress.sections if each.done < each.total), "")
    return f"{row.get_absolute_url()}?section={code}" if code else ""


def _siblings(
    row: ChecklistSheet,
    siblings: list[ChecklistSheet],
    progress: dict[int, completeness.SheetProgress],
) -> list[dict[str, object]]:
    return [
        {
            "label": str(each),
            "url": each.get_absolute_url(),
            "current": each.pk == row.pk,
            "done": progress[each.pk].done if each.pk in progress else 0,
            "total": progress[each.pk].total if each.pk in progress else 0,
        }
        for each in siblings
    ]


def _certificate(row: ChecklistSheet) -> str:
    if row.standard_id is None:
        return ""
    found = StandardCertificate.objects.filter(standard=row.standard_id, is_current=True).first()
    return found.number if found else ""


def _conclude_context(
    request: PortalRequest,
    row: ChecklistSheet,
    progress: completeness.SheetProgress,
    form: ConclusionForm | None = None,
) -> Context:
    gaps = [
        {"gap": gap, "url": gap_url(gap)}
        for gap in completeness.gaps_of(row.task)
        if gap.sheet_id == row.pk and gap.answer_id is not None
    ]
    return {
        "gaps": gaps,
        "suggested": badge(progress.suggested.value),
        "conclusion": badge(row.conclusion),
        "form": form or ConclusionForm(sheet=row, suggested=progress.suggested),
        "conclude": policies.can_conclude_sheet(request.user, row),
        "stop_items": [
            answer
            for answer in row.answers.select_related("item").order_by("item__order")
            if cards.suggests_stop(answer)
        ],
        "stop_order": row.task.stop_orders.standing().filter(standard=row.standard_id).first(),
        "propose": policies.can_propose_stop(request.user, row.task),
    }


def gap_url(gap: completeness.Gap) -> str:
    """The place where a gap is filled."""
    if not gap.sheet_id:
        return ""
    base = reverse("inspections:sheet", args=[gap.sheet_id])
    if gap.answer_id is None:
        return f"{base}?section=conclude"
    return f"{base}?section={gap.section_code}#item-{gap.item_code}"


@require_safe
def peers(request: PortalRequest, pk: int) -> HttpResponse:
    """The line that says who else is filling in; asked for every 20 seconds."""
    row = sheet_or_404(request, pk)
    as_unit = policies.is_inspected(request.user, row.task)
    found = [] if as_unit else cards.who_is_filling(row, user=request.user)
    return render(request, "inspections/sheet_peers.html", {"sheet": row, "peers": found})


@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Save one item. The page's script gets JSON; a plain form comes back to the item."""
    row = one_answer.seen_by(request.user, pk)
    if row is None:
        raise beyond(ChecklistAnswer, pk)
    require(policies.may_answer(request.user, row))
    try:
        saved = services.save_answer(
            row,
            value=request.POST.get("answer", ""),
            note=request.POST.get("note", ""),
            base_version=_version(request),
            client_id=_client_id(request),
            actor=request.user,
        )
    except ValidationError as error:
        if wants_json(request):
            return JsonResponse({"errors": error.message_dict}, status=422)
        messages.error(request, "；".join(error.messages))
        return redirect(_item_url(row))
    if not wants_json(request):
        return redirect(_item_url(row))
    as_of = looked_at()
    counted = one_answer.counted(row)
    return JsonResponse(
        {
            "version": saved.version,
            "saved_at": cards.clock_time(saved.answered_at),
            "progress": _progress_json(counted),
            "html": render_to_string(
                "inspections/item_extra.html",
                _extra_context(saved, evidence=counted.files, as_of=as_of),
            ),
        }
    )


def _extra_context(row: ChecklistAnswer, *, evidence: int, as_of: str) -> Context:
    against = cards.known_against(row, on=clock.today())
    return {
        "as_of": as_of,
        "lacking": cards.lacking(row, evidence=evidence, against=against),
        "suggests_stop": cards.suggests_stop(row),
        "task_id": row.sheet.task_id,
        "standard_id": row.sheet.standard_id or 0,
    }


def _progress_json(progress: one_answer.SheetCount) -> Context:
    sections = [
        {"code": each.code, "done": each.done, "total": each.total} for each in progress.sections
    ]
    return {"done": progress.done, "total": progress.total, "sections": sections}


def _item_url(row: ChecklistAnswer) -> str:
    base = reverse("inspections:sheet", args=[row.sheet_id])
    return f"{base}?section={row.item.section.code}#item-{row.item.code}"


def _version(request: PortalRequest) -> int:
    raw = request.POST.get("version", "")
    version = whole(raw, most=LARGEST_SMALL - 1)
    if version is None:
        raise ValidationError({"__all__": "页面不完整，请刷新后再填。"})
    return version


def _client_id(request: PortalRequest) -> uuid.UUID:
    """The id the page gave the save; a form without script has none and gets one here."""
    raw = request.POST.get("client_id", "")
    if not raw:
        return uuid.uuid4()
    try:
        return uuid.UUID(raw)
    except ValueError:
        raise ValidationError({"__all__": "页面不完整，请刷新后再填。"}) from None


@require_POST
def upload(request: PortalRequest, pk: int) -> HttpResponse:
    """Add files to an item; answers with the item's list of evidence."""
    rows = ChecklistAnswer.objects.visible_to(request.user).select_related(
        "sheet__task", "item__section"
    )
    row = get_object_or_404(rows, pk=pk)
    require(policies.may_take_part(request.user, row.sheet.task))
    files = request.FILES.getlist("file")
    if not files:
        raise ValidationError("没有收到文件，请重新选择。")
    first = _client_id(request)
    if original := request.POST.get("copy_of", ""):
        _annotated(request, row, original, files[0], first)
        files = []
    for number, file in enumerate(files):
        services.add_evidence(
            row,
            file=file,
            name=file.name or "",
            kind=request.POST.get("kind", ""),
            # Derived, so that the same request sent again adds nothing.
            client_id=uuid.uuid5(first, str(number)) if number else first,
            actor=request.user,
            position=proofs.position_said(request.POST.get("position", "")),
        )
    if not wants_json(request):
        return redirect(_item_url(row))
    as_of = looked_at()
    row.refresh_from_db(fields=["answer", "note"])  # it may have been answered while the file came
    found = cards.evidence_by_answer([row.pk]).get(row.pk, [])
    context = _extra_context(row, evidence=len(found), as_of=as_of)
    context |= {"evidence": found, "fill": policies.can_fill(request.user, row.sheet.task)}
    return render(request, "inspections/item_proof.html", context)


def _annotated(
    request: PortalRequest,
    row: ChecklistAnswer,
    original: str,
    file: UploadedFile,
    client_id: uuid.UUID,
) -> None:
    """The file is a copy of a photograph of this item, drawn on by the page."""
    rows = Evidence.objects.visible_to(request.user).filter(answer=row).select_related("file")
    pk = whole(original)
    found = rows.filter(pk=pk).first() if pk is not None else None
    if found is None:
        raise ValidationError("要标注的照片已不在本项，请刷新后再试。")
    proofs.annotate(found, file=file, answer=row, client_id=client_id, actor=request.user)


@require_safe
def evidence(request: PortalRequest, pk: int) -> FileResponse:
    """The file itself; pictures open in place."""
    rows = Evidence.objects.visible_to(request.user).select_related("file", "sheet__task__unit")
    row = get_object_or_404(rows, pk=pk)
    what = f"{row.sheet.task.subject}：检查证据 检查表{row.sheet_id}"
    return send_file(request, row.file, filename=row.name, what=what)


@require_POST
def withdraw_evidence(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a file off the item; it stays on record."""
    rows = Evidence.objects.visible_to(request.user).select_related(
        "sheet__task", "answer__item__section", "answer__sheet__task"
    )
    row = get_object_or_404(rows, pk=pk)
    require(policies.may_take_part(request.user, row.sheet.task))
    services.withdraw_evidence(row, actor=request.user)
    return redirect(_item_url(row.answer))


@require_POST
def conclude_sheet(request: PortalRequest, pk: int) -> HttpResponse:
    """Set the conclusion of a sheet."""
    row = sheet_or_404(request, pk)
    require(policies.may_lead(request.user, row.task))
    try:
        services.set_conclusion(
            row,
            conclusion=request.POST.get("conclusion", ""),
            reason=request.POST.get("reason", ""),
            actor=request.user,
        )
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, f"已确定结论：{row.get_conclusion_display()}。")
    return redirect(f"{row.get_absolute_url()}?section=conclude")
