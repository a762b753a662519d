"""Visits not performed: the record, the follow-up, the refusal."""

import datetime as dt
from operator import attrgetter

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections import escalating, policies
from inspections.forms import FollowUpForm, NotPerformedForm
from inspections.moves import not_performed as not_performed_moves
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.policies import require

from .found import require_step, task_or_404

FOLLOW_UP_DAYS = 14


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def not_performed(request: PortalRequest, pk: int) -> HttpResponse:
    """详细记录: reason, what was tried and when, until when it is followed up."""
    row = task_or_404(request, pk)
    require_step(
        request,
        row,
        may=policies.may_record_not_performed,
        can=policies.can_record_not_performed,
    )
    form = NotPerformedForm(request.POST or None, request.FILES or None, task=row)
    tried = attempt(
        request,
        form,
        lambda: not_performed_moves.record_not_performed(
            row, actor=request.user, **form.cleaned_data
        ),
    )
    if tried.done:
        messages.success(request, "已登记未能实施。")
        return go(request, row)
    context = {
        "task": row,
        "form": form,
        "title": "登记未能实施",
        "submit": "登记",
        "text": "列入清单但未能实施检查的，应当详细记录，并严格跟踪、开展后续监督检查（通知第二部分（二））。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def follow_up(request: PortalRequest, pk: int) -> HttpResponse:
    """List a new visit linked to the one not performed."""
    row = task_or_404(request, pk)
    require_step(request, row, may=policies.may_run, can=policies.can_arrange_follow_up)
    record = getattr(row, "not_performed", None)
    suggested = record.follow_up_due if record else None
    if suggested is None or suggested < clock.today():
        suggested = clock.today() + dt.timedelta(days=FOLLOW_UP_DAYS)
    form = FollowUpForm(request.POST or None, suggested=suggested)
    tried = attempt(
        request,
        form,
        lambda: not_performed_moves.arrange_follow_up(row, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, "后续检查已列入清单，请派员。")
        return go(request, tried.made)
    context = {
        "task": row,
        "form": form,
        "title": "安排后续检查",
        "submit": "列入清单",
        "text": "按原单位和原计量标准列入新的检查任务，与本任务关联。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_safe
def evidence(request: PortalRequest, pk: int) -> FileResponse:
    """What shows that the visit could not be made."""
    row = task_or_404(request, pk)
    record = getattr(row, "not_performed", None)
    if record is None or record.evidence is None:
        raise Http404
    filename = f"未能实施的证据 {row.subject.name}"
    return send_file(request, record.evidence, filename=filename, what=f"{row} 未能实施的证据")


@require_POST
def settle_escalated(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_settle_escalated(request.user, row))
    escalating.settle(row.not_performed, actor=request.user, outcome=request.POST.get("note", ""))
    messages.success(request, "处理意见已告知组织检查的部门。")
    return go(request, row)


@require_POST
def refuse(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_lead(request.user, row))
    not_performed_moves.refuse(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已登记拒绝检查，组织检查的部门已收到消息。")
    return go(request, row)


@require_POST
def close_not_performed(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_close(request.user, row))
    not_performed_moves.close_not_performed(
        row, actor=request.user, note=request.POST.get("note", "")
    )
    messages.success(request, "检查任务已办结。")
    return go(request, row)
