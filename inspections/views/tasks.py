"""One visit: its page, and the moves of the office and of the leader before and after it."""

from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections import extension, policies, signed_records
from inspections.agenda import clash_words, clashes_with
from inspections.completeness import SheetProgress, progress_by_sheet
from inspections.deadlines import task_due
from inspections.enums import FindingState, InterviewState, TaskState
from inspections.forms import AssignForm, StartForm
from inspections.integrity import policies as integrity
from inspections.integrity.words import RULES, TO_UNITS
from inspections.interviews import policies as interview_policies
from inspections.joint import policies as joint_policies
from inspections.joint.queries import joined_of, joint_of
from inspections.models import ChecklistSheet, CostDeclaration, Finding, InspectionTask, Interview
from inspections.moves import result as result_moves
from inspections.moves import review as review_moves
from inspections.moves import stop as stop_moves
from inspections.moves import task as task_moves
from inspections.policies import is_inspected
from inspections.signed_records import filed_records
from inspections.single_issues import policies as single_issue_policies
from inspections.team import team_warnings
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.attempts import attempt
from metrostd.common.by_now import show_all_by_now
from metrostd.common.confidential import confidential
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.registry.models import StandardCertificate

from .actions import actions_for
from .found import require_step, task_or_404
from .rows import StandardRow, StopRow, badge


@require_safe
@confidential(attrgetter("subject"))
def task(request: PortalRequest, pk: int) -> HttpResponse:
    """Facts, team, standards with their sheets, findings, stop orders, what comes next, the trail."""
    row = task_or_404(request, pk)
    user = request.user
    as_unit = is_inspected(user, row)
    if not as_unit:
        # What stands against closing and lifting is asked of them again and again.
        prefetch_related_objects([row], "findings")
    shows_result = not as_unit or row.state in TaskState.result_known
    sheets = list(row.sheets.order_by("pk")) if shows_result else []
    progress = progress_by_sheet(row) if sheets else {}
    inspected = shows_result and row.state in TaskState.inspected
    context: Context = {
        "task": row,
        "as_unit": as_unit,
        "shows_result": shows_result,
        "today": clock.today(),
        "due": task_due(row),
        "notice": policies.can_read_notice(user, row),
        "print_sheets": policies.can_print_sheets(user, row),
        "rows": _rows(row, sheets, progress),
        "has_sheets": bool(sheets),
        "total": sum(each.total for each in progress.values()),
        "done": sum(each.done for each in progress.values()),
        "conclusion": badge(row.conclusion) if shows_result else None,
        "findings": _findings(request, row) if shows_result else [],
        "stops": _stops(user, row, as_unit=as_unit),
        "cost": CostDeclaration.objects.visible_to(user).filter(task=row).first(),
        "rules": (*RULES, TO_UNITS) if as_unit else (),
        "can_give": integrity.can_give(user, row) if as_unit else None,
        "record": getattr(row, "not_performed", None),
        "interviews": _interviews(user, row, as_unit=as_unit),
        "can_interview": None if as_unit else interview_policies.can_begin(user, row),
        "joint": None if as_unit else _joint(user, row),
        "follow_ups": [] if as_unit else list(row.follow_ups.order_by("pk")),
        "filed": filed_records(row) if inspected else [],
        "record_job": signed_records.record_job(row) if inspected and not as_unit else None,
        "inspected": inspected,
        "single_issues": list(row.single_issues.order_by("pk")) if sheets and not as_unit else [],
        "report_issue": not as_unit and single_issue_policies.can_report(user, row.campaign, row),
        "packed_url": extension.where_packed(row, user) if inspected else "",
        "timeline": [] if as_unit else AuditEntry.objects.about(row)[:60],
        "sees_devices": bool(sheets) and bool(policies.may_see_leases(user, row)),
        "actions": [] if as_unit else actions_for(user, row),
        "review": review_moves.of_task(row),
        "sheets_title": "检查表" if row.bureau_id is not None else "计量标准和检查表",
    }
    return render(request, "inspections/task.html", context)


def _interviews(user: Actor, row: InspectionTask, *, as_unit: bool) -> list[Interview]:
    rows = Interview.objects.visible_to(user).filter(task=row).exclude(state=InterviewState.VOID)
    return list(rows.filter(state__in=InterviewState.on_paper) if as_unit else rows)


def _joint(user: Actor, row: InspectionTask) -> Context | None:
    """The visit this one is made together with, or asked to be, and what this person may do about it."""
    found = joint_of(row)
    if found is None:
        return None
    return {
        "joint": found,
        "partner": found.partner_of(row),
        "partner_seen": InspectionTask.objects.visible_to(user)
        .filter(pk=found.partner_of(row).pk)
        .exists(),
        "agree": joint_policies.can_agree(user, found),
        "decline": joint_policies.can_decline(user, found),
        "part": joint_policies.can_part(user, found),
    }


def _rows(
    row: InspectionTask, sheets: list[ChecklistSheet], progress: dict[int, SheetProgress]
) -> list[StandardRow]:
    """The unit's own sheet first, then one row for each standard; of a bureau one for each sheet."""
    if row.bureau_id is not None:
        cases = row.sheets.filter(pk__in=[each.pk for each in sheets]).select_related("case")
        return [StandardRow.of_case(each, progress.get(each.pk)) for each in cases.order_by("pk")]
    listed = list(row.standards.select_related("standard", "field").order_by("pk"))
    by_standard = {sheet.standard_id: sheet for sheet in sheets}
    certificates = {
        certificate.standard_id: certificate
        for certificate in StandardCertificate.objects.filter(
            standard__in=[each.standard_id for each in listed], is_current=True
        )
    }
    rows = [
        StandardRow.of(
            each,
            certificates.get(each.standard_id),
            by_standard.get(each.standard_id),
            progress,
            on=clock.today(),
        )
        for each in listed
    ]
    unit_sheet = by_standard.get(None)
    if unit_sheet is not None:
        rows.insert(0, StandardRow.of_unit(unit_sheet, progress.get(unit_sheet.pk)))
    return rows


def _findings(request: PortalRequest, row: InspectionTask) -> list[Finding]:
    rows = Finding.objects.visible_to(request.user).filter(task=row)
    found = list(rows.exclude(state=FindingState.DRAFT).for_list())
    show_all_by_now(found)
    return found


def _stops(user: Actor, row: InspectionTask, *, as_unit: bool) -> list[StopRow]:
    orders = row.stop_orders.select_related("standard").order_by("pk")
    if as_unit:
        orders = orders.known_to_unit()
    found = []
    for order in orders:
        order.task = row
        found.append(
            StopRow(
                order,
                approve=policies.can_approve_stop(user, order),
                reject=policies.can_reject_stop(user, order),
                serve=policies.can_serve_stop(user, order),
                accept=policies.can_accept_standard(user, order),
                ask=policies.can_ask_acceptance(user, order) if as_unit else None,
                lift=policies.can_lift_stop(user, order),
                withdraw=policies.can_withdraw_stop(user, order)
                if stop_moves.WITHDRAW.allowed_from(order.state) and policies.runs_an_office(user)
                else None,
            )
        )
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def assign(request: PortalRequest, pk: int) -> HttpResponse:
    """Choose the team and the day; later, before the visit starts, change them with a reason."""
    row = task_or_404(request, pk)
    require_step(request, row, may=policies.may_run, can=policies.can_assign)
    changing = row.state in TaskState.arranged
    initial = {"planned_on": row.planned_on, "place": row.place, "merged_with": row.merged_with}
    form = AssignForm(request.POST or None, initial=initial, task=row, changing=changing)
    extra = "note" if changing else "merged_with"
    move = task_moves.change_team if changing else task_moves.assign
    tried = attempt(
        request,
        form,
        lambda: move(
            row,
            actor=request.user,
            members=form.members(),
            planned_on=form.cleaned_data["planned_on"],
            place=form.cleaned_data["place"],
            **{extra: form.cleaned_data[extra]},
        ),
    )
    if tried.done:
        for warning in _warnings(row, form):
            messages.warning(request, warning)
        messages.success(
            request, "检查组已调整。" if changing else "已派员，检查组成员已收到消息。"
        )
        return go(request, row)
    context = {"task": row, "form": form, "candidates": form.candidates(), "changing": changing}
    return render(request, "inspections/assign.html", context, status=tried.status)


def _warnings(row: InspectionTask, form: AssignForm) -> list[str]:
    """What the office should look at now that the team stands; whoever would be in two places comes first."""
    people = [member for member, _ in form.members()]
    return [
        *(clash_words(each) for each in clashes_with(row, people, row.planned_on)),
        *team_warnings(row, form.members()),
    ]


def _arrival(row: InspectionTask) -> dict[str, object]:
    """One arrival for two visits made together: the other team has put it down already."""
    joint = joined_of(row)
    partner = joint.partner_of(row) if joint else None
    if partner is None or partner.arrived_at is None:
        return {}
    return {"arrived_at": partner.arrived_at, "attendees": partner.attendees}


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def start(request: PortalRequest, pk: int) -> HttpResponse:
    """Arrival and credentials, then the sheets are there to be filled in."""
    row = task_or_404(request, pk)
    require_step(request, row, may=policies.may_lead, can=policies.can_start)
    form = StartForm(request.POST or None, initial=_arrival(row))
    tried = attempt(
        request, form, lambda: task_moves.start(row, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        messages.success(request, "检查已开始，可以填写检查表。")
        return go(request, row)
    context = {
        "task": row,
        "form": form,
        "rules": RULES,
        "title": "开始检查",
        "submit": "开始检查",
        "text": "到达时间和出示执法证件记入检查记录。开始后生成检查表，检查组成员可以同时填写。",
    }
    return render(request, "inspections/form.html", context, status=tried.status)


@require_POST
def notify(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_run(request.user, row))
    task_moves.notify(row, actor=request.user)
    messages.success(request, "已通知被检查单位。")
    return go(request, row)


@require_POST
def review(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_review(request.user, row))
    result_moves.review(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已审核通过。有问题的，请下达整改文书。")
    return go(request, row)


@require_POST
def reopen(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_reopen(request.user, row))
    result_moves.reopen(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已退回重填，原签字失效但保留。")
    return go(request, row)


@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    row = task_or_404(request, pk)
    require(policies.may_close(request.user, row))
    try:
        result_moves.close(row, actor=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "检查任务已办结。")
    return go(request, row)
