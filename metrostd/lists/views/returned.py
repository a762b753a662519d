"""Rows a district sent back: the office decides, the district reads the answer. And one list's progress."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.picking import picked
from metrostd.common.policies import require
from metrostd.lists import queries
from metrostd.lists.forms.hand_overs import AssignForm, DecisionForm, DueForm
from metrostd.lists.hand_over_lines import links_for
from metrostd.lists.policies import hand_overs as policies
from metrostd.lists.services import hand_overs, returns
from metrostd.registry.enums import ReturnDecision
from metrostd.registry.models import Authority, HandOverReturn, ImportBatch

_TRAIL = 20


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """What was sent back and why, what was answered, and what is to be done now."""
    returned = _returned(request, pk)
    return _page(request, returned, DecisionForm(returned=returned))


def _page(
    request: PortalRequest, returned: HandOverReturn, form: DecisionForm, *, status: int = 200
) -> HttpResponse:
    user, row = request.user, returned.row
    context = {
        "returned": returned,
        "hand_over": returned.hand_over,
        "row": row,
        "links": links_for(user, [row])[row.pk],
        "form": form,
        "same_unit": row.batch.rows.filter(hand_over=row.hand_over, unit=row.unit).count(),
        "decide_verdict": policies.can_decide(user, returned),
        "take_back_verdict": policies.can_take_back(user, returned),
        "accept_verdict": policies.can_accept(user, returned),
        "may_decide": bool(policies.may_hand_over(user)),
        "may_receive": bool(policies.may_receive(user)),
        "entries": AuditEntry.objects.about(returned)[:_TRAIL],
    }
    return render(request, "lists/returned.html", context, status=status)


@require_POST
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Another district, the register put right, or the list stands."""
    returned = _returned(request, pk)
    require(policies.may_hand_over(request.user))
    form = DecisionForm(request.POST, returned=returned)
    tried = attempt(request, form, lambda: _decide(request, returned, **form.cleaned_data))
    if tried.done:
        return go(request, returned)
    return _page(request, returned, form, status=tried.status)


def _decide(
    request: PortalRequest,
    returned: HandOverReturn,
    *,
    decision: str,
    district: Authority | None,
    answer: str,
) -> None:
    if decision == ReturnDecision.MOVED and district is not None:  # the form asks for it
        said = returns.pass_on(returned, district=district, words=answer, actor=request.user)
        messages.success(request, f"已改由{district}签收，台账中的属地已更改。")
        for words in said:
            messages.info(request, words)
    else:
        returns.answer(returned, decision=decision, words=answer, actor=request.user)
        messages.success(request, "已答复，等区局签收这一行。")


@require_POST
def take_back(request: PortalRequest, pk: int) -> HttpResponse:
    """The district keeps the row after all."""
    returned = _returned(request, pk)
    require(policies.may_receive(request.user))
    returns.take_back(returned, actor=request.user)
    messages.success(request, "已撤销退回。")
    return go(request, returned.hand_over)


@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    """The district takes the row after the answer."""
    returned = _returned(request, pk)
    require(policies.may_receive(request.user))
    returns.accept(returned, actor=request.user)
    messages.success(request, "已签收这一行。")
    return go(request, returned.hand_over)


@require_POST
def insist(request: PortalRequest, pk: int) -> HttpResponse:
    """The district sends the row back once more."""
    returned = _returned(request, pk)
    require(policies.may_receive(request.user))
    returns.insist(returned, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "已再次退回。")
    return go(request, returned)


@require_safe
def of_list(request: PortalRequest, pk: int) -> HttpResponse:
    """One list: who has acknowledged and when, who has not, what came back, what has no district."""
    return _list_page(request, _batch(request, pk), DueForm())


def _list_page(
    request: PortalRequest, batch: ImportBatch, form: DueForm, *, status: int = 200
) -> HttpResponse:
    today, user = clock.today(), request.user
    progress = queries.progress_of([batch], on=today)[0]
    returned = HandOverReturn.objects.visible_to(user).filter(hand_over__batch=batch)
    homeless = batch.rows.without_district().select_related("unit", "standard").order_by("pk")
    context = {
        "batch": batch,
        "progress": progress,
        "returned": page_of(request, returned.for_list().order_by("state", "pk")),
        "homeless": list(homeless[:50]),
        "districts": list(Authority.objects.districts()),
        "due_form": form,
        "remind_verdict": policies.can_remind(user, progress.waiting, progress.asked, on=today),
        "due_verdict": policies.can_reschedule(user, progress.waiting),
        "may_decide": bool(policies.may_hand_over(user)),
        "today": today,
    }
    return render(request, "lists/hand_over_list.html", context, status=status)


@require_POST
def remind(request: PortalRequest, pk: int) -> HttpResponse:
    """A message to the districts ticked, or to every one that has not acknowledged, once a day."""
    batch = _batch(request, pk)
    require(policies.may_hand_over(request.user))
    rows = picked(request, batch.hand_overs.sent())
    if not rows.exists():
        raise ValidationError("请先勾选还没有签收的区局。")
    outcome = hand_overs.remind(rows, actor=request.user, text=request.POST.get("text", ""))
    (messages.success if outcome.told else messages.warning)(request, outcome.sentence)
    return go(request, _url(batch))


@require_POST
def reschedule(request: PortalRequest, pk: int) -> HttpResponse:
    """Another last day for those that have not acknowledged."""
    batch = _batch(request, pk)
    require(policies.may_hand_over(request.user))
    form = DueForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: hand_overs.reschedule(
            batch, due_on=form.cleaned_data["due_on"], actor=request.user
        ),
    )
    if tried.done:
        messages.success(request, "签收期限已调整。")
        return go(request, _url(batch))
    return _list_page(request, batch, form, status=tried.status)


@require_POST
def assign(request: PortalRequest, pk: int) -> HttpResponse:
    """The district of a unit that the list did not place."""
    batch = _batch(request, pk)
    require(policies.may_hand_over(request.user))
    form = AssignForm(request.POST)
    if not form.is_valid():
        raise forms.ValidationError("请选择属地区局。")
    row = get_object_or_404(batch.rows.select_related("unit", "batch"), pk=form.cleaned_data["row"])
    district = form.cleaned_data["district"]
    said = returns.assign(row, district=district, actor=request.user)
    messages.success(request, f"{row.unit}已移交{district}。")
    for words in said:
        messages.info(request, words)
    return go(request, _url(batch))


def _url(batch: ImportBatch) -> str:
    return reverse("lists:hand_overs_of_list", args=[batch.pk])


def _batch(request: PortalRequest, pk: int) -> ImportBatch:
    return get_object_or_404(ImportBatch.objects.visible_to(request.user).for_list(), pk=pk)


def _returned(request: PortalRequest, pk: int) -> HandOverReturn:
    rows = HandOverReturn.objects.visible_to(request.user).select_related(
        "hand_over__authority",
        "hand_over__batch__issuing_authority",
        "row__batch",
        "row__unit__territorial_authority",
        "row__standard",
        "district",
        "moved_to",
    )
    return get_object_or_404(rows, pk=pk)
