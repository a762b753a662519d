"""廉政: the leader's declaration, the unit's word, the desk of 纪检监督."""

from operator import attrgetter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections.integrity import acts, policies
from inspections.integrity.forms import CostForm, FeedbackForm, SettleForm
from inspections.models import CostDeclaration, IntegrityFeedback
from metrostd.common import audit
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.policies import require
from metrostd.common.shapes import Context

from .found import require_step, task_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def declare(request: PortalRequest, pk: int) -> HttpResponse:
    """What the unit bore of the visit: 0, or an amount with its reason."""
    row = task_or_404(request, pk)
    require_step(request, row, may=policies.may_declare, can=policies.can_declare)
    form = CostForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: acts.declare(
            row,
            {name: form.cleaned_data[name] for name in acts.AMOUNTS},
            note=form.cleaned_data["note"],
            actor=request.user,
        ),
    )
    if tried.done:
        if tried.made.stops:
            messages.warning(request, "已申报，并已报告纪检监督。核实退还之前，这次检查不能审核。")
        else:
            messages.success(request, "已申报：被检查单位没有承担费用。")
        return go(request, row)
    context: Context = {
        "task": row,
        "form": form,
        "title": "申报检查费用",
        "submit": "申报",
        "text": "检查的食宿、交通等费用由检查机关承担，被检查单位承担的应当为0。申报后不能更改；不为0的，报告纪检监督，核实退还之前不能审核。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def give(request: PortalRequest, pk: int) -> HttpResponse:
    """The unit's word after the visit."""
    row = task_or_404(request, pk)
    require_step(request, row, may=policies.may_give, can=policies.can_give)
    form = FeedbackForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: acts.give_feedback(
            row,
            form.signs(),
            manner=form.cleaned_data["manner"],
            comment=form.cleaned_data["comment"],
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, "廉政反馈已提交，只有纪检监督可以看到。")
        return go(request, row)
    context: Context = {
        "task": row,
        "form": form,
        "title": "廉政反馈",
        "submit": "提交",
        "text": "请如实反映检查人员遵守廉洁纪律的情况。反馈只有纪检监督和本单位可以看到，检查组、组织检查的部门和系统管理员都看不到；提交后不能更改。有下列情形的请勾选。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_safe
def desk(request: PortalRequest) -> HttpResponse:
    """What units say and what visits cost: for 纪检监督."""
    user = request.user
    require(policies.may_watch(user))
    feedback = IntegrityFeedback.objects.visible_to(user).for_list()
    only = request.GET.get("only", "")
    if only == "serious":
        feedback = feedback.serious()
    costs = CostDeclaration.objects.visible_to(user).for_list()
    audit.record_access(actor=user, kind="view", what="廉政反馈和检查费用申报清单")
    context: Context = {
        "page": page_of(request, feedback),
        "only": only,
        "waiting": list(costs.waiting()),
        "settled": list(costs.paid().exclude(settled_at=None)[:20]),
        "declared": costs.count(),
        "form": SettleForm(),
    }
    return render(request, "inspections/integrity.html", context)


@require_safe
def feedback(request: PortalRequest, pk: int) -> HttpResponse:
    """One feedback in full: 纪检监督, and the unit its own."""
    row = get_object_or_404(IntegrityFeedback.objects.visible_to(request.user).for_list(), pk=pk)
    audit.record_access(actor=request.user, kind="view", what=str(row))
    return render(request, "inspections/feedback.html", {"row": row})


@require_POST
def settle(request: PortalRequest, pk: int) -> HttpResponse:
    """An amount was given back, or never paid."""
    rows = CostDeclaration.objects.visible_to(request.user).for_list()
    row = get_object_or_404(rows, pk=pk)
    require(policies.may_watch(request.user))
    form = SettleForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: acts.settle(row, note=form.cleaned_data["note"], actor=request.user),
    )
    if tried.done:
        messages.success(request, "已核实，这次检查可以审核。")
    else:
        messages.error(request, "请写明核实情况，不少于5个字。")
    return go(request, reverse("inspections:integrity"))
