"""Tracing records: adding one with its scan, correcting it, voiding it, the scan itself."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common import clock
from metrostd.common.attempts import attempt, save_edit
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.policies import require
from metrostd.registry import policies, services
from metrostd.registry.forms import TraceForm
from metrostd.registry.models import TraceRecord
from metrostd.registry.moves import equipment as equipment_moves

from .equipment import instrument_of


def _record(request: PortalRequest, pk: int) -> TraceRecord:
    rows = TraceRecord.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("instrument__standard__unit", "file"), pk=pk)


@require_http_methods(["GET", "POST"])
def add(request: PortalRequest, pk: int) -> HttpResponse:
    """Register a certificate; the organisation of the last one is filled in."""
    instrument = instrument_of(request, pk)
    require(policies.can_add_trace(request.user, instrument))
    last = instrument.traces.counting().newest_first().first()
    blank = TraceRecord(instrument=instrument)
    if last is not None:
        blank.kind, blank.org, blank.result = last.kind, last.org, last.result
    form = TraceForm(request.POST or None, request.FILES or None, instance=blank, on=clock.today())
    tried = attempt(
        request,
        form,
        lambda: services.add_trace(
            instrument,
            values=form.changes(),
            scan=form.cleaned_data["scan"],
            actor=request.user,
        ),
    )
    if tried.done:
        messages.success(request, "溯源证书已登记。")
        return go(request, instrument)
    context = {"form": form, "instrument": instrument, "record": None}
    return render(request, "registry/trace_form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Correct a record; a second editor sees both values and chooses."""
    record = _record(request, pk)
    require(policies.can_edit_record(request.user, record))
    form = TraceForm(
        request.POST or None,
        request.FILES or None,
        instance=_record(request, pk),
        on=clock.today(),
    )
    tried = save_edit(
        request,
        form,
        services.update_trace,
        record,
        values=form.changes,
        scan=lambda: form.cleaned_data.get("scan"),
    )
    if tried.done:
        return go(request, record)
    context = {"form": form, "instrument": record.instrument, "record": record, **tried.shown}
    return render(request, "registry/trace_form.html", context, status=tried.status)


@require_POST
def void(request: PortalRequest, pk: int) -> HttpResponse:
    """作废 with the reason; the record stays to be seen."""
    record = _record(request, pk)
    require(policies.can_void_record(request.user, record))
    equipment_moves.void_trace(record, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"“{record}”已作废，不再计入溯源；作废有误可以撤销。")
    return go(request, record)


@require_POST
def restore(request: PortalRequest, pk: int) -> HttpResponse:
    """Undo a void."""
    record = _record(request, pk)
    require(policies.can_restore_record(request.user, record))
    equipment_moves.restore_trace(record, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"“{record}”已恢复，重新计入溯源。")
    return go(request, record)


@require_safe
def scan(request: PortalRequest, pk: int) -> FileResponse:
    """The scan of a certificate, under its own name."""
    record = _record(request, pk)
    if record.file is None:
        raise Http404("这份证书没有扫描件。")
    what = f"{record.instrument.standard.unit}：溯源证书"
    return send_file(request, record.file, filename=record.file_name, what=what)
