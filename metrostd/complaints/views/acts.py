"""What an office does with a matter: each act asks its policy and calls one function."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.forms.directing import DirectForm
from metrostd.common.attempts import attempt
from metrostd.common.forms import LaidForm
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.complaints import forms, measures, moves, policies, services
from metrostd.complaints.models import Complaint

from .matters import fetch, page


def _done(
    request: PortalRequest,
    row: Complaint,
    name: str,
    form: LaidForm,
    act: Callable[[], object],
    said: str,
) -> HttpResponse:
    """Do it, or show the page again with what was typed and why not."""
    tried = attempt(request, form, act)
    if not tried.done:
        return page(request, row, status=tried.status, bound={name: form})
    messages.success(request, said)
    # Passed on, it is no longer this office's to see.
    seen = Complaint.objects.visible_to(request.user).filter(pk=row.pk).exists()
    return go(request, row if seen else "complaints:index")


@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    form = forms.AcceptForm(request.POST)
    return _done(
        request, row, "accept", form,
        lambda: moves.accept(row, actor=request.user, **form.cleaned_data), "已受理。",
    )  # fmt: skip


@require_POST
def decline(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.may_decline(request.user, row))
    form = forms.DeclineForm(request.POST)
    return _done(
        request, row, "decline", form,
        lambda: moves.decline(row, actor=request.user, **form.cleaned_data), "已决定不予受理。",
    )  # fmt: skip


@require_POST
def extend(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    moves.extend(row, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "核查期限已延长15个工作日。")
    return go(request, row)


@require_POST
def tell(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    form = forms.TellForm(request.POST)
    return _done(
        request, row, "tell", form,
        lambda: moves.tell_informant(row, actor=request.user, **form.cleaned_data),
        "已登记告知。",
    )  # fmt: skip


@require_POST
def pass_on(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.can_pass_on(request.user, row))
    form = forms.PassOnForm(request.POST)
    return _done(
        request, row, "pass_on", form,
        lambda: moves.pass_on(row, actor=request.user, **form.cleaned_data), "已转交。",
    )  # fmt: skip


@require_POST
def start(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    moves.start(row, actor=request.user)
    messages.success(request, "已开始办理。")
    return go(request, row)


@require_POST
def verify(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    form = forms.VerifyForm(request.POST)
    return _done(
        request, row, "verify", form,
        lambda: measures.verify(row, actor=request.user, **form.cleaned_data),
        "已登记核查情况。",
    )  # fmt: skip


@require_POST
def refer(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    form = forms.ReferForm(request.POST)
    return _done(
        request, row, "refer", form,
        lambda: measures.refer(row, actor=request.user, **form.cleaned_data), "已移送。",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def direct(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose the draw, where there are several, and the standards; the draw does not say why."""
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    if request.method != "POST":
        require(policies.can_direct(request.user, row))
    runs = measures.open_draws(row)
    wanted = request.GET.get("draw", "")
    run = get_object_or_404(runs, pk=wanted) if is_key(wanted) else runs.first()
    if run is None:
        require(policies.can_direct(request.user, row))
        return redirect(row)
    standards = measures.standards_of(row, run)
    form = DirectForm(request.POST or None, standards=standards)
    tried = attempt(
        request,
        form,
        lambda: measures.direct(
            row, run, standards=form.cleaned_data["standards"], actor=request.user
        ),
    )
    if tried.done:
        messages.success(request, f"已将{row.unit}列为定向检查单位，抽取结果中不写明来自投诉举报。")
        return go(request, row)
    context: Context = {
        "complaint": row,
        "form": form,
        "run": run,
        "others": [other for other in runs if other.pk != run.pk],
        "reason": measures.REASON,
        "none": not standards,
    }
    return render(request, "complaints/direct.html", context, status=tried.status)


@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    form = forms.AnswerForm(request.POST)
    return _done(
        request, row, "answer", form,
        lambda: moves.answer(row, actor=request.user, **form.cleaned_data),
        "已答复，反映人凭查询码可以看到。",
    )  # fmt: skip


@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    moves.close(row, actor=request.user)
    messages.success(request, "已办结。")
    return go(request, row)


@require_POST
def reopen(request: PortalRequest, pk: int) -> HttpResponse:
    row = fetch(request, pk)
    require(policies.is_handler(request.user, row))
    moves.reopen(row, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "已重新办理。")
    return go(request, row)


@require_POST
def forget(request: PortalRequest, pk: int) -> HttpResponse:
    """On the word of whoever complained, e.g. on the phone."""
    row = fetch(request, pk)
    require(policies.can_forget(request.user, row))
    note = request.POST.get("note", "")
    moves.forget_on_word(row, note=note, actor=request.user)
    messages.success(request, "反映人的姓名和联系方式已删除。")
    return go(request, row)


@require_POST
def identity(request: PortalRequest, pk: int) -> HttpResponse:
    """Name and contact for one look, with the purpose on record."""
    row = fetch(request, pk)
    require(policies.can_reveal(request.user, row))
    form = forms.RevealForm(request.POST)
    tried = attempt(
        request, form, lambda: services.reveal(row, actor=request.user, **form.cleaned_data)
    )
    if not tried.done:
        return page(request, row, status=tried.status, bound={"identity": form})
    return page(request, row, identity=tried.made)
