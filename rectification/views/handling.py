"""What follows a failure: proposals to the issuing authority, cases for enforcement."""

from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from inspections.models import Finding, InspectionTask
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.registry import legal
from metrostd.registry.moves.certificate import current_certificate
from rectification import forms, policies, queries
from rectification.enums import ReferralState
from rectification.models import CaseReferral, CertificateDisposition, Rectification
from rectification.moves import disposition as disposition_moves
from rectification.moves import referral as referral_moves

from . import findings


@require_POST
def propose(request: PortalRequest, pk: int) -> HttpResponse:
    """Propose what to do with the certificate of a failed standard."""
    row = findings.fetch(request, pk)
    require(policies.is_office(request.user, row.task))
    form = forms.ProposalForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: disposition_moves.propose_disposition(row, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, f"处置建议已送{tried.made.decider}审定。")
        return go(request, tried.made)
    return findings.page(request, row, status=tried.status, propose=form)


@require_http_methods(["GET", "POST"])
@confidential(attrgetter("finding.task.unit"))
def disposition(request: PortalRequest, pk: int) -> HttpResponse:
    """One proposal with the facts behind it; the issuing authority decides here."""
    row = get_object_or_404(
        CertificateDisposition.objects.visible_to(request.user).select_related(
            "standard__unit",
            "proposed_by_authority",
            "decider",
            "finding__item",
            "finding__task__authority",
            "finding__task__campaign",
        ),
        pk=pk,
    )
    verdict = policies.can_decide_disposition(request.user, row)
    form, status = None, 200
    if request.method == "POST":
        # Deciding twice is a conflict; deciding for another authority is refused.
        require(policies.may_decide_disposition(request.user, row))
        form = sent = forms.DispositionDecisionForm(request.POST)
        tried = attempt(request, form, lambda: _decide(request, row, sent.cleaned_data))
        if tried.done:
            messages.success(request, f"已登记决定：{row.get_state_display()}。")
            return go(request, row)
        status = tried.status
    elif verdict:
        form = forms.DispositionDecisionForm(initial={"decided_on": clock.today()})
    context = {
        "disposition": row,
        "finding": row.finding,
        "can_open_finding": Finding.objects.visible_to(request.user)
        .filter(pk=row.finding_id)
        .exists(),
        "certificate": current_certificate(row.standard),
        "reports": Rectification.objects.filter(
            finding=row.finding_id, submitted_at__isnull=False
        ).select_related("review"),
        "form": form,
        "verdict": verdict,
        "trail": AuditEntry.objects.about(row),
    }
    return render(request, "rectification/disposition.html", context, status=status)


# Any: what a valid form holds, each of the type its field gives
def _decide(request: PortalRequest, row: CertificateDisposition, data: dict[str, Any]) -> None:
    disposition_moves.decide_disposition(
        row,
        actor=request.user,
        decision_no=data["decision_no"],
        decided_on=data["decided_on"],
        accept=data["outcome"] == "accept",
        note=data["note"],
    )


@require_POST
def refer(request: PortalRequest, pk: int) -> HttpResponse:
    """Hand a finding to enforcement."""
    row = findings.fetch(request, pk)
    require(policies.is_office(request.user, row.task))
    form = forms.ReferralForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: referral_moves.refer_case(row, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, f"已移送{tried.made.sent_to}。")
        return go(request, tried.made)
    return findings.page(request, row, status=tried.status, refer=form)


@require_http_methods(["GET", "POST"])
@confidential(attrgetter("subject"))
def refer_task(request: PortalRequest, pk: int) -> HttpResponse:
    """Hand a refused visit to enforcement; the refusal on record is the reason proposed."""
    rows = InspectionTask.objects.visible_to(request.user).for_list()
    task = get_object_or_404(rows.select_related("not_performed"), pk=pk)
    require(policies.is_office(request.user, task))
    if request.method != "POST":
        require(policies.can_refer_refusal(request.user, task, task.referrals.filter(finding=None)))
    refused = legal.sentence(legal.MATERIAL_REFUSED, legal.SUPERVISION, on=clock.today())
    form = forms.ReferralForm(
        request.POST or None,
        initial={"legal_basis": refused, "reason": queries.refusal_on_record(task)},
    )
    tried = attempt(
        request,
        form,
        lambda: referral_moves.refer_refusal(task, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, f"已移送{tried.made.sent_to}。")
        return go(request, tried.made)
    context = {
        "task": task,
        "form": form,
        "title": "移送案件",
        "submit": "移送",
        "text": "被检查单位拒绝、阻挠检查的，移送执法机构依法处理；后续监督检查仍应安排。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
@confidential(attrgetter("task.unit"))
def referral(request: PortalRequest, pk: int) -> HttpResponse:
    """One case: why it was sent, how far it has come, what came of it."""
    row = get_object_or_404(
        CaseReferral.objects.visible_to(request.user).select_related(
            "task__unit",
            "task__authority",
            "task__campaign",
            "finding__standard",
            "finding__item",
        ),
        pk=pk,
    )
    verdict = policies.can_record_result(request.user, row)
    states = [s for s in ReferralState.values if referral_moves.referral_path(row.state, s)]
    form, status = None, 200
    if request.method == "POST":
        require(policies.may_record_result(request.user, row))
        form = sent = forms.CaseResultForm(request.POST, states=ReferralState.values)
        tried = attempt(request, form, lambda: _record(request, row, sent.cleaned_data))
        if tried.done:
            messages.success(request, f"已登记：{row.get_state_display()}。")
            return go(request, row)
        status = tried.status
    elif verdict:
        form = forms.CaseResultForm(
            states=states,
            initial={"case_no": row.case_no, "fine": row.fine or None, "outcome": row.outcome},
        )
    context = {
        "referral": row,
        "finding": row.finding,
        "task": row.task,
        "can_open_task": InspectionTask.objects.visible_to(request.user)
        .filter(pk=row.task_id)
        .exists(),
        "can_open_finding": Finding.objects.visible_to(request.user)
        .filter(pk=row.finding_id)
        .exists(),
        "form": form,
        "verdict": verdict,
        "trail": AuditEntry.objects.about(row),
    }
    return render(request, "rectification/referral.html", context, status=status)


# Any: what a valid form holds, each of the type its field gives
def _record(request: PortalRequest, row: CaseReferral, data: dict[str, Any]) -> None:
    referral_moves.record_case_result(
        row,
        state=data["state"],
        case_no=data["case_no"],
        fine=data["fine"] or 0,
        outcome=data["outcome"],
        actor=request.user,
    )
