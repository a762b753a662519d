"""随机派员: several visits, one draw; its record; declarations of interest."""

import datetime as dt
from operator import attrgetter

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.current import listed_campaigns
from inspections.assigning import drawing, interests, policies
from inspections.assigning.forms import DrawTeamsForm, InterestForm
from inspections.enums import TaskState
from inspections.models import AssignmentRun, DeclaredInterest, InspectionTask
from metrostd.common.attempts import attempt
from metrostd.common.audit import record_access
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.models import ProfessionalField

#: So many visits are offered at once; the others come when these have their teams.
AT_ONCE = 30


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: PortalRequest) -> HttpResponse:
    """Visits of the office that have no team yet, with a day for each; below, what was drawn before."""
    require(policies.may_draw(request.user))
    waiting = _waiting(request)
    form = DrawTeamsForm(request.POST or None, tasks=waiting[:AT_ONCE])
    tried = attempt(
        request,
        form,
        lambda: drawing.draw_teams(
            [form.tasks[pk] for pk in form.days()], form.days(), actor=request.user
        ),
    )
    if tried.done:
        run = tried.made
        without = len(run.record["without"])
        messages.success(request, f"已派员：{len(run.record['teams'])} 个检查任务。")
        if without:
            messages.warning(request, f"{without} 个检查任务没有抽到足够的执法人员，仍在清单上。")
        return go(request, run)
    context: Context = {
        "form": form,
        "more": max(0, waiting.count() - AT_ONCE),
        "runs": AssignmentRun.objects.visible_to(request.user)
        .filter(campaign__in=listed_campaigns(request))
        .select_related("authority", "made_by")[:20],
    }
    return render(request, "inspections/assigning/index.html", context, status=tried.status)


def _waiting(request: PortalRequest) -> QuerySet[InspectionTask]:
    acting = request.user.acting
    return (
        InspectionTask.objects.visible_to(request.user)
        .listed()
        .filter(
            campaign__in=listed_campaigns(request),
            authority=acting.authority_id if acting else None,
            state=TaskState.PLANNED,
        )
        .select_related("campaign", "authority", "unit")
        .prefetch_related("standards__field")
        .order_by("unit__name", "pk")
    )


@require_safe
@confidential(attrgetter("authority"))
def run(request: PortalRequest, pk: int) -> HttpResponse:
    """The record of one draw: teams, exclusions with their reasons, and whether it comes out the same again."""
    row = _run_or_404(request, pk)
    record = row.record
    names = {person["id"]: person for person in record["people"]}
    visits = {v["id"]: {**v, "day": _day(v["day"])} for v in record["visits"]}
    fields = dict(ProfessionalField.objects.order_by().values_list("code", "name"))
    places = {task.subject.name: task for task in row.tasks.select_related("unit", "bureau")}
    context: Context = {
        "run": row,
        "same": drawing.recompute(record) == record["teams"],
        "teams": [
            {
                "visit": visits[team["visit"]],
                "task": places.get(visits[team["visit"]]["unit"]),
                "leader": names[team["leader"]],
                "officer": names[team["officer"]],
                "technical": [names[person] for person in team["technical"]],
                "uncovered": "、".join(fields.get(code, code) for code in team["uncovered"]),
            }
            for team in record["teams"]
        ],
        "without": [visits[visit] for visit in record["without"]],
        "barred": [
            {
                "unit": visits[row["visit"]]["unit"],
                "name": names[row["person"]]["name"],
                "reason": row["reason"],
            }
            for row in record["barred"]
        ],
        "away": [
            {"name": names[row["person"]]["name"], "day": _day(row["day"]), "reason": row["reason"]}
            for row in record["away"]
        ],
        "left_out": record["left_out"],
        "people": record["people"],
    }
    return render(request, "inspections/assigning/run.html", context)


def _day(iso: str) -> str:
    """A day of the record as people read it."""
    return cn_date(dt.date.fromisoformat(iso))


@require_safe
def run_record(request: PortalRequest, pk: int) -> JsonResponse:
    """The record as it is kept: whoever has it can compute the teams again."""
    row = _run_or_404(request, pk)
    record_access(actor=request.user, kind="export", what=f"{row}的记录")
    name = f"assignment-{row.authority.code}-{row.number}.json"
    return JsonResponse(
        row.record,
        json_dumps_params={"ensure_ascii": False, "indent": 1},
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _run_or_404(request: PortalRequest, pk: int) -> AssignmentRun:
    rows = AssignmentRun.objects.visible_to(request.user).select_related(
        "campaign", "authority", "made_by"
    )
    row = get_object_or_404(rows, pk=pk)
    require(policies.may_open(request.user, row))
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def declarations(request: PortalRequest) -> HttpResponse:
    """利害关系申报: the person's own, and for an office those of its people."""
    may = policies.may_declare(request.user)
    require(may)
    form = InterestForm(request.POST or None)
    tried = attempt(
        request,
        form,
        lambda: interests.declare(request.user.acting, actor=request.user, **form.cleaned_data),
    )
    if tried.done:
        messages.success(request, "已申报，今后不会被派往该单位。")
        return go(request, reverse("inspections:declarations"))
    rows = DeclaredInterest.objects.visible_to(request.user).select_related(
        "membership__user", "membership__authority", "unit"
    )
    context: Context = {
        "form": form,
        "rows": [(row, policies.can_end(request.user, row)) for row in rows[:200]],
    }
    return render(request, "inspections/assigning/declarations.html", context, status=tried.status)


@require_POST
def end_declaration(request: PortalRequest, pk: int) -> HttpResponse:
    """Somebody else of the office has verified that it no longer holds."""
    rows = DeclaredInterest.objects.visible_to(request.user).select_related("membership__authority")
    row = get_object_or_404(rows, pk=pk)
    require(policies.can_end(request.user, row))
    interests.end(row, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "已解除。")
    return go(request, reverse("inspections:declarations"))
