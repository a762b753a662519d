"""责令停止量值传递: the leader proposes, the office decides, serves and lifts."""

from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections import policies, stop_papers
from inspections.enums import StopState
from inspections.forms import AcceptanceForm, ServiceForm, StopForm
from inspections.models import ChecklistAnswer, InspectionTask, StopTransferOrder
from inspections.moves import stop as stop_moves
from metrostd.common import audit
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.enums import Answer
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.paper_views import hand_out, kept
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import MeasurementStandard
from metrostd.registry.moves.certificate import current_certificate

from .found import order_or_404, require_step, task_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def propose_stop(request: PortalRequest, pk: int) -> HttpResponse:
    """Propose; the facts of the items that suggest it are filled in to be edited."""
    row = task_or_404(request, pk)
    require_step(request, row, may=policies.may_lead, can=policies.can_propose_stop)
    if row.stop_orders.standing().count() >= row.standards.count():
        messages.info(request, "本次检查的计量标准都已提出过停止量值传递。")
        return go(request, row)
    proposed = row.stop_orders.standing().values("standard")
    standards = MeasurementStandard.objects.filter(task_rows__task=row).exclude(pk__in=proposed)
    form = StopForm(
        request.POST or None, standards=standards, initial=_suggestion(request, row, standards)
    )
    tried = attempt(
        request,
        form,
        lambda: stop_moves.propose_stop(row, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, "已提出，等待组织检查的部门决定。")
        return go(request, row)
    context = {
        "task": row,
        "form": form,
        "title": "提出责令停止量值传递",
        "submit": "提出",
        "text": "是否责令停止由组织检查的部门决定；决定并送达后生效，整改并通过验收后解除。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


def _suggestion(
    request: PortalRequest, row: InspectionTask, standards: QuerySet[MeasurementStandard]
) -> Context:
    """The facts that suggest a stop, of the standard asked for or of the first that has any."""
    standard = request.GET.get("standard", "")
    answers = ChecklistAnswer.objects.filter(
        sheet__task=row,
        sheet__standard__in=standards,
        answer=Answer.NONCONFORM,
        item__suggests_stop=True,
    ).select_related("item", "sheet")
    if is_key(standard):
        answers = answers.filter(sheet__standard=int(standard))
    found = list(answers.order_by("pk"))
    if not found:
        return {"standard": standard} if is_key(standard) else {}
    chosen = found[0].sheet.standard_id
    lines = [
        f"{a.item.code} {a.item.text}：{a.note}（{a.item.basis}）"
        for a in found
        if a.sheet.standard_id == chosen
    ]
    return {"standard": chosen, "basis": "\n".join(lines)}


@require_POST
def approve_stop(request: PortalRequest, pk: int) -> HttpResponse:
    order = order_or_404(request, pk)
    require(policies.may_decide_stop(request.user, order))
    stop_moves.approve_stop(order, actor=request.user)
    messages.success(request, f"已批准，文书编号 {order.number}。送达后生效。")
    return go(request, order)


@require_POST
def reject_stop(request: PortalRequest, pk: int) -> HttpResponse:
    order = order_or_404(request, pk)
    require(policies.may_decide_stop(request.user, order))
    stop_moves.reject_stop(order, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已决定不予采取。")
    return go(request, order)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("task.subject"))
def serve_stop(request: PortalRequest, pk: int) -> HttpResponse:
    """How and when the notice reached the unit; from that day the order is in force."""
    order = order_or_404(request, pk)
    require(policies.may_run(request.user, order.task))
    if request.method != "POST":
        require(policies.can_serve_stop(request.user, order))
    form = ServiceForm(
        request.POST or None,
        request.FILES or None,
        initial={"by": request.user.display_name, "to": order.task.of_unit.legal_representative},
    )
    tried = attempt(
        request,
        form,
        lambda: stop_moves.serve_stop(order, service=form.service(), actor=request.user),
    )
    if tried.done:
        messages.success(request, f"已登记送达，自{cn_date(order.in_force_from)}起停止量值传递。")
        return go(request, order)
    context = {
        "task": order.task,
        "form": form,
        "title": "登记送达",
        "submit": "登记送达",
        "text": f"{order.number}：自送达之日起停止量值传递，被检查单位收到消息。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_safe
def stop_receipt(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The signed receipt of a served notice."""
    order = order_or_404(request, pk)
    if order.service_receipt is None:
        raise Http404
    return send_file(
        request,
        order.service_receipt,
        filename=f"送达回证 {order.number}",
        what=f"{order.task.unit}：送达回证",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("task.subject"))
def accept_standard(request: PortalRequest, pk: int) -> HttpResponse:
    """How and when the stopped standard was examined again; then the order can be lifted."""
    order = order_or_404(request, pk)
    require(policies.may_run(request.user, order.task))
    if request.method != "POST":
        require(policies.can_accept_standard(request.user, order))
    form = AcceptanceForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: stop_moves.accept_standard(order, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        passed = form.cleaned_data["meets"]
        messages.success(
            request,
            "已登记验收合格，可以解除停止量值传递。"
            if passed
            else "已登记验收不合格，继续停止量值传递。",
        )
        return go(request, order)
    context = {
        "task": order.task,
        "form": form,
        "title": "登记验收",
        "submit": "登记验收",
        "text": f"{order.standard}（{order.number}）：问题处理完毕、经验收达到原核准条件后，"
        "才能解除停止量值传递。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_POST
def ask_acceptance(request: PortalRequest, pk: int) -> HttpResponse:
    order = order_or_404(request, pk)
    require(policies.may_ask_acceptance(request.user))
    try:
        stop_moves.ask_acceptance(order, actor=request.user, note=request.POST.get("note", ""))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已申请验收，组织检查的部门已收到消息。")
    return go(request, order)


@require_POST
def lift_stop(request: PortalRequest, pk: int) -> HttpResponse:
    order = order_or_404(request, pk)
    require(policies.may_run(request.user, order.task))
    try:
        stop_moves.lift_stop(order, actor=request.user, basis=request.POST.get("note", ""))
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已解除停止量值传递。")
    return go(request, order)


@require_POST
def withdraw_stop(request: PortalRequest, pk: int) -> HttpResponse:
    order = order_or_404(request, pk)
    require(policies.may_withdraw_stop(request.user, order))
    stop_moves.withdraw_stop(order, actor=request.user, reason=request.POST.get("note", ""))
    messages.success(request, f"已撤回 {order.number}，可以重新提出。")
    return go(request, order)


@require_http_methods(["GET", "HEAD", "POST"])
def stop_paper(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The notice to print, seal and serve; there is one from the approval on."""
    order = order_or_404(request, pk)
    if order.state not in StopState.on_paper:
        raise TransitionError("批准以后才有通知书。", obj=order)
    paper = stop_papers.kept_paper(order) if order.paper else _paper_of_today(order)
    what = f"责令停止量值传递通知书 {order.number}"
    mark = f"（{order.get_state_display()}）" if order.withdrawn_on else ""
    wanted = kept(
        stop_papers.notice(order, paper),
        title=what,
        filename=f"{order.number}{mark}.pdf",
        note=lambda: audit.record_access(actor=request.user, kind="pdf", what=what),
        back=order.task.get_absolute_url(),
    )
    return hand_out(request, wanted)


def _paper_of_today(order: StopTransferOrder) -> stop_papers.StopPaper:
    """An order approved before notices were kept: from what is on record now."""
    approval = AuditEntry.objects.about(order).filter(action=stop_moves.APPROVE.name).first()
    return stop_papers.stop_paper(
        order,
        certificate=_certificate_number(order),
        approved_on=local_day(approval.at if approval else order.state_since),
    )


def _certificate_number(order: StopTransferOrder) -> str:
    certificate = current_certificate(order.standard)
    return certificate.number if certificate else ""
