"""Decisions on the certificate of a standard: re-examination, renewal, 注销, 吊销, 撤销许可."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.attempts import attempt
from metrostd.common.forms import Refusable
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import Verdict, require
from metrostd.common.shapes import Sent
from metrostd.common.transitions import TransitionError
from metrostd.registry import policies
from metrostd.registry.enums import CertificateState
from metrostd.registry.forms import (
    DeregistrationForm,
    EndForm,
    PenaltyForm,
    ReexaminationForm,
    RenewalForm,
)
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from metrostd.registry.moves import certificate as certificate_moves


@dataclass(frozen=True, slots=True)
class Act:
    """One decision: its name, who may make it at all, whether now, its form, and doing it."""

    title: str
    button: str
    may: Callable[[Actor, MeasurementStandard], Verdict]
    now: Callable[[Actor, MeasurementStandard, StandardCertificate | None], Verdict]
    form: Callable[[StandardCertificate, dt.date, Sent], Refusable]
    do: Callable[..., None]
    warning: str = ""
    tone: str = "primary"


@require_http_methods(["GET", "POST"])
def act(request: PortalRequest, pk: int, what: str) -> HttpResponse:
    """Show the form of one decision and carry it out; too late is a conflict, not a refusal."""
    row = ACTS[what]
    standards = MeasurementStandard.objects.visible_to(request.user)
    standard = get_object_or_404(
        standards.select_related("unit", "issuing_authority", "hosting_authority"), pk=pk
    )
    require(row.may(request.user, standard))
    certificate = certificate_moves.current_certificate(standard)
    verdict = row.now(request.user, standard, certificate)
    if certificate is None or request.method == "GET":
        require(verdict)
    if not verdict or certificate is None:
        raise TransitionError(verdict.reason, obj=standard)
    form = row.form(certificate, clock.today(), request.POST if request.method == "POST" else None)
    tried = attempt(
        request, form, lambda: row.do(certificate, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        messages.success(
            request, f"已登记：{row.title}。证书目前是“{certificate.get_state_display()}”。"
        )
        return go(request, standard)
    context = {"act": row, "standard": standard, "certificate": certificate, "form": form}
    return render(request, "registry/certificate_act.html", context, status=tried.status)


def _renewal(certificate: StandardCertificate, on: dt.date, data: Sent) -> RenewalForm:
    names = ("examined_range", "examined_performance", "examined_items")
    standard = certificate.standard
    initial = {name: getattr(certificate, name) for name in names}
    initial["examined_range"] = initial["examined_range"] or standard.measuring_range
    initial["examined_performance"] = initial["examined_performance"] or standard.performance
    return RenewalForm(data, initial=initial)


def _apply(certificate: StandardCertificate, *, actor: Actor | None, note: str) -> None:
    if certificate.state_now == CertificateState.VALID:
        certificate_moves.apply_for_change(certificate, actor=actor, note=note)
    else:
        certificate_moves.apply_reexamination(certificate, actor=actor, note=note)


ACTS = {
    "apply": Act(
        "登记复查申请",
        "登记申请",
        policies.can_maintain,
        policies.can_record_application,
        lambda certificate, on, data: ReexaminationForm(
            data, early=certificate.state_now == CertificateState.VALID
        ),
        _apply,
    ),
    "renew": Act(
        "复查合格换证",
        "登记新证书",
        policies.can_judge_certificate,
        policies.can_renew,
        _renewal,
        certificate_moves.renew,
        "证书号和初次考核年份不变，原来的日期和核准内容留在“以往证书”中。",
    ),
    "end_reexamination": Act(
        "终止复查考核",
        "登记终止",
        policies.can_judge_certificate,
        policies.can_end_reexamination,
        lambda certificate, on, data: EndForm(data),
        certificate_moves.end_reexamination,
        "原证书在有效期内继续有效，可以再次申请复查，也可以申请封存、撤销。",
    ),
    "deregister": Act(
        "注销",
        "注销证书",
        policies.can_judge_certificate,
        policies.can_deregister,
        lambda certificate, on, data: DeregistrationForm(data),
        certificate_moves.deregister,
        "注销后证书终结，不能恢复。",
        "danger",
    ),
    "revoke": Act(
        "吊销",
        "登记吊销",
        policies.can_judge_certificate,
        policies.can_revoke,
        lambda certificate, on, data: PenaltyForm(data),
        certificate_moves.revoke,
        "吊销是行政处罚：责令改正后仍达不到原考核条件的，由原发证部门作出。登记后不能恢复。",
        "danger",
    ),
    "annul": Act(
        "撤销（行政许可）",
        "登记撤销许可",
        policies.can_judge_annulment,
        policies.can_annul,
        lambda certificate, on, data: PenaltyForm(data),
        certificate_moves.annul,
        "撤销许可表示当初就不应当准予许可，与建标单位申请的撤销（计量标准）不是一回事。登记后不能恢复。",
        "danger",
    ),
}
