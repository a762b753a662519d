"""Filling a report in: the sheet of one standard, autosave of one answer, handing in."""

import uuid
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.enums import Answer
from metrostd.common.found import beyond
from metrostd.common.http import PortalRequest, go
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.refusals import wants_json
from metrostd.common.templatetags.formats import cn_date
from selfcheck import moves, policies, queries, services, sheets
from selfcheck.forms import AnswerForm, ProblemForm, SubmitForm
from selfcheck.models import SelfCheckAnswer
from selfcheck.services import one_answer

from .reports import fetch


@require_safe
@confidential(attrgetter("subject"))
def form(request: PortalRequest, pk: int, standard: int | None = None) -> HttpResponse:
    """The items of one standard, or those of the subject itself; ``?open=1`` only what is missing."""
    report = fetch(request, pk)
    require(policies.can_edit(request.user, report))
    groups = sheets.groups(report)
    if standard is not None or request.GET.get("group") == "0":
        chosen = groups.find(standard)
    else:
        chosen = groups.first_open()
    if chosen is None and standard is not None:
        raise Http404
    if chosen is None or not chosen.total:
        return redirect(report)
    only_open = request.GET.get("open") == "1"
    context = {
        "report": report,
        "groups": groups,
        "chosen": chosen,
        "only_open": only_open,
        "open_url": f"{chosen.url}{'&' if '?' in chosen.url else '?'}open=1",
        "sections": sheets.sheet(report, chosen.standard_id, only_open=only_open, judged=True),
        "others": [g for g in groups.rows if g.standard_id and g != chosen and g.done],
        "before": groups.neighbour(chosen, -1),
        "after": groups.neighbour(chosen, 1),
        "new_problem": ProblemForm(initial={"client_id": uuid.uuid4()}),
    }
    return render(request, "selfcheck/form.html", context)


@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    """Save one answer: JSON for the page's script, the page again without one."""
    row = one_answer.seen_by(request.user, pk)
    if row is None:
        raise beyond(SelfCheckAnswer, pk)
    require(policies.is_subject(request.user, row.report))
    posted = AnswerForm(request.POST)
    if not posted.is_valid():
        raise ValidationError(posted.error_sentences())
    had_problem = row.answer in Answer.problem
    saved = services.save_answer(
        row,
        value=posted.cleaned_data["answer"],
        note=posted.cleaned_data["note"],
        base_version=posted.cleaned_data["version"],
        client_id=posted.cleaned_data["client_id"] or uuid.uuid4(),
        actor=request.user,
    )
    if not wants_json(request):
        return redirect(sheet_url(saved))
    payload = {
        "version": saved.version,
        "saved_at": saved.answered_at.isoformat() if saved.answered_at else "",
        "progress": _progress(saved),
    }
    if (saved.answer in Answer.problem) != had_problem:
        payload["html"] = problem_panel(request, saved)
    return JsonResponse(payload)


def _progress(row: SelfCheckAnswer) -> dict:
    """What the page's counters show: the whole report, and the sections of this standard."""
    found = queries.progress(row.report)
    sections = found.sections_of(row.standard_id)
    own = found.standards[row.standard_id]
    counts = [{"code": s.code, "done": s.done, "total": s.total} for s in sections]
    counts.append({"code": f"group-{row.standard_id or 0}", "done": own.done, "total": own.total})
    return {"done": found.done, "total": found.total, "sections": counts}


def problem_panel(request: PortalRequest, row: SelfCheckAnswer) -> str:
    """The problems of one item as they stand beside its answer."""
    context = {
        "answer": row,
        "problems": sheets.problems_of(row),
        "new_problem": ProblemForm(initial={"client_id": uuid.uuid4()}),
    }
    return render_to_string("selfcheck/problem_panel.html", context, request)


def sheet_url(row: SelfCheckAnswer) -> str:
    """The place of an item in the form."""
    return f"{sheets.group_url(row.report_id, row.standard_id)}#i-{row.item.code}"


@require_POST
def copy(request: PortalRequest, pk: int, standard: int) -> HttpResponse:
    """Take over the sound answers of one section from another standard of the same report."""
    report = fetch(request, pk)
    require(policies.is_subject(request.user, report))
    source, section = request.POST.get("source", ""), request.POST.get("section", "")
    if not is_key(source):
        raise ValidationError("请选择要复制的计量标准。")
    copied = services.copy_section(
        report, source_id=int(source), target_id=standard, section=section, actor=request.user
    )
    messages.success(
        request, f"已复制 {copied} 项答案，请逐项核对。" if copied else "没有可以复制的答案。"
    )
    url = reverse("selfcheck:form_standard", args=[report.pk, standard])
    return go(request, f"{url}#section-{section}")


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("subject"))
def submit(request: PortalRequest, pk: int) -> HttpResponse:
    """What is missing, the account of the self-check, the declaration; then the report goes out."""
    report = fetch(request, pk)
    if request.method == "POST":
        require(policies.is_subject(request.user, report))
    else:
        require(policies.can_submit(request.user, report))
    initial = {"summary": report.summary, "declaration_by": report.declaration_by}
    filled = SubmitForm(request.POST or None, report=report, initial=initial)
    tried = attempt(
        request,
        filled,
        lambda: moves.submit(
            report,
            actor=request.user,
            summary=filled.cleaned_data["summary"],
            declaration_by=filled.cleaned_data["declaration_by"],
            declared=filled.read,
        ),
    )
    if tried.done:
        messages.success(request, f"已报送{report.receiver}，回执编号 {report.receipt_no}。")
        return redirect("selfcheck:receipt", report.pk)
    missing = sheets.located_gaps(report)
    context = {
        "report": report,
        "form": filled,
        "gaps": missing,
        "gap_subtitle": f"{len(missing)} 处",
        "gap_groups": sheets.grouped_gaps(
            missing, whole="考核工作" if report.bureau_id else "单位层面"
        ),
        "subtitle": f"{report.subject} · 期限 {cn_date(report.due_on)}",
        "groups": sheets.groups(report),
        "problems": sheets.problems(report),
    }
    return render(request, "selfcheck/submit.html", context, status=tried.status)
