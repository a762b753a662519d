"""Problems of a report and the files that go with it."""

import uuid
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common.actors import Actor
from metrostd.common.attempts import attempt, save_edit
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, looked_at, send_file
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.refusals import wants_json
from metrostd.common.shapes import Values
from selfcheck import policies, services, sheets
from selfcheck.forms import CorrectionForm, ProblemForm
from selfcheck.models import SelfCheckAnswer, SelfCheckFile, SelfCheckProblem, SelfCheckReport

from .filling import sheet_url
from .reports import fetch

_WITH_REPORT = ("report__campaign", "report__unit", "report__bureau", "report__receiver")


def _answer_of(report: SelfCheckReport, value: str | None) -> SelfCheckAnswer | None:
    """The answer a new problem is recorded for, if one is named."""
    if not value or not is_key(value):
        return None
    return get_object_or_404(report.answers.select_related("item", "standard"), pk=int(value))


def _back(report: SelfCheckReport, problem: SelfCheckProblem) -> str:
    """Where a problem was recorded: its item in the form, else the report."""
    if problem.item is None:
        return report.get_absolute_url()
    return f"{sheets.group_url(report.pk, problem.standard_id)}#i-{problem.item.code}"


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(lambda found: getattr(found, "report", found).subject)
def create(request: PortalRequest, pk: int) -> HttpResponse:
    """Record a problem: for an item (``answer``) or found beside the checklist."""
    report = fetch(request, pk)
    require(policies.is_subject(request.user, report))
    row = _answer_of(report, (request.POST or request.GET).get("answer"))
    form = ProblemForm(request.POST or None, initial={"client_id": uuid.uuid4()})
    tried = attempt(
        request,
        form,
        lambda: services.save_problem(
            report,
            client_id=form.cleaned_data["client_id"] or uuid.uuid4(),
            actor=request.user,
            standard=row.standard if row else None,
            item=row.item if row else None,
            **form.content(),
        ),
    )
    if tried.done:
        messages.success(request, "问题已记录，可以继续上传佐证材料。")
        return redirect(sheet_url(row) if row else _back(report, tried.made))
    if request.method != "POST":
        require(policies.can_edit(request.user, report))
    subtitle = f"{row.item.code} {row.item.text}" if row else "检查表以外发现的问题和风险隐患"
    context = {
        "report": report,
        "form": form,
        "answer": row,
        "problem": None,
        "title": "记录自查问题",
        "subtitle": subtitle,
        "back_url": sheet_url(row) if row else report.get_absolute_url(),
    }
    return render(request, "selfcheck/problem.html", context, status=tried.status)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("report.subject"))
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a problem; when somebody changed it meanwhile both versions are shown."""
    rows = SelfCheckProblem.objects.visible_to(request.user)
    problem = get_object_or_404(rows.select_related(*_WITH_REPORT, "item", "standard"), pk=pk)
    report = problem.report
    require(policies.is_subject(request.user, report))
    form = ProblemForm(request.POST or None, instance_data=problem)
    tried = save_edit(
        request,
        form,
        _save,
        problem,
        said="问题已保存。",
        client_id=lambda: form.cleaned_data["client_id"] or uuid.uuid4(),
        content=form.content,
    )
    if tried.done:
        return redirect(_back(report, problem))
    if request.method != "POST":
        require(policies.can_edit(request.user, report))
    context = {
        "report": report,
        "form": form,
        "answer": None,
        "problem": problem,
        "title": "自查问题",
        "subtitle": f"{problem.item.code} {problem.item.text}" if problem.item else "",
        "back_url": _back(report, problem),
        "can_remove": policies.can_remove_problem(request.user, report),
        "files": list(problem.files.select_related("file")),
        **tried.shown,
    }
    return render(request, "selfcheck/problem.html", context, status=tried.status)


def _save(
    problem: SelfCheckProblem,
    *,
    base_version: int,
    client_id: uuid.UUID,
    content: Values,
    actor: Actor,
) -> None:
    given = dict(content)
    services.save_problem(
        problem.report,
        client_id=client_id,
        actor=actor,
        problem=problem,
        base_version=base_version,
        late_reason=str(given.pop("late_reason")),
        **given,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("report.subject"))
def corrected(request: PortalRequest, pk: int) -> HttpResponse:
    """Record that a problem of a report handed in has been corrected since."""
    rows = SelfCheckProblem.objects.visible_to(request.user)
    problem = get_object_or_404(rows.select_related(*_WITH_REPORT, "item", "standard"), pk=pk)
    require(policies.is_subject(request.user, problem.report))
    if request.method != "POST":
        require(policies.can_correct(request.user, problem))
    form = CorrectionForm(request.POST or None, request.FILES or None)
    tried = attempt(
        request,
        form,
        lambda: services.record_correction(problem, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, "已登记整改完成，接收部门已收到消息。")
        return redirect(f"{problem.report.get_absolute_url()}#p-{problem.pk}")
    context = {"report": problem.report, "problem": problem, "form": form}
    return render(request, "selfcheck/corrected.html", context, status=tried.status)


@require_POST
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    rows = SelfCheckProblem.objects.visible_to(request.user)
    problem = get_object_or_404(rows.select_related(*_WITH_REPORT, "item"), pk=pk)
    require(policies.is_subject(request.user, problem.report))
    url = _back(problem.report, problem)
    services.remove_problem(problem, actor=request.user)
    messages.success(request, "问题已删除。")
    return redirect(url)


@require_POST
def upload(request: PortalRequest, pk: int) -> HttpResponse:
    """Attach a file to the report or, with ``problem``, to one of its problems."""
    report = fetch(request, pk)
    require(policies.is_subject(request.user, report))
    problem = None
    if is_key(value := request.POST.get("problem", "")):
        problem = get_object_or_404(report.problems.select_related("item"), pk=int(value))
    sent = request.FILES.getlist("file")
    if not sent:
        raise ValidationError("请选择要上传的文件。")
    for number, one in enumerate(sent):
        services.add_file(
            report,
            file=one,
            name=one.name or "",
            client_id=_file_id(request.POST.get("client_id"), number),
            actor=request.user,
            problem=problem,
        )
    if wants_json(request):
        as_of = looked_at()
        files = report.files.filter(problem=problem).select_related("file")
        context = {"files": files, "editable": True, "as_of": as_of}
        return render(request, "selfcheck/file_list.html", context)
    return redirect(_back(report, problem) if problem else report)


def _file_id(value: str | None, number: int) -> uuid.UUID:
    """The id the client gave; further files of the same request get ids derived from it."""
    try:
        first = uuid.UUID(value or "")
    except ValueError:
        return uuid.uuid4()
    return uuid.uuid5(first, str(number)) if number else first


@require_safe
def file(request: PortalRequest, pk: int) -> FileResponse:
    rows = SelfCheckFile.objects.visible_to(request.user)
    added = get_object_or_404(rows.select_related("file", "report__unit", "report__bureau"), pk=pk)
    require(policies.can_read(request.user, added.report))
    what = f"{added.report.subject}：自查附件 报告{added.report_id}"
    return send_file(request, added.file, filename=added.name, what=what)


@require_POST
def remove_file(request: PortalRequest, pk: int) -> HttpResponse:
    rows = SelfCheckFile.objects.visible_to(request.user)
    added = get_object_or_404(rows.select_related(*_WITH_REPORT, "file", "problem__item"), pk=pk)
    require(policies.is_subject(request.user, added.report))
    url = _back(added.report, added.problem) if added.problem else added.report
    services.remove_file(added, actor=request.user)
    messages.success(request, "材料已删除。")
    return redirect(url)
