"""One finding: its whole story, the unit's report with autosave, the office's decisions."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe

from inspections.enums import FindingState, StopState
from inspections.models import Finding, StopTransferOrder
from inspections.moves import finding as finding_moves
from inspections.raising import REFRESH
from inspections.single_issues import policies as single_issues
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.attempts import attempt
from metrostd.common.by_now import show_by_now
from metrostd.common.confidential import confidential
from metrostd.common.forms import Refusable
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, looked_at, send_file
from metrostd.common.models import AuditEntry
from metrostd.common.policies import Verdict, require
from metrostd.common.refusals import wants_json
from metrostd.common.shapes import Context
from metrostd.registry.moves.certificate import current_certificate
from rectification import cards, drafts, forms, policies, queries
from rectification.enums import DispositionAction
from rectification.models import (
    CaseReferral,
    CertificateDisposition,
    ExtensionRequest,
    RectificationFile,
)
from rectification.moves import disposition as disposition_moves
from rectification.moves import extension as extension_moves
from rectification.moves import objection as objection_moves
from rectification.moves import order as order_moves
from rectification.moves import report as report_moves

#: Moves of a finding while its sheet was given back to the team.
_BEFORE_SIGNING = (finding_moves.RECALL.name, REFRESH)


def fetch(request: PortalRequest, pk: int) -> Finding:
    return get_object_or_404(
        Finding.objects.visible_to(request.user).select_related(
            "task__unit",
            "task__authority",
            "task__campaign",
            "standard__issuing_authority",
            "item__section",
            "order_item__order",
            "sheet",
        ),
        pk=pk,
    )


@require_safe
@confidential(attrgetter("task.unit"))
def finding(request: PortalRequest, pk: int) -> HttpResponse:
    """Fact, objection, report, decision, extension, consequences and the trail of one finding."""
    return page(request, fetch(request, pk))


def page(
    request: PortalRequest, row: Finding, *, status: int = 200, **bound: Refusable
) -> HttpResponse:
    """The page of a finding; ``bound`` forms come back filled, with their errors."""
    show_by_now(row)
    on = clock.today()
    user = request.user
    card = cards.cards([row], user=user, with_forms=True)[0]
    dispositions = list(
        CertificateDisposition.objects.visible_to(user).filter(finding=row).for_list()
    )
    referrals = list(CaseReferral.objects.visible_to(user).filter(finding=row).for_list())
    verdicts: dict[str, Verdict] = {
        "dispute": policies.can_dispute(user, row),
        "decide": policies.can_decide_objection(user, row),
        "correct": policies.can_correct_on_spot(user, row),
        "issue": policies.can_issue(user, row.task),
        "ask": policies.can_ask_extension(user, row, card.requests),
        "extend": policies.can_extend(user, row, card.requests),
        "propose": policies.can_propose(user, row, dispositions),
        "refer": policies.can_refer(user, row, referrals),
    }
    order = getattr(getattr(row, "order_item", None), "order", None)
    context = {
        "finding": row,
        "task": row.task,
        "order": order,
        "earlier": row.earlier_items.select_related("order").order_by("pk"),
        "card": card,
        "report_issue": single_issues.can_report(user, row.task.campaign, row.task),
        "can": verdicts,
        "forms": {**_forms(row, card, verdicts), **bound},
        "dispositions": dispositions,
        "referrals": referrals,
        "today": on,
        "waits": order_moves.waits_for_objections([row]),
        "objection_until": finding_moves.objection_deadline(row),
        "is_unit": bool(policies.is_unit(user, row.task)),
        "office_verdict": policies.is_office(user, row.task),
        "is_office": bool(policies.is_office(user, row.task)),
        "fold_refer": row.state != FindingState.FAILED,
        "fold_extend": card.asked is None,
        "with_unit": row.state in FindingState.owed_by_unit,
        "stop": StopTransferOrder.objects.filter(
            task=row.task_id, standard=row.standard_id, state=StopState.IN_FORCE
        ).first()
        if row.standard_id
        else None,
        "trail": _trail(user, row, card.requests, dispositions, referrals),
    }
    return render(request, "rectification/finding.html", context, status=status)


def _trail(user: Actor, row: Finding, *hanging: Iterable[models.Model]) -> QuerySet[AuditEntry]:
    """Everything that happened to the finding and to what hangs on it, newest first.

    What office and team said to each other before the record was signed again is theirs.
    """
    entries = AuditEntry.objects.about(row, *(each for rows in hanging for each in rows))
    if policies.is_unit(user, row.task):
        entries = entries.exclude(action__in=_BEFORE_SIGNING)
    return entries


def _forms(row: Finding, card: cards.Card, can: dict[str, Verdict]) -> Context:
    """The forms of what may be done now, and of nothing else."""
    made: dict[str, object] = {}
    if can["dispute"]:
        made["dispute"] = forms.ObjectionForm()
    if can["decide"]:
        made["decide"] = forms.ObjectionDecisionForm()
    if can["ask"]:
        made["ask"] = forms.ExtensionAskForm()
    if can["extend"]:
        wanted = card.asked.wanted_on if card.asked else None
        made["extend"] = forms.ExtendForm(initial={"due_on": wanted})
    if can["propose"]:
        made["propose"] = forms.ProposalForm(actions=_actions(row))
    if can["refer"]:
        made["refer"] = forms.ReferralForm()
    return made


def _actions(row: Finding) -> list[DispositionAction]:
    return (
        disposition_moves.permitted_actions(current_certificate(row.standard))
        if row.standard
        else []
    )


@require_POST
def save(request: PortalRequest, pk: int) -> HttpResponse:
    """Autosave of the unit's report on one finding; without scripts a plain form."""
    row = fetch(request, pk)
    require(policies.can_edit(request.user, row))
    form = forms.ReportForm(request.POST)
    if not form.is_valid():
        if wants_json(request):
            return JsonResponse({"errors": form.errors}, status=422)
        messages.error(request, "没有保存：填写的内容太长或者不完整。")
        return go(request, row)
    report = drafts.save_rectification(
        row,
        cause=form.cleaned_data["cause"],
        action=form.cleaned_data["action"],
        prevention=form.cleaned_data["prevention"],
        base_version=form.cleaned_data["version"],
        client_id=form.cleaned_data["client_id"],
        actor=request.user,
    )
    if not wants_json(request):
        messages.success(request, "已保存。")
        return go(request, row.order_item.order)
    progress = _progress(row)
    return JsonResponse(
        {
            "version": report.version,
            "saved_at": clock.now().isoformat(),
            "progress": progress,
            "html": _after(request, row, progress),
        }
    )


@require_POST
def upload(request: PortalRequest, pk: int) -> HttpResponse:
    """Add evidence of repair."""
    row = fetch(request, pk)
    require(policies.can_edit(request.user, row))
    form = forms.UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        raise ValidationError([e for errors in form.errors.values() for e in errors])
    file = form.cleaned_data["file"]
    drafts.add_file(
        row,
        file=file,
        name=file.name,
        client_id=form.cleaned_data["client_id"],
        actor=request.user,
    )
    if wants_json(request):
        return HttpResponse(_after(request, row, _progress(row)))
    messages.success(request, f"已上传“{file.name}”。")
    return go(request, row.order_item.order)


@require_safe
def file(request: PortalRequest, pk: int) -> FileResponse:
    """The bytes of one file of evidence."""
    row = get_object_or_404(
        RectificationFile.objects.visible_to(request.user).select_related(
            "file", "finding__task__unit"
        ),
        pk=pk,
    )
    what = f"{row.finding.task.unit}：整改证据 问题{row.finding_id}"
    return send_file(request, row.file, filename=row.name, what=what)


@require_POST
def withdraw_file(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a wrong file out of the draft."""
    row = get_object_or_404(
        RectificationFile.objects.visible_to(request.user).select_related(
            "file", "finding__task__unit", "finding__item", "rectification"
        ),
        pk=pk,
    )
    require(policies.is_unit(request.user, row.finding.task))
    drafts.withdraw_file(row, actor=request.user)
    messages.success(request, f"已撤下“{row.name}”。")
    return go(request, row.finding.order_item.order)


@require_POST
def correct(request: PortalRequest, pk: int) -> HttpResponse:
    """Corrected during the visit: no order needed, still counted."""
    row = fetch(request, pk)
    require(policies.is_office(request.user, row.task))
    objection_moves.correct_on_spot(row, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "已登记当场改正。")
    return go(request, row)


@require_POST
def review(request: PortalRequest, pk: int) -> HttpResponse:
    """合格, 退回 or 整改不合格 on one finding."""
    row = fetch(request, pk)
    require(policies.may_review(request.user, row))
    form = forms.ReviewForm(request.POST, prefix=f"f{row.pk}")
    verdict = policies.can_review(request.user, row)
    back = request.POST.get("back") == "order"
    tried = attempt(
        request,
        form,
        lambda: report_moves.review_finding(
            row,
            method=form.cleaned_data["method"],
            result=form.cleaned_data["result"],
            opinion=form.cleaned_data["opinion"],
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, f"{row.item.code}：已作出“{row.get_state_display()}”的决定。")
        return go(request, row.order_item.order if back else row)
    if not verdict:
        return go(request, row)
    return page(request, row, status=tried.status, review=form)


@require_POST
def ask_extension(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_unit(request.user, row.task))
    form = forms.ExtensionAskForm(request.POST)
    return done(
        request,
        row,
        "ask",
        form,
        lambda d: extension_moves.ask_extension(
            row, wanted_on=d["wanted_on"], reason=d["reason"], actor=request.user
        ),
        "延期申请已提交，等待批准。",
    )


@require_POST
def extend(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.may_extend(request.user, row))
    form = forms.ExtendForm(request.POST)
    return done(
        request,
        row,
        "extend",
        form,
        lambda d: extension_moves.extend(
            row, due_on=d["due_on"], reason=d["reason"], actor=request.user
        ),
        "已同意延期，单位已收到消息。",
    )


@require_POST
def refuse_extension(request: PortalRequest, pk: int) -> HttpResponse:
    """Refuse a request, with the reason."""
    asked = get_object_or_404(
        ExtensionRequest.objects.visible_to(request.user).select_related(
            "finding__task__unit", "finding__task__authority", "finding__item"
        ),
        pk=pk,
    )
    require(policies.may_extend(request.user, asked.finding))
    extension_moves.refuse_extension(
        asked, opinion=request.POST.get("note", ""), actor=request.user
    )
    messages.success(request, "已答复：不同意延期。")
    return go(request, asked.finding)


def done(
    request: PortalRequest,
    row: Finding,
    name: str,
    form: Refusable,
    # Any: what a valid form holds, each of the type its field gives
    act: Callable[[dict[str, Any]], object],
    said: str,
) -> HttpResponse:
    """Validate, call one domain function, answer; a refusal comes back beside its field."""
    tried = attempt(request, form, lambda: act(form.cleaned_data))
    if tried.done:
        messages.success(request, said)
        return go(request, row)
    return page(request, row, status=tried.status, **{name: form})


def _progress(row: Finding) -> Context:
    """How many findings of the order are complete, and how far this one is."""
    pks = list(
        row.order_item.order.items.filter(finding__state__in=FindingState.owed_by_unit).values_list(
            "finding_id", flat=True
        )
    )
    reports, files = queries.latest_rounds(pks), queries.files_by_finding(pks)
    missing = {pk: queries.missing_parts(reports.get(pk), len(files.get(pk, []))) for pk in pks}
    return {
        "done": sum(not parts for parts in missing.values()),
        "total": len(pks),
        "sections": [
            {"code": str(pk), "done": 4 - len(parts), "total": 4} for pk, parts in missing.items()
        ],
    }


def _after(request: PortalRequest, row: Finding, progress: Context) -> str:
    """The right half of a card as it is now: evidence and what is still missing."""
    as_of = looked_at()
    card = cards.cards([row], user=request.user)[0]
    context = {"card": card, "progress": progress, "as_of": as_of}
    return render_to_string("rectification/evidence.html", context, request=request)
