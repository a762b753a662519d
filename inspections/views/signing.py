"""Closing the filling and the signatures: who signs, with what, and the end of the visit."""

import uuid
from dataclasses import dataclass
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from inspections import completeness, policies, signatures
from inspections.enums import TaskState
from inspections.forms import RefusalForm
from inspections.models import ChecklistSheet, InspectionTask, Signature
from inspections.moves import result as result_moves
from inspections.moves import task as task_moves
from metrostd.accounts.confirming import confirm
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.handwriting import handwriting
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require
from metrostd.common.transitions import check_state

from .found import task_or_404
from .rows import Badge, badge
from .sheets import gap_url
from .signers import UNIT, Signer, SignForm, sign_form, signers_of


@dataclass(frozen=True, slots=True)
class SheetLine:
    sheet: ChecklistSheet
    problems: int
    conclusion: Badge | None


@require_safe
@confidential(attrgetter("subject"))
def signing(request: PortalRequest, pk: int) -> HttpResponse:
    """Before: what is missing, item by item. Then: who has signed, who signs next."""
    row = task_or_404(request, pk)
    require(policies.can_open_signing(request.user, row))
    if row.state not in (TaskState.IN_PROGRESS, TaskState.SIGNING):
        return redirect(row)
    return _page(request, row, who=request.GET.get("who", ""))


def _page(
    request: PortalRequest,
    row: InspectionTask,
    *,
    who: str = "",
    form: SignForm | None = None,
    refusal: RefusalForm | None = None,
    status: int = 200,
) -> HttpResponse:
    gaps = completeness.gaps_of(row) if row.state == TaskState.IN_PROGRESS else []
    signers = signers_of(row, request.user)
    chosen = signers.chosen(who)
    context = {
        "task": row,
        "gaps": [{"gap": gap, "url": gap_url(gap)} for gap in gaps],
        "lines": _lines(row),
        "send": policies.can_send_to_signing(request.user, row),
        "sign": policies.can_sign(request.user, row),
        "conclude": policies.can_conclude(request.user, row),
        "resume": policies.can_resume(request.user, row),
        "signers": signers,
        "chosen": chosen,
        "client_id": uuid.uuid4(),
        "form": form or sign_form(row, chosen),
        # A refused signature is drawn again from its strokes.
        "strokes": request.POST.get("image_strokes", "") if form else "",
        "refusal": refusal or RefusalForm(),
    }
    return render(request, "inspections/signing.html", context, status=status)


def _lines(row: InspectionTask) -> list[SheetLine]:
    progress = completeness.progress_by_sheet(row)
    return [
        SheetLine(
            sheet,
            progress[sheet.pk].problems if sheet.pk in progress else 0,
            badge(sheet.conclusion),
        )
        for sheet in row.sheets.select_related("standard").order_by("pk")
    ]


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
    check_state(signatures.signing(row), obj=row)
    who = request.POST.get("who", "")
    try:
        client_id = uuid.UUID(request.POST.get("client_id", ""))
    except ValueError:
        raise ValidationError("页面不完整，请刷新后再签。") from None
    signer = next((each for each in signers_of(row, request.user).lines if each.key == who), None)
    if signer is None:
        raise ValidationError("签字人不在检查组内。")
    require(signer.may)
    form = sign_form(row, signer, request.POST)
    assert form is not None  # noqa: S101 -- there is a signer
    tried = attempt(request, form, lambda: _take(request, row, signer, form, client_id))
    if not tried.done:
        return _page(request, row, who=who, form=form, status=tried.status)
    messages.success(request, f"{tried.made.name}已签字。")
    return redirect(_signing_url(row))


def _take(
    request: PortalRequest,
    row: InspectionTask,
    signer: Signer,
    form: SignForm,
    client_id: uuid.UUID,
) -> Signature:
    hand = handwriting(request.POST.get("image", ""), request.POST.get("image_strokes", ""))
    if signer.key == UNIT:
        return signatures.sign_for_unit(
            row, actor=request.user, hand=hand, client_id=client_id, **form.cleaned_data
        )
    place = next(each for each in row.team.all() if str(each.membership_id) == signer.key)
    password = form.cleaned_data.get("password")
    return signatures.sign(
        row,
        actor=request.user,
        membership=place.membership,
        hand=hand,
        client_id=client_id,
        confirmed=confirm(place.membership.user, password, request) if password else None,
    )


@require_POST
def conclude(request: PortalRequest, pk: int) -> HttpResponse:
    """End the visit, with the unit's signature or the refusal to sign."""
    row = task_or_404(request, pk)
    require(policies.may_end(request.user, row))
    if "reason" in request.POST:
        return _conclude_unsigned(request, row)
    try:
        found = result_moves.conclude(row, actor=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
        return redirect(_signing_url(row))
    return _concluded(request, row, found)


def _conclude_unsigned(request: PortalRequest, row: InspectionTask) -> HttpResponse:
    form = RefusalForm(request.POST, request.FILES)
    tried = attempt(
        request,
        form,
        lambda: result_moves.conclude(
            row, actor=request.user, refusal=result_moves.Refusal(**form.cleaned_data)
        ),
    )
    if not tried.done:
        return _page(request, row, refusal=form, status=tried.status)
    return _concluded(request, row, tried.made)


def _concluded(request: PortalRequest, row: InspectionTask, findings: int) -> HttpResponse:
    messages.success(request, f"检查结束，形成问题 {findings} 个，已交组织检查的部门审核。")
    return go(request, row)
