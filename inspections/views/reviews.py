"""考核工作监督检查: the reviews of drawn bureaus, and each from the notice to what became of its problems."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.current import listed_campaigns
from inspections import review_papers
from inspections import review_policies as policies
from inspections.documents import conclusion_word
from inspections.enums.reviews import ReviewState
from inspections.models import CertificationReview, ChecklistSheet, ReviewProblem
from inspections.moves import review as moves
from inspections.review_forms import (
    DecideForm,
    DemandForm,
    MeasureForm,
    ReportUpForm,
    RequestFilesForm,
)
from metrostd.common.actions import Action
from metrostd.common.actors import Actor
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.forms import Refusable
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.models import AuditEntry, Paper
from metrostd.common.paper_views import hand_out, kept
from metrostd.common.policies import YES, Verdict, not_now, require
from metrostd.common.uploads import clean_name, store_upload


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The reviews within reach, in the campaigns listed."""
    rows = CertificationReview.objects.visible_to(request.user).standing().for_list()
    found = list(rows.filter(campaign__in=listed_campaigns(request)))
    return render(request, "inspections/certifications.html", {"rows": found})


@require_safe
@confidential(attrgetter("bureau"))
def certification(request: PortalRequest, pk: int) -> HttpResponse:
    """Where a review stands, its case files, problems with measures, papers, what comes next."""
    row = _review(request, pk)
    user = request.user
    as_bureau = not policies.inspects(user, row) and policies.is_inspected(user, row)
    knows = row.state in ReviewState.reviewed or not as_bureau
    asked = row.state not in (ReviewState.DRAWN, ReviewState.NOTIFIED)
    context = {
        "review": row,
        "task": row.task,
        "as_bureau": as_bureau,
        "steps": _steps(row),
        # Which files were drawn the bureau learns when it is asked for them.
        "cases": row.drawn.cases.select_related("field") if asked or not as_bureau else [],
        "sheets": _sheets(row) if knows else [],
        "problems": _problems(request, row) if knows else [],
        "conclusion": conclusion_word(row.task) if knows else "",
        "can_write": policies.can_write_measures(user, row),
        "actions": _actions(user, row),
        "timeline": [] if as_bureau else AuditEntry.objects.about(row)[:40],
    }
    return render(request, "inspections/certification.html", context)


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the way a review goes."""

    label: str
    done: bool
    now: bool


_WAY = (
    ReviewState.DRAWN,
    ReviewState.NOTIFIED,
    ReviewState.FILES_REQUESTED,
    ReviewState.ON_REVIEW,
    ReviewState.CONCLUDED,
    ReviewState.MEASURES_DUE,
    ReviewState.MEASURES_SUBMITTED,
    ReviewState.CONFIRMED,
)
_FAILED = (ReviewState.FAILED, ReviewState.REPORTED_UP)


def _steps(row: CertificationReview) -> list[Step]:
    way = _WAY[:-1] + _FAILED if row.state in _FAILED else _WAY
    at = [state.value for state in way].index(row.state)
    return [Step(str(state.label), n < at, n == at) for n, state in enumerate(way)]


def _sheets(row: CertificationReview) -> list[ChecklistSheet]:
    return list(row.task.sheets.order_by("pk"))


def _problems(request: PortalRequest, row: CertificationReview) -> list[ReviewProblem]:
    rows = ReviewProblem.objects.visible_to(request.user).counted().filter(review=row)
    return list(rows.select_related("item", "sheet", "decided_by"))


@dataclass(frozen=True, slots=True)
class Next:
    """A row of the table: the states it belongs to, the route, the policy, and how it looks."""

    states: frozenset[str]
    label: str
    route: str
    policy: Callable[[Actor, CertificationReview], Verdict]
    kind: str = "link"
    confirm: str = ""


_NEXT = (
    Next(moves.REQUEST_FILES.sources, "调取案卷", "request_files", policies.can_request_files),
    Next(moves.DEMAND.sources, "提出整改要求", "demand_measures", policies.can_demand),
    Next(
        moves.CLEAR.sources,
        "没有问题，办结",
        "clear_review",
        policies.can_clear,
        "post",
        "检查没有发现问题，办结这个区局的监督检查。",
    ),
    Next(
        moves.SUBMIT.sources,
        "报送整改措施",
        "submit_measures",
        policies.can_submit,
        "post",
        "报送后不能再修改，由组织检查的部门确认。",
    ),
    Next(moves.CONFIRM.sources, "确认整改", "decide_measures", policies.can_confirm),
    Next(
        frozenset({ReviewState.MEASURES_DUE}),
        "逾期未报，认定不合格",
        "fail_review",
        policies.can_fail,
        "note",
    ),
    Next(moves.REPORT_UP.sources, "上报", "report_review", policies.can_report_up),
)


def _actions(user: Actor, row: CertificationReview) -> list[Action]:
    """What can be done next, by whoever it is the business of."""
    found = []
    for step in _NEXT:
        if row.state not in step.states:
            continue
        verdict = step.policy(user, row)
        if not verdict and not _concerned(user, row, step.route):
            continue
        found.append(
            Action(
                step.label,
                reverse(f"inspections:{step.route}", args=[row.pk]),
                verdict,
                step.kind,
                tone="primary" if verdict else "default",
                confirm=step.confirm,
            )
        )
    return found


def _concerned(user: Actor, row: CertificationReview, route: str) -> bool:
    """Whether a button that cannot be pressed is this person's business at all."""
    if route == "submit_measures":
        return policies.is_inspected(user, row)
    return policies.inspects(user, row)


def _review(request: PortalRequest, pk: int) -> CertificationReview:
    rows = CertificationReview.objects.visible_to(request.user).select_related(
        "campaign", "authority", "bureau", "drawn__run__frame", "task__campaign"
    )
    return get_object_or_404(rows, pk=pk)


def _form_page(
    request: PortalRequest,
    row: CertificationReview,
    form: Refusable,
    *,
    status: int,
    **words: object,
) -> HttpResponse:
    context = {"review": row, "form": form, **words}
    return render(request, "inspections/review_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("bureau"))
def request_files(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask the bureau for the drawn case files."""
    row = _review(request, pk)
    require(policies.may_inspect(request.user, row))
    if request.method != "POST":
        require(policies.can_request_files(request.user, row))
    form = RequestFilesForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: moves.request_files(row, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, "已调取案卷，区局已收到消息。")
        return go(request, row)
    text = f"抽中的 {row.drawn.cases.count()} 份案卷随消息告知区局，检查时应当齐备。"
    return _form_page(
        request, row, form, status=tried.status, title="调取案卷", submit="调取", text=text
    )


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("bureau"))
def demand(request: PortalRequest, pk: int) -> HttpResponse:
    """Let the bureau owe measures by a day."""
    row = _review(request, pk)
    require(policies.may_decide(request.user, row))
    if request.method != "POST":
        require(policies.can_demand(request.user, row))
    form = DemandForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: moves.demand_measures(row, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, "已提出整改要求，区局已收到消息。")
        return go(request, row)
    text = "区局对每个问题制定整改措施和预防措施，按期完成并报送证明材料（通知二(四)）。"
    return _form_page(
        request, row, form, status=tried.status, title="提出整改要求", submit="提出", text=text
    )


@require_POST
def clear(request: PortalRequest, pk: int) -> HttpResponse:
    row = _review(request, pk)
    require(policies.may_decide(request.user, row))
    try:
        moves.clear(row, actor=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "已办结。")
    return go(request, row)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("review.bureau"))
def measure(request: PortalRequest, pk: int) -> HttpResponse:
    """What the bureau does about one problem."""
    rows = ReviewProblem.objects.visible_to(request.user).counted()
    problem = get_object_or_404(
        rows.select_related("item", "sheet", "review__bureau", "review__campaign"), pk=pk
    )
    row = problem.review
    require(policies.may_answer_for(request.user, row))
    if request.method != "POST":
        require(policies.can_write_measures(request.user, row))
    form = MeasureForm(request.POST or None, request.FILES or None, problem=problem)
    tried = attempt(request, form, lambda: _save_measure(request, problem, form))
    if tried.done:
        messages.success(request, f"{problem.item.code}的整改措施已保存。")
        return go(request, row)
    context = {"review": row, "problem": problem, "form": form, **tried.shown}
    return render(request, "inspections/measure.html", context, status=tried.status)


def _save_measure(request: PortalRequest, problem: ReviewProblem, form: MeasureForm) -> None:
    data = form.cleaned_data
    values = {name: data[name] for name in ("measure", "prevention", "completed_on")}
    if upload := data["proof"]:
        values |= {
            "proof": store_upload(upload),
            "proof_name": clean_name(upload.name or "", unnamed="证明材料"),
        }
    moves.save_measure(problem, values, base_version=data["base_version"], actor=request.user)


@require_safe
def measure_proof(request: PortalRequest, pk: int) -> FileResponse:
    """What shows that a problem has been put right."""
    rows = ReviewProblem.objects.visible_to(request.user).filter(proof__isnull=False)
    problem = get_object_or_404(rows.select_related("proof"), pk=pk)
    assert problem.proof is not None  # noqa: S101 -- filtered
    what = f"{problem.review}：整改证明材料"
    return send_file(request, problem.proof, filename=problem.proof_name, what=what)


@require_POST
def submit(request: PortalRequest, pk: int) -> HttpResponse:
    row = _review(request, pk)
    require(policies.may_answer_for(request.user, row))
    try:
        moves.submit_measures(row, actor=request.user)
    except ValidationError as error:
        messages.error(request, "；".join(error.messages))
    else:
        messages.success(request, "整改措施已报送。")
    return go(request, row)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("bureau"))
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    """Confirm each problem, or find it not put right."""
    row = _review(request, pk)
    require(policies.may_decide(request.user, row))
    if request.method != "POST":
        require(policies.can_confirm(request.user, row))
    form = DecideForm(request.POST or None, problems=_problems(request, row))
    tried = attempt(request, form, lambda: moves.decide(row, form.decisions(), actor=request.user))
    if tried.done:
        messages.success(request, f"已办理：{row.get_state_display()}。")
        return go(request, row)
    return render(
        request, "inspections/decide.html", {"review": row, "form": form}, status=tried.status
    )


@require_POST
def fail(request: PortalRequest, pk: int) -> HttpResponse:
    row = _review(request, pk)
    require(policies.may_decide(request.user, row))
    moves.fail_overdue(row, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "已认定整改不合格，请上报。")
    return go(request, row)


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("bureau"))
def report(request: PortalRequest, pk: int) -> HttpResponse:
    """Put on record to whom a bureau was reported."""
    row = _review(request, pk)
    require(policies.may_decide(request.user, row))
    if request.method != "POST":
        require(policies.can_report_up(request.user, row))
    form = ReportUpForm(request.POST or None)
    tried = attempt(
        request, form, lambda: moves.report_up(row, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        messages.success(request, "已登记上报，纪检监督已收到消息。")
        return go(request, row)
    text = "整改不合格的区局报上级处理；登记后告知纪检监督。"
    return _form_page(
        request, row, form, status=tried.status, title="上报", submit="登记", text=text
    )


@require_http_methods(["GET", "HEAD", "POST"])
def notice_paper(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """考核工作监督检查通知书, from the notice on."""
    row = _review(request, pk)
    require(_sent(row.notice))
    return _paper(request, row, review_papers.notice_paper(row), "考核工作监督检查通知书")


@require_http_methods(["GET", "HEAD", "POST"])
def demand_paper(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """考核工作整改要求, from the demand on."""
    row = _review(request, pk)
    require(_sent(row.demand))
    return _paper(request, row, review_papers.demand_paper(row), "考核工作整改要求")


def _sent(words: object) -> Verdict:
    return YES if words else not_now("还没有发出。")


def _paper(
    request: PortalRequest, row: CertificationReview, paper: Paper, name: str
) -> HttpResponse | FileResponse:
    title = f"{name} {row.bureau}"
    return hand_out(
        request, kept(paper, title=title, filename=f"{title}.pdf", back=row.get_absolute_url())
    )
