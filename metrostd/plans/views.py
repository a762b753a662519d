"""Work plans: the city's overview of who has handed one in, and one plan with what can be done next."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.current import current_campaign
from campaigns.models import Duty
from campaigns.policies import may_run_campaigns
from metrostd.common import clock
from metrostd.common.actions import Action
from metrostd.common.attempts import attempt, save_edit
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.common.shapes import Context

from . import documents, moves, policies
from .enums import PlanState
from .forms import AskForm, PlanForm
from .models import WorkPlan


def _fetch(request: PortalRequest, pk: int) -> WorkPlan:
    rows = WorkPlan.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("submitted_by"), pk=pk)


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """Every district with its plan; who has not handed in stands there, too. A district sees its own."""
    require(policies.may_see(request.user))
    campaign = current_campaign(request)
    rows = list(WorkPlan.objects.visible_to(request.user).filter(campaign=campaign).for_list())
    duties = {
        duty.target_id: duty
        for duty in Duty.objects.visible_to(request.user)
        .open()
        .about_all(WorkPlan, [row.pk for row in rows])
    }
    if len(rows) == 1 and not may_run_campaigns(request.user):
        return redirect(rows[0])
    context = {
        "campaign": campaign,
        "rows": [(row, duties.get(row.pk)) for row in rows],
        "missing": [row for row in rows if row.state not in PlanState.handed_in],
        "can_ask": policies.can_ask(request.user, campaign) if campaign else None,
        "form": AskForm(),
        "today": clock.today(),
    }
    return render(request, "plans/index.html", context)


@require_POST
def ask(request: PortalRequest) -> HttpResponse:
    """Ask every district for its plan by a day."""
    require(may_run_campaigns(request.user))
    campaign = current_campaign(request)
    if campaign is None:
        raise Http404
    form = AskForm(request.POST)
    tried = attempt(
        request, form, lambda: moves.ask(campaign, actor=request.user, **form.cleaned_data)
    )
    if tried.done:
        messages.success(request, f"已要求{tried.made}个区局报送工作计划。")
        return redirect("plans:index")
    context = {
        "campaign": campaign, "rows": [], "missing": [], "form": form, "today": clock.today(),
        "can_ask": policies.can_ask(request.user, campaign),
    }  # fmt: skip
    return render(request, "plans/index.html", context, status=tried.status)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    context: Context = {
        "plan": row,
        "against": moves.contradictions(row) if row.state == PlanState.DRAFT else [],
        "made_together": moves.made_together(row, by=clock.now()),
        "history": moves.adjustments(row),
        "actions": _actions(request, row),
        "entries": list(AuditEntry.objects.about(row)[:40]),
    }
    return render(request, "plans/detail.html", context)


def _actions(request: PortalRequest, row: WorkPlan) -> list[Action]:
    who = request.user
    url = lambda name: reverse(f"plans:{name}", args=[row.pk])  # noqa: E731
    found = [Action("打印", url("paper"), kind="link", icon="printer")]
    adjust = Action(
        "调整本局安排", reverse("campaigns:adjust", args=[row.campaign_id]), kind="link"
    )
    if policies.is_own(who, row):
        if row.state == PlanState.DRAFT:
            found.append(Action("修改", url("edit"), policies.can_write(who, row), kind="link"))
            submit = policies.can_submit(who, row)
            found.append(Action("报送", url("submit"), submit, tone="primary", icon="send"))
        elif row.state == PlanState.FILED:
            found += [adjust, Action("修订", url("revise"), policies.can_revise(who, row), "note")]
    elif row.state == PlanState.SUBMITTED and may_run_campaigns(who):
        back = policies.can_send_back(who, row)
        found.append(Action("退回", url("send_back"), back, "note", note_label="退回理由"))
        found.append(Action("备案", url("file"), policies.can_file(who, row), tone="primary"))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.is_own(request.user, row))
    if request.method != "POST":
        require(policies.can_write(request.user, row))
    first = {name: getattr(row, name) for name in moves.FIELDS} | {"base_version": row.version}
    form = PlanForm(request.POST or None, initial=first)
    tried = save_edit(
        request,
        form,
        lambda record, **given: moves.write(record, given.pop("words"), **given),
        row,
        words=form.words,
    )
    if tried.done:
        return go(request, row)
    context = {"plan": row, "form": form, **tried.shown}
    return render(request, "plans/form.html", context, status=tried.status)


@require_POST
def submit(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.is_own(request.user, row))
    moves.submit(row, actor=request.user)
    messages.success(request, "工作计划已报送市市场监管委备案。")
    return go(request, row)


@require_POST
def file(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.may_decide(request.user, row))
    moves.file(row, actor=request.user)
    messages.success(request, "已备案。")
    return go(request, row)


@require_POST
def send_back(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.may_decide(request.user, row))
    moves.send_back(row, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "已退回，区局已收到消息。")
    return go(request, row)


@require_POST
def revise(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.is_own(request.user, row))
    moves.revise(row, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "可以修改，改好后重新报送。")
    return go(request, row)


@require_safe
@exported
def paper(request: PortalRequest, pk: int) -> Export:
    """The plan as it stands, in official layout."""
    row = _fetch(request, pk)
    require(policies.may_see(request.user))
    return Export(
        what=f"{row.campaign} {row}",
        filename=f"工作计划-{row.authority}.pdf",
        paper=lambda: documents.plan(
            {"plan": row, "history": moves.adjustments(row), "on": row.submitted_at or clock.now()}
        ),
    )
