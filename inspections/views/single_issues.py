"""一事一报: the list, the rulings, one matter with its opinions and its answer."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.current import current_campaign, elsewhere, listed_campaigns
from inspections.enums import SingleIssueState
from inspections.models import (
    ChecklistAnswer,
    Finding,
    InspectionTask,
    Opinion,
    SingleIssueReport,
)
from inspections.querysets import SingleIssueQuerySet
from inspections.single_issues import moves, policies
from inspections.single_issues.forms import AnswerForm, ConsultForm, OpinionForm, ReportForm
from inspections.workbook import single_issue_sheet
from metrostd.common import clock
from metrostd.common.actions import Action
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.roles import Role
from metrostd.common.shapes import Context

_KNOW_RULINGS = Role.offices | Role.on_site


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The matters the acting membership has to do with, those without an answer first."""
    listed = _listed(request)
    page = page_of(request, _filtered(request, listed))
    counted = listed.count_by_state()
    own = policies.can_report(request.user, current_campaign(request), None)
    context: Context = {
        "page": page,
        "tab": "issues",
        "today": clock.today(),
        "states": [(s.value, f"{s.label}（{counted.get(s, 0)}）") for s in SingleIssueState],
        "elsewhere": []
        if page.object_list
        else elsewhere(
            request, SingleIssueReport.objects.visible_to(request.user), listed_campaigns(request)
        ),
        "overdue_choices": [("1", "只看逾期未答复")],
        "report": own,
    }
    return render(request, "inspections/single_issues/index.html", context)


@require_safe
@exported
def export(request: PortalRequest) -> Export:
    """The filtered list as a workbook."""
    rows = _filtered(request, _listed(request))
    return Export(
        restricted=True,
        what=f"一事一报清单 {request.GET.urlencode()}",
        filename="一事一报.xlsx",
        count=rows.count,
        sheets=lambda: [single_issue_sheet(rows.iterator(500), on=clock.today())],
    )


def _listed(request: PortalRequest) -> SingleIssueQuerySet:
    rows = SingleIssueReport.objects.visible_to(request.user)
    return rows.filter(campaign__in=listed_campaigns(request))


def _filtered(request: PortalRequest, rows: SingleIssueQuerySet) -> SingleIssueQuerySet:
    if (state := request.GET.get("state", "")) in SingleIssueState.values:
        rows = rows.filter(state=state)
    if text := request.GET.get("q", "").strip():
        rows = rows.filter(
            Q(subject__icontains=text)
            | Q(question__icontains=text)
            | Q(number__icontains=text)
            | Q(task__unit__name__icontains=text)
        )
    if request.GET.get("overdue"):
        rows = rows.waiting().filter(due_on__lt=clock.today())
    return rows.select_related("authority", "task__unit", "item", "reported_by__user").order_by(
        "-reported_at", "-pk"
    )


@require_safe
def rulings(request: PortalRequest) -> HttpResponse:
    """统一口径: answers that stand for everybody, in general words, without whose matter it was."""
    if request.user.scope.role not in _KNOW_RULINGS:
        raise PermissionDenied("统一口径供检查人员参照。")
    rows = SingleIssueReport.objects.rulings()
    if text := request.GET.get("q", "").strip():
        rows = rows.filter(
            Q(ruling__icontains=text) | Q(basis__icontains=text) | Q(item_code__iexact=text)
        )
    page = page_of(request, rows.select_related("item", "reported_to"))
    context: Context = {"page": page, "tab": "rulings"}
    return render(request, "inspections/single_issues/rulings.html", context)


def _fetch(request: PortalRequest, pk: int) -> SingleIssueReport:
    opinions = Opinion.objects.select_related("membership__user", "membership__authority")
    rows = (
        SingleIssueReport.objects.visible_to(request.user)
        .select_related(
            "campaign",
            "authority",
            "reported_to",
            "task__unit",
            "item",
            "finding__item",
            "reported_by__user",
            "answered_by",
        )
        .prefetch_related(Prefetch("opinions", opinions), "task__team")
    )
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def report(request: PortalRequest) -> HttpResponse:
    """Report one matter: from an item, a finding, a visit, or the office's own desk."""
    about = _about(request)
    task = about["task"]
    campaign = task.campaign if task else current_campaign(request)
    require(policies.can_report(request.user, campaign, task))
    form = ReportForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: moves.report(campaign, about, form.words(), by=request.user.acting),
    )
    if tried.done:
        messages.success(request, f"已上报，编号 {tried.made.number}。")
        return go(request, tried.made)
    context = {"form": form, "about": about, "campaign": campaign}
    return render(request, "inspections/single_issues/report.html", context, status=tried.status)


def _about(request: PortalRequest) -> moves.About:
    """What the address names, within scope: an item of a sheet, a finding, a visit, or nothing."""
    tasks = InspectionTask.objects.visible_to(request.user).select_related(
        "campaign__organiser", "authority", "unit"
    )
    asked = {name: _key(request, name) for name in ("answer", "finding", "task")}
    if asked["answer"]:
        rows = ChecklistAnswer.objects.visible_to(request.user).select_related("item", "sheet")
        answer = get_object_or_404(rows, pk=asked["answer"])
        task = get_object_or_404(tasks, pk=answer.sheet.task_id)
        return {"task": task, "finding": None, "item": answer.item}
    if asked["finding"]:
        found = Finding.objects.visible_to(request.user).select_related("item")
        finding = get_object_or_404(found, pk=asked["finding"])
        task = get_object_or_404(tasks, pk=finding.task_id)
        return {"task": task, "finding": finding, "item": finding.item}
    if asked["task"]:
        return {
            "task": get_object_or_404(tasks, pk=asked["task"]),
            "finding": None,
            "item": None,
        }
    return {"task": None, "finding": None, "item": None}


def _key(request: PortalRequest, name: str) -> int | None:
    given = request.GET.get(name, "")
    return int(given) if is_key(given) else None


def _whose(issue: SingleIssueReport) -> object:
    """Whom a matter is about: the inspected, or the office that asks from its desk."""
    return issue.task.subject if issue.task else issue.authority


@require_safe
@confidential(_whose)
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """One matter: facts and question, opinions, answer, and the next step of whoever looks."""
    return _page(request, _fetch(request, pk))


def _page(
    request: PortalRequest,
    issue: SingleIssueReport,
    *,
    answering: AnswerForm | None = None,
    asking: ConsultForm | None = None,
    giving: OpinionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    opinions = list(issue.opinions.all())
    own = next((o for o in opinions if o.given_at is None and policies.may_give(user, o)), None)
    task_seen = (
        issue.task is not None
        and InspectionTask.objects.visible_to(user).filter(pk=issue.task_id).exists()
    )
    can_answer = policies.can_answer(user, issue)
    waiting = issue.state in SingleIssueState.waiting
    context: Context = {
        "issue": issue,
        "opinions": opinions,
        "task_seen": task_seen,
        "overdue": waiting and issue.due_on < clock.today(),
        "waiting": waiting,
        "answer_verdict": can_answer,
        "answering": (answering or AnswerForm()) if can_answer else None,
        "asking": (asking or ConsultForm(issue=issue))
        if policies.can_consult(user, issue)
        else None,
        "giving": (giving or OpinionForm()) if own and waiting else None,
        "own_opinion": own,
        "actions": _actions(request, issue),
        "timeline": AuditEntry.objects.about(issue),
    }
    return render(request, "inspections/single_issues/detail.html", context, status=status)


def _actions(request: PortalRequest, issue: SingleIssueReport) -> list[Action]:
    def url(name: str) -> str:
        return reverse(f"inspections:single_issue_{name}", args=[issue.pk])

    user = request.user
    found = [
        Action("已按答复办理", url("close"), policies.can_close(user, issue), icon="circle-check"),
        Action(
            "再次请示",
            url("ask_again"),
            policies.can_ask_again(user, issue),
            "note",
            note_label="还有什么不清楚",
        ),
        Action(
            "停用统一口径",
            url("end_ruling"),
            policies.can_end_ruling(user, issue),
            "note",
            note_label="停用理由",
        ),
    ]
    return [action for action in found if action.verdict]


@require_POST
def consult(request: PortalRequest, pk: int) -> HttpResponse:
    issue = _fetch(request, pk)
    require(policies.may_consult(request.user, issue))
    form = ConsultForm(request.POST, issue=issue)
    tried = attempt(
        request,
        form,
        lambda: moves.consult(issue, list(form.cleaned_data["people"]), actor=request.user),
    )
    if tried.done:
        messages.success(request, "已发出，被征求意见的人员会收到消息。")
        return go(request, issue)
    return _page(request, _fetch(request, pk), asking=form, status=tried.status)


@require_POST
def give_opinion(request: PortalRequest, pk: int) -> HttpResponse:
    rows = Opinion.objects.visible_to(request.user).select_related("issue", "membership__user")
    opinion = get_object_or_404(rows, pk=pk)
    require(policies.may_give(request.user, opinion))
    form = OpinionForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: moves.give_opinion(opinion, form.cleaned_data["text"], actor=request.user),
    )
    if tried.done:
        messages.success(request, "意见已提出。")
        return go(request, opinion.issue)
    return _page(request, _fetch(request, opinion.issue_id), giving=form, status=tried.status)


@require_POST
def answer(request: PortalRequest, pk: int) -> HttpResponse:
    issue = _fetch(request, pk)
    require(policies.may_answer(request.user, issue))
    form = AnswerForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: moves.answer(issue, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, "已答复，上报人和检查组会收到消息。")
        return go(request, issue)
    return _page(request, _fetch(request, pk), answering=form, status=tried.status)


@require_POST
def ask_again(request: PortalRequest, pk: int) -> HttpResponse:
    issue = _fetch(request, pk)
    require(policies.may_act_on(request.user, issue))
    moves.ask_again(issue, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已再次请示。")
    return go(request, issue)


@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    issue = _fetch(request, pk)
    require(policies.may_act_on(request.user, issue))
    moves.close(issue, actor=request.user)
    messages.success(request, "已办结。")
    return go(request, issue)


@require_POST
def end_ruling(request: PortalRequest, pk: int) -> HttpResponse:
    issue = _fetch(request, pk)
    require(policies.runs(request.user, issue.reported_to))
    moves.end_ruling(issue, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "统一口径已停用。")
    return go(request, issue)
