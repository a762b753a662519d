"""One order: issuing it, its page for unit and office, its papers, submitting it."""

from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections.enums import FindingState, Severity, StopState
from inspections.forms import ServiceForm
from inspections.models import Finding, InspectionTask, StopTransferOrder
from inspections.stop_papers import lacking
from metrostd.common import audit, clock
from metrostd.common.attempts import attempt
from metrostd.common.by_now import show_all_by_now, show_in
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.models import AuditEntry, Job
from metrostd.common.paper_views import Wanted, hand_out
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from rectification import cards, deadlines, lapsing, papers, policies, queries, wording
from rectification.enums import OrderKind, OrderState
from rectification.forms import IssueForm, WithdrawalForm
from rectification.models import OrderItem, RectificationOrder
from rectification.moves import order as order_moves
from rectification.moves import report as report_moves
from rectification.moves import service as service_moves
from rectification.moves import withdrawal as withdrawal_moves

from . import actions


def fetch(request: PortalRequest, pk: int) -> RectificationOrder:
    return get_object_or_404(RectificationOrder.objects.visible_to(request.user).for_list(), pk=pk)


@require_http_methods(["GET", "POST"])
@confidential(attrgetter("subject"))
def issue(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose findings of a reviewed task, kind, due day and requirements; issue the order."""
    task = get_object_or_404(InspectionTask.objects.visible_to(request.user).for_list(), pk=pk)
    require(policies.can_issue(request.user, task))
    rows = list(task.findings.filter(state=FindingState.RAISED).for_list())
    on = clock.today()
    waits = order_moves.waits_for_objections(rows)
    form = IssueForm(
        request.POST or None,
        rows=rows,
        latest=task.campaign.summary_due,
        waits=waits,
        initial={
            "kind": _usual_kind(rows),
            "due_on": deadlines.default_due(task, on=on),
            "requirement": wording.DEFAULT_REQUIREMENT,
            "findings": [row.pk for row in rows],
        },
    )
    if "preview" in request.POST and form.is_valid():
        return _preview(request, task, form, rows)
    tried = attempt(
        request,
        form,
        lambda: order_moves.issue_order(
            task,
            findings=[row for row in rows if row in form.cleaned_data["findings"]],
            kind=form.cleaned_data["kind"],
            due_on=form.cleaned_data["due_on"],
            requirement=form.cleaned_data["requirement"],
            requirements=form.own_requirements(),
            waiver=form.cleaned_data.get("waiver", ""),
            actor=request.user,
        ),
    )
    if tried.done:
        order = tried.made
        messages.success(
            request, f"已下达{order.get_kind_display()} {order.number}，单位已收到消息。"
        )
        return go(request, order)
    context = {
        "task": task,
        "form": form,
        "rows": rows,
        "waits": waits,
        "missing": lacking(task.of_unit, task.authority, request.user),
        "phrases": wording.STOCK_REQUIREMENTS,
        "certificates": queries.certificate_numbers(row.standard_id for row in rows),
        "disputed": task.findings.filter(state=FindingState.DISPUTED).count(),
    }
    return render(request, "rectification/issue.html", context, status=tried.status)


def _preview(
    request: PortalRequest, task: InspectionTask, form: IssueForm, rows: list[Finding]
) -> HttpResponse:
    """The paper as it would be issued now, marked as a preview; takes no number."""
    draft = RectificationOrder(
        task=task,
        kind=form.cleaned_data["kind"],
        issued_on=clock.today(),
        due_on=form.cleaned_data["due_on"],
        requirement=form.cleaned_data["requirement"],
        issued_by=request.user,
    )
    own = form.own_requirements()
    items = [
        OrderItem(order=draft, finding=row, requirement=own[row.pk].strip())
        for row in rows
        if row in form.cleaned_data["findings"]
    ]
    paper = papers.preview(draft, items)
    return render(request, "rectification/pdf/order.html", {"order": paper, "on_screen": True})


@require_safe
@confidential(attrgetter("task.unit"))
def order(request: PortalRequest, pk: int) -> HttpResponse:
    """The unit fills in and submits; the office decides finding by finding; others read."""
    row = fetch(request, pk)
    return render(request, "rectification/order.html", order_context(request, row))


def order_context(request: PortalRequest, row: RectificationOrder) -> Context:
    on = clock.today()
    findings = list(
        Finding.objects.visible_to(request.user)
        .filter(order_item__order=row)
        .for_list()
        .order_by("order_item")
    )
    for finding in findings:
        finding.task = row.task
    cards.with_requests(findings)
    show_all_by_now(findings)
    show_in(row, lapsing.order_by_now(row, findings))
    made = cards.cards(findings, user=request.user, with_forms=True)
    waiting = [card for card in made if card.finding.state in FindingState.owed_by_unit]
    trail = AuditEntry.objects.about(row)
    return {
        "order": row,
        "actions": actions.of_order(request.user, row),
        "gone": row.withdrawn_items.select_related("finding__item", "replaced_by").order_by("pk"),
        "instead_of": RectificationOrder.objects.filter(
            withdrawn_items__replaced_by=row
        ).distinct(),
        "task": row.task,
        "cards": made,
        "today": on,
        "is_unit": bool(policies.is_unit(request.user, row.task)),
        "is_office": bool(policies.is_office(request.user, row.task)),
        "can_submit": policies.can_submit(request.user, row, [f.state for f in findings]),
        "waiting": len(waiting),
        "ready": sum(not card.missing for card in waiting),
        "to_review": sum(card.finding.state == FindingState.SUBMITTED for card in made),
        "next_due": min((c.finding.due_on for c in waiting if c.finding.due_on), default=None),
        "stops": StopTransferOrder.objects.filter(
            task=row.task_id, state=StopState.IN_FORCE
        ).select_related("standard"),
        "trail": trail,
        "job": _paper_job(row),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def order_pdf(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The order as it was issued, one taken back with its mark."""
    row = fetch(request, pk)
    withdrawn = row.state == OrderState.WITHDRAWN
    render_paper = papers.render_withdrawn if withdrawn else papers.render_order
    mark = f"（{row.get_state_display()}）" if withdrawn else ""
    wanted = Wanted(
        title=str(row),
        filename=f"{row.number}{mark}.pdf",
        file=row.withdrawn_document if withdrawn else row.document,
        job=papers.last_job(row, papers.WITHDRAWAL_JOB if withdrawn else papers.ORDER_JOB),
        make=lambda: render_paper(row, actor=None),
        back=row.get_absolute_url(),
        whose=str(row.task.unit),
    )
    return hand_out(request, wanted)


@require_http_methods(["GET", "HEAD", "POST"])
def confirmation_pdf(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """整改情况确认单, once everything has been confirmed."""
    row = fetch(request, pk)
    if row.confirmation is None and row.state != OrderState.VERIFIED:
        messages.info(request, "全部问题确认合格后生成确认单，请稍后再打开。")
        return redirect(row)
    wanted = Wanted(
        title=f"整改情况确认单 {row.number}",
        filename=f"整改情况确认单 {row.number}.pdf",
        file=row.confirmation,
        job=papers.last_job(row, papers.CONFIRMATION_JOB),
        make=lambda: papers.render_confirmation(row, actor=None),
        back=row.get_absolute_url(),
        whose=str(row.task.unit),
    )
    return hand_out(request, wanted)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("task.unit"))
def serve(request: PortalRequest, pk: int) -> HttpResponse:
    """How and when the order reached the unit."""
    row = fetch(request, pk)
    if request.method == "POST":
        require(policies.is_office(request.user, row.task))
    else:
        require(policies.can_serve(request.user, row))
    form = ServiceForm(
        request.POST or None,
        request.FILES or None,
        initial={"by": request.user.display_name, "to": row.task.of_unit.legal_representative},
    )
    tried = attempt(
        request,
        form,
        lambda: service_moves.record_service(row, service=form.service(), actor=request.user),
    )
    if tried.done:
        messages.success(request, f"已登记 {row.number} 的送达情况。")
        return go(request, row)
    return render(
        request, "rectification/serve.html", {"order": row, "form": form}, status=tried.status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("task.unit"))
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    """Take the order back, with the reason; who may is said beside the button."""
    row = fetch(request, pk)
    ask = policies.may_withdraw if request.method == "POST" else policies.can_withdraw
    require(ask(request.user, row))
    form = WithdrawalForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: withdrawal_moves.withdraw(
            row, reason=form.cleaned_data["note"], actor=request.user
        ),
    )
    if tried.done:
        messages.success(request, f"已撤回 {row.number}，单位已收到消息；所列问题可以重新下达。")
        return go(request, row)
    context = {"order": row, "form": form, "findings": row.items.count()}
    return render(request, "rectification/withdraw.html", context, status=tried.status)


@require_safe
def receipt(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The signed receipt of a served order."""
    row = fetch(request, pk)
    if row.service_receipt is None:
        raise Http404
    return send_file(
        request,
        row.service_receipt,
        filename=f"送达回证 {row.number}",
        what=f"{row.task.unit}：送达回证",
    )


@require_POST
def render_papers(request: PortalRequest, pk: int) -> HttpResponse:
    """Queue papers that are missing, after a failure of the background job."""
    row = fetch(request, pk)
    require(policies.is_office(request.user, row.task))
    if row.document is None:
        job = papers.render_order(row, actor=request.user)
    elif row.state == OrderState.WITHDRAWN and row.withdrawn_document is None:
        job = papers.render_withdrawn(row, actor=request.user)
    elif row.state == OrderState.VERIFIED and row.confirmation is None:
        job = papers.render_confirmation(row, actor=request.user)
    else:
        return go(request, row)
    audit.record(row, actor=request.user, action="order.render", label="重新生成文书")
    return redirect("common:job", job.pk)


@require_POST
def submit(request: PortalRequest, pk: int) -> HttpResponse:
    """Report everything that is due; what is missing is said on the page."""
    row = fetch(request, pk)
    # A second submission of the same page is a conflict, not a lack of rights.
    require(policies.is_unit(request.user, row.task))
    try:
        count = report_moves.submit_rectification(row, actor=request.user)
    except ValidationError as error:
        context = {**order_context(request, row), "problems": error.messages}
        return render(request, "rectification/order.html", context, status=422)
    messages.success(request, f"已报送 {count} 项问题的整改情况，等待{row.task.authority}确认。")
    return go(request, row)


def _usual_kind(rows: list[Finding]) -> str:
    """责令改正 when anything is 不符合, the softer notice for plain deficiencies."""
    bad = any(row.severity == Severity.NONCONFORM for row in rows)
    return OrderKind.CORRECTION if bad else OrderKind.NOTICE


def _paper_job(row: RectificationOrder) -> Job | None:
    """The last job that renders a paper still missing."""
    missing = {
        papers.ORDER_JOB: row.document_id is None,
        papers.WITHDRAWAL_JOB: row.state == OrderState.WITHDRAWN
        and row.withdrawn_document_id is None,
        papers.CONFIRMATION_JOB: row.state == OrderState.VERIFIED and row.confirmation_id is None,
    }
    kind = next((kind for kind, lacks in missing.items() if lacks), None)
    if kind is None:
        return None
    return papers.last_job(row, kind)
