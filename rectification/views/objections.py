"""Before an order: the unit objects or says that it will not; the office answers."""

from django.contrib import messages
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require
from rectification import forms, policies
from rectification.moves import objection as objection_moves

from . import findings


@require_POST
def dispute(request: PortalRequest, pk: int) -> HttpResponse:
    row = findings.fetch(request, pk)
    require(policies.is_unit(request.user, row.task))
    form = forms.ObjectionForm(request.POST)
    return findings.done(
        request,
        row,
        "dispute",
        form,
        lambda d: objection_moves.dispute(row, reason=d["reason"], actor=request.user),
        "异议已提交，等待答复。",
    )


@require_POST
def waive(request: PortalRequest, pk: int) -> HttpResponse:
    """The unit will not object: its own statement, for good."""
    row = findings.fetch(request, pk)
    require(policies.is_unit(request.user, row.task))
    objection_moves.waive(row, statement=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "已记录放弃异议。")
    return go(request, row)


@require_POST
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    row = findings.fetch(request, pk)
    require(policies.may_decide_objection(request.user, row))
    form = forms.ObjectionDecisionForm(request.POST)
    return findings.done(
        request,
        row,
        "decide",
        form,
        lambda d: objection_moves.decide_objection(
            row, upheld=d["outcome"] == "uphold", decision=d["decision"], actor=request.user
        ),
        "已答复异议，单位已收到消息。",
    )
