"""Witnesses of a draw: commit, reveal; the envelope of 纪检监督."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from campaigns import policies, witnessing
from campaigns.forms.witnesses import CodeForm, RevealForm
from campaigns.models import DrawTerms
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import Job
from metrostd.common.policies import require


def _terms(request: PortalRequest, pk: int) -> DrawTerms:
    rows = DrawTerms.objects.visible_to(request.user)
    row = get_object_or_404(rows.select_related("campaign", "authority", "frame"), pk=pk)
    require(policies.may_see_terms(request.user))
    return row


@require_POST
def commit(request: PortalRequest, pk: int) -> HttpResponse:
    """What the device commits to; the number stays there."""
    row = _terms(request, pk)
    require(witnessing.can_commit(request.user, row))
    witnessing.commit(row, commitment=request.POST.get("commitment", ""), actor=request.user)
    messages.success(request, "承诺已提交。约定的那天请用同一台设备公布。")
    return go(request, row)


@require_POST
def reveal(request: PortalRequest, pk: int) -> HttpResponse:
    """The number behind it; the last one makes the draw."""
    row = _terms(request, pk)
    require(witnessing.can_reveal(request.user, row))
    form = RevealForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: witnessing.request_revealing(row, actor=request.user, **form.cleaned_data),
    )
    if not tried.done:
        messages.error(request, "没有公布：数或者随机盐与您提交的承诺不符。")
        return go(request, row)
    if isinstance(tried.made, Job):
        return redirect("common:job", pk=tried.made.pk)
    if tried.made is None:
        messages.success(request, "已公布，等其他见证人公布后抽取。")
    else:
        messages.success(request, "见证人全部公布，已抽取。结果已固定，随机数已公布。")
    return go(request, row)


@require_POST
def seal(request: PortalRequest, pk: int) -> HttpResponse:
    """The code of the envelope, on this answer and nowhere else."""
    row = _terms(request, pk)
    require(witnessing.can_seal(request.user, row))
    code = witnessing.seal(row, actor=request.user)
    return render(request, "campaigns/envelope.html", {"terms": row, "code": code})


@require_POST
def open_envelope(request: PortalRequest, pk: int) -> HttpResponse:
    """The portal's key is gone: the code brings the secret number back."""
    row = _terms(request, pk)
    require(witnessing.can_open(request.user, row))
    form = CodeForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: witnessing.open_envelope(row, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, "随机数已恢复，抽取可以继续。")
    else:
        messages.error(request, "启封码不对，请核对密封件。")
    return go(request, row)
