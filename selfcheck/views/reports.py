"""One report: reading it, the moves of the receiving office, its receipt."""

from operator import attrgetter

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.paper_views import hand_out, kept
from metrostd.common.policies import first_no, require
from metrostd.common.templatetags.formats import cn_date
from selfcheck import (
    deadlines,
    moves,
    policies,
    receipts,
    rereview,
    services,
    sheets,
)
from selfcheck.enums import ReportState
from selfcheck.forms import SendBackForm
from selfcheck.models import SelfCheckAnswer, SelfCheckProblem, SelfCheckReport

from . import actions

_TIMELINE = 60


def fetch(request: PortalRequest, pk: int) -> SelfCheckReport:
    """The report within the person's scope, with what every page about it names."""
    reports = SelfCheckReport.objects.visible_to(request.user).select_related(
        "campaign__organiser", "unit__territorial_authority", "bureau", "receiver", "template"
    )
    return get_object_or_404(reports, pk=pk)


@require_safe
@confidential(attrgetter("subject"))
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    report = fetch(request, pk)
    user = request.user
    readable = policies.can_read(user, report)
    groups = sheets.groups(report)
    chosen = groups.chosen(request.GET.get("standard"))
    problems = sheets.problems(report) if readable else []
    entries = list(AuditEntry.objects.about(report)[:_TIMELINE])
    context = {
        "report": report,
        "today": clock.today(),
        "readable": readable,
        "subtitle": f"{report.campaign} · 报送{report.receiver}",
        "due_text": _due_text(report),
        "rereview": rereview.since(report) if readable else None,
        # What the office notes while it reads is the unit's to see once the report is sent back.
        "shows_marks": report.state != ReportState.SUBMITTED
        or bool(policies.is_receiver(user, report)),
        "late_text": deadlines.lateness(report, clock.today()) or "否",
        "revision_text": f"第{report.revision}版",
        "problem_subtitle": _problem_subtitle(problems),
        "marked": sheets.marked_items(report)
        if report.state == ReportState.RETURNED and readable
        else [],
        "send_back_note": next((e.note for e in entries if e.action == moves.SEND_BACK.name), ""),
        "actions": actions.of_report(user, report, prepared=groups.is_prepared),
        "is_receiver": policies.is_receiver(user, report),
        "can_edit": policies.can_edit(user, report),
        "may_correct": policies.may_correct(user, report),
        "can_send_back": policies.can_send_back(user, report),
        "can_exempt": policies.can_exempt(user, report),
        "groups": groups,
        "chosen": chosen,
        "sections": sheets.sheet(report, chosen.standard_id) if readable and chosen else [],
        "problems": problems,
        "files": list(report.files.filter(problem=None).select_related("file")) if readable else [],
        "entries": entries,
    }
    return render(request, "selfcheck/detail.html", context)


def _due_text(report: SelfCheckReport) -> str:
    """The day of the notice, and the one of the edition asked for since where it differs."""
    first = deadlines.first_due(report.campaign, report.kind)
    text = f"{cn_date(first)}（含当日）"
    if report.due_on == first:
        return text
    return f"{text}；第{report.revision}版{cn_date(report.due_on)}（含当日）"


def _problem_subtitle(problems: list[SelfCheckProblem]) -> str:
    done = sum(problem.rectified_on is not None for problem in problems)
    return f"{len(problems)} 个，已完成整改 {done} 个" if problems else ""


@require_POST
def start(request: PortalRequest, pk: int) -> HttpResponse:
    """Open the form: makes the rows to fill in, and the report a draft."""
    report = fetch(request, pk)
    require(policies.can_edit(request.user, report))
    with transaction.atomic():
        services.ensure_answers(report, actor=request.user)
        if moves.START.allowed_from(report.state_now):
            moves.start(report, actor=request.user)
    return redirect("selfcheck:form", report.pk)


@require_POST
def accept(request: PortalRequest, pk: int) -> HttpResponse:
    report = fetch(request, pk)
    require(policies.may_accept(request.user, report))
    moves.accept(report, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"已接收{report.subject}的自查报告。")
    return go(request, report)


@require_POST
def mark(request: PortalRequest, pk: int) -> HttpResponse:
    """Remark on one answer while reading on; an empty text takes the remark back."""
    rows = SelfCheckAnswer.objects.visible_to(request.user).select_related("report", "item")
    row = get_object_or_404(rows, pk=pk)
    report = fetch(request, row.report_id)
    require(policies.is_receiver(request.user, report))
    row.report = report
    moves.mark_answer(row, text=request.POST.get("mark", ""), actor=request.user)
    place = f"?standard={row.standard_id or 0}#i-{row.item.code}"
    return redirect(report.get_absolute_url() + place)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def send_back(request: PortalRequest, pk: int) -> HttpResponse:
    """The reason, the new day, and remarks on single answers."""
    report = fetch(request, pk)
    if request.method == "POST":
        require(policies.is_receiver(request.user, report))
    else:
        require(policies.can_send_back(request.user, report))
    form = SendBackForm(request.POST or None, report=report)
    tried = attempt(
        request,
        form,
        lambda: moves.send_back(
            report,
            actor=request.user,
            note=form.cleaned_data["note"],
            due_on=form.cleaned_data["due_on"],
            marks=form.marks(),
        ),
    )
    if tried.done:
        messages.success(request, f"已退回{report.subject}补正。")
        return go(request, report)
    context = {"report": report, "form": form, "groups": form.marked_groups()}
    return render(request, "selfcheck/send_back.html", context, status=tried.status)


@require_POST
def exempt(request: PortalRequest, pk: int) -> HttpResponse:
    report = fetch(request, pk)
    require(policies.may_accept(request.user, report))
    moves.exempt(report, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"{report.subject}的自查报告已免报。")
    return go(request, report)


@require_POST
def revive(request: PortalRequest, pk: int) -> HttpResponse:
    report = fetch(request, pk)
    require(policies.is_receiver(request.user, report))
    moves.revive(report, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"{report.subject}的自查报告已恢复报送。")
    return go(request, report)


@require_POST
def reopen(request: PortalRequest, pk: int) -> HttpResponse:
    report = fetch(request, pk)
    require(policies.is_receiver(request.user, report))
    moves.reopen(report, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"已允许{report.subject}补充自查报告。")
    return go(request, report)


@require_safe
@confidential(attrgetter("subject"))
def receipt(request: PortalRequest, pk: int) -> HttpResponse:
    report = fetch(request, pk)
    require(first_no(policies.can_read(request.user, report), policies.can_see_receipt(report)))
    data = receipts.receipt_data(report)
    context = {
        "report": report,
        "receipt": data,
        "problem_text": f"{data.problems} 个，已完成整改 {data.rectified} 个",
        "revision_text": f"第{data.revision}版",
    }
    return render(request, "selfcheck/receipt.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def receipt_pdf(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    report = fetch(request, pk)
    require(first_no(policies.can_read(request.user, report), policies.can_see_receipt(report)))
    wanted = kept(
        receipts.receipt_paper(report),
        title=f"自查报告回执 {report.receipt_no}",
        filename=f"{report.receipt_no}.pdf",
        back=reverse("selfcheck:receipt", args=[report.pk]),
        whose=str(report.subject),
    )
    return hand_out(request, wanted)
