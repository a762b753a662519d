"""联合检查: proposed on the page of a visit, answered on that of the other one."""

from operator import attrgetter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from inspections.joint import moves, policies
from inspections.joint.forms import JointForm
from inspections.models import InspectionTask, JointVisit
from inspections.policies import may_run
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require

from .found import require_step, task_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def propose(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask the office of another visit to the same unit to come at the same time."""
    row = task_or_404(request, pk)
    require_step(request, row, may=may_run, can=policies.can_propose)
    form = JointForm(request.POST or None, task=row)
    tried = attempt(
        request, form, lambda: moves.propose(row, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        joined = tried.made.state == JointVisit.States.JOINED
        messages.success(request, "已确定联合检查。" if joined else "已提出，等待对方确认。")
        return go(request, row)
    context = {
        "task": row,
        "form": form,
        "title": "联合检查",
        "submit": "提出",
        "text": "对同一单位的两项检查一次通知、一次到场，各自的检查表和记录不变。对方部门同意后，两项检查用同一日期和地点。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_POST
def agree(request: PortalRequest, pk: int) -> HttpResponse:
    joint, own = _joint_or_404(request, pk)
    require(policies.may_answer(request.user, joint))
    moves.agree(joint, actor=request.user)
    messages.success(request, "已确定联合检查。")
    return go(request, own)


@require_POST
def decline(request: PortalRequest, pk: int) -> HttpResponse:
    joint, own = _joint_or_404(request, pk)
    require(policies.may_answer(request.user, joint))
    moves.decline(joint, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已告知对方。")
    return go(request, own)


@require_POST
def part(request: PortalRequest, pk: int) -> HttpResponse:
    joint, own = _joint_or_404(request, pk)
    require(policies.may_part(request.user, joint))
    moves.part(joint, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已改为分别检查。")
    return go(request, own)


def _joint_or_404(request: PortalRequest, pk: int) -> tuple[JointVisit, InspectionTask]:
    """The joint visit, and that one of its two tasks that the person sees."""
    joint = get_object_or_404(JointVisit.objects.visible_to(request.user).for_show(), pk=pk)
    seen = InspectionTask.objects.visible_to(request.user)
    own = seen.filter(pk__in=(joint.second_id, joint.first_id)).order_by("pk").first()
    return joint, own or joint.first
