"""What the team measures on site: experiments and the environment of a standard's sheet."""

from operator import attrgetter

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from inspections import policies
from inspections.measured import acts, entering
from inspections.measured.forms import METHODS, EnvironmentForm, ExperimentForm
from inspections.measured.lines import measured_of
from inspections.models import ChecklistSheet, SiteExperiment
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.http import PortalRequest
from metrostd.common.policies import require
from metrostd.registry.enums import TestMethod

from .found import sheet_or_404


def _sheet(request: PortalRequest, pk: int) -> ChecklistSheet:
    """The sheet of a standard, to the team; written on while the visit is under way."""
    sheet = sheet_or_404(request, pk)
    if sheet.standard_id is None:
        raise Http404
    require(policies.may_take_part(request.user, sheet.task))
    if request.method == "POST":
        require(policies.can_fill(request.user, sheet.task))
    return sheet


def _experiment(request: PortalRequest, sheet: ChecklistSheet) -> SiteExperiment | None:
    """The one named by ``?no=``; None for a new one."""
    number = request.GET.get("no") or request.POST.get("no") or ""
    if not number:
        return None
    if not (number.isascii() and number.isdecimal() and len(number) < 5):
        raise Http404
    rows = SiteExperiment.objects.filter(sheet=sheet, withdrawn_at=None)
    row = rows.filter(place=int(number)).first()
    if row is None:
        raise Http404
    row.sheet = sheet
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("task.subject"))
def experiment(request: PortalRequest, pk: int) -> HttpResponse:
    """Enter an experiment by one method, or correct the one of ``?no=``; it is judged when saved."""
    sheet = _sheet(request, pk)
    row = _experiment(request, sheet)
    wanted = row.method if row else request.GET.get("method", METHODS[0])
    if wanted not in METHODS:
        raise Http404
    method = TestMethod(wanted)
    form = entering.experiment_form(sheet, method=method, row=row, data=request.POST or None)
    tried = attempt(request, form, lambda: _save(request, sheet, row, form))
    if tried.done:
        made = tried.made
        line = next(x for x in measured_of([pk])[pk].experiments if x.place == made.place)
        level = messages.WARNING if line.tone in ("bad", "warn") else messages.SUCCESS
        messages.add_message(request, level, f"{made}已保存：{line.verdict}。")
        return redirect(f"{made.get_absolute_url()}#item-F01")
    context = {
        "sheet": sheet,
        "task": sheet.task,
        "form": form,
        "row": row,
        "methods": [] if row else [(m.value, m.label, m == method) for m in METHODS],
        **tried.shown,
    }
    return render(request, "inspections/experiment.html", context, status=tried.status)


def _save(
    request: PortalRequest, sheet: ChecklistSheet, row: SiteExperiment | None, form: ExperimentForm
) -> SiteExperiment:
    if row is None:
        return acts.add_experiment(
            sheet,
            form.entry(),
            client_id=form.cleaned_data["client_id"],
            values=form.values(),
            actor=request.user,
        )
    acts.update_experiment(
        row,
        form.entry(),
        base_version=form.cleaned_data["base_version"],
        values=form.values(),
        actor=request.user,
    )
    return row


@require_POST
def withdraw_experiment(request: PortalRequest, pk: int) -> HttpResponse:
    """Take an experiment off the sheet."""
    sheet = _sheet(request, pk)
    row = _experiment(request, sheet)
    if row is None:
        raise Http404
    acts.withdraw_experiment(row, actor=request.user)
    messages.success(request, f"{row}已撤下。")
    return redirect(f"{row.get_absolute_url()}#item-F01")


@require_http_methods(["GET", "HEAD", "POST"])
@confidential(attrgetter("task.subject"))
def environment(request: PortalRequest, pk: int) -> HttpResponse:
    """Temperature, humidity and the like at the visit, against their limits."""
    sheet = _sheet(request, pk)
    kept = entering.environment_of(sheet)
    form = EnvironmentForm(request.POST or None, sheet=sheet, kept=kept)
    tried = attempt(
        request,
        form,
        lambda: acts.save_environment(
            sheet,
            form.values(),
            base_version=form.cleaned_data["base_version"],
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, "现场环境已保存。")
        return redirect(f"{kept.get_absolute_url()}#item-C01")
    context = {"sheet": sheet, "task": sheet.task, "form": form, **tried.shown}
    return render(request, "inspections/environment.html", context, status=tried.status)
