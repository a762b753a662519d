"""An instrument of a standard on one page: its record, its tracing, what became of it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from metrostd.common import clock
from metrostd.common.attempts import attempt, save_edit
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.registry import policies, services
from metrostd.registry.forms import InstrumentForm, MoveForm
from metrostd.registry.models import StandardInstrument
from metrostd.registry.moves.equipment import move_instrument
from metrostd.registry.queries.equipment import traced
from metrostd.registry.views import actions

from .capability import standard_of

_TRAIL = 40


def instrument_of(request: PortalRequest, pk: int) -> StandardInstrument:
    """The instrument within the person's scope, or 404."""
    rows = StandardInstrument.objects.visible_to(request.user).select_related("standard__unit")
    return get_object_or_404(rows, pk=pk)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """Facts, every tracing record with the gaps between them, and who did what."""
    instrument = instrument_of(request, pk)
    today = clock.today()
    own = traced(StandardInstrument.objects.filter(pk=instrument.pk), on=today)[0]
    context = {
        "instrument": instrument,
        "standard": instrument.standard,
        "own": own,
        "may_edit": bool(policies.can_maintain(request.user, instrument.standard)),
        "actions": actions.of_instrument(request.user, instrument),
        "trace_verdict": policies.can_add_trace(request.user, instrument),
        "entries": AuditEntry.objects.about(instrument, *own.records)[:_TRAIL],
        "today": today,
    }
    return render(request, "registry/instrument.html", context)


@require_http_methods(["GET", "POST"])
def add(request: PortalRequest, pk: int) -> HttpResponse:
    """Register an instrument of a standard."""
    standard = standard_of(request, pk)
    require(policies.can_maintain(request.user, standard))
    role = request.GET.get("role", "main")
    form = InstrumentForm(
        request.POST or None, instance=StandardInstrument(standard=standard, role=role)
    )
    tried = attempt(
        request,
        form,
        lambda: services.add_instrument(standard, values=form.changes(), actor=request.user),
    )
    if tried.done:
        messages.success(request, f"已登记“{tried.made}”，请接着登记溯源证书。")
        return go(request, tried.made)
    context = {"form": form, "standard": standard, "instrument": None}
    return render(request, "registry/instrument_form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Correct an instrument's record; a second editor sees both values and chooses."""
    instrument = instrument_of(request, pk)
    require(policies.can_edit_instrument(request.user, instrument))
    form = InstrumentForm(request.POST or None, instance=instrument_of(request, pk))
    tried = save_edit(request, form, services.update_instrument, instrument, values=form.changes)
    if tried.done:
        return go(request, instrument)
    context = {
        "form": form,
        "standard": instrument.standard,
        "instrument": instrument,
        **tried.shown,
    }
    return render(request, "registry/instrument_form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
def move(request: PortalRequest, pk: int) -> HttpResponse:
    """停用, 封存, 报废, or back into use."""
    instrument = instrument_of(request, pk)
    require(policies.can_move_instrument(request.user, instrument))
    form = MoveForm(request.POST or None, instrument=instrument, on=clock.today())
    tried = attempt(
        request,
        form,
        lambda: move_instrument(
            form.moves[form.cleaned_data["move"]],
            instrument,
            actor=request.user,
            note=form.cleaned_data["note"],
            since=form.cleaned_data["since"],
            late_reason=form.cleaned_data["late_reason"],
        ),
    )
    if tried.done:
        messages.success(request, f"已登记：{instrument.get_state_display()}。")
        return go(request, instrument)
    context = {"form": form, "instrument": instrument, "standard": instrument.standard}
    return render(request, "registry/instrument_move.html", context, status=tried.status)
