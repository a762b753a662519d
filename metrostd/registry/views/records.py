"""Persons, items and public certificates of a standard: adding, correcting, voiding, restoring."""

from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common.actors import Actor
from metrostd.common.attempts import attempt, save_edit
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.models import AuditEntry
from metrostd.common.policies import Verdict, require
from metrostd.common.shapes import Context
from metrostd.registry import policies, services
from metrostd.registry.forms import ItemForm, PersonForm, PublicCertificateForm
from metrostd.registry.forms.records import RecordForm
from metrostd.registry.models import (
    MeasurementStandard,
    PublicStandardCertificate,
    StandardItem,
    StandardPerson,
)
from metrostd.registry.moves import record as record_moves
from metrostd.registry.views.actions import void_or_restore

from .capability import standard_of

_TRAIL = 10


Record = StandardPerson | StandardItem | PublicStandardCertificate


@dataclass(frozen=True, slots=True)
class Kind:
    """What the pages of one kind of record differ in; ``key`` is its part of the route names."""

    key: str
    model: type[Record]
    form: type[RecordForm]
    word: str
    anchor: str

    def verdict(self, user: Actor, standard: MeasurementStandard) -> Verdict:
        if self.model is PublicStandardCertificate:
            return policies.can_add_public_certificate(user, standard)
        return policies.can_maintain(user, standard)


KINDS = {
    "person": Kind("person", StandardPerson, PersonForm, "检定或校准人员", "persons"),
    "item": Kind("item", StandardItem, ItemForm, "检定或校准项目", "items"),
    "public_certificate": Kind(
        "public_certificate",
        PublicStandardCertificate,
        PublicCertificateForm,
        "社会公用计量标准证书",
        "public-certificate",
    ),
}


@require_http_methods(["GET", "POST"])
def add(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """Record something about a standard."""
    what = KINDS[kind]
    standard = standard_of(request, pk)
    require(what.verdict(request.user, standard))
    record = what.model(standard=standard)
    form = what.form(request.POST or None, request.FILES or None, instance=record)
    tried = attempt(
        request,
        form,
        lambda: services.add_to_standard(
            record, actor=request.user, scan=form.cleaned_data.get("scan")
        ),
    )
    if tried.done:
        messages.success(request, f"已登记{what.word}“{record}”。")
        return _back(request, standard, what)
    context: Context = {
        "form": form,
        "standard": standard,
        "record": None,
        "what": what,
        "entries": [],
    }
    return render(request, "registry/record_form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """Correct a record; a second editor sees both values and chooses. Voiding is here, too."""
    what = KINDS[kind]
    record = _record(request, what, pk)
    require(policies.can_maintain(request.user, record.standard))
    if request.method == "POST":  # a void record is shown, to be restored
        require(policies.can_edit_record(request.user, record))
    form = what.form(
        request.POST or None, request.FILES or None, instance=_record(request, what, pk)
    )
    tried = save_edit(
        request,
        form,
        services.update_of_standard,
        record,
        values=form.changes,
        scan=lambda: form.cleaned_data.get("scan"),
    )
    if tried.done:
        return _back(request, record.standard, what)
    context = {
        "form": form,
        "standard": record.standard,
        "record": record,
        "what": what,
        "actions": void_or_restore(request.user, record, key=what.key),
        "entries": AuditEntry.objects.about(record)[:_TRAIL],
        **tried.shown,
    }
    return render(request, "registry/record_form.html", context, status=tried.status)


@require_POST
def void(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """作废 with the reason; the record stays to be seen."""
    what = KINDS[kind]
    record = _record(request, what, pk)
    require(policies.can_void_record(request.user, record))
    record_moves.void(record, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"“{record}”已作废；作废有误可以撤销。")
    return _back(request, record.standard, what)


@require_POST
def restore(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """Undo a void."""
    what = KINDS[kind]
    record = _record(request, what, pk)
    require(policies.can_restore_record(request.user, record))
    record_moves.restore(record, actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, f"“{record}”已恢复。")
    return _back(request, record.standard, what)


@require_safe
def scan(request: PortalRequest, pk: int) -> FileResponse:
    """The scan of a public certificate, under its own name."""
    record = get_object_or_404(
        PublicStandardCertificate.objects.visible_to(request.user).select_related("standard__unit"),
        pk=pk,
    )
    if record.file is None:
        raise Http404("这份证书没有扫描件。")
    what = f"{record.standard.unit}：社会公用计量标准证书"
    return send_file(request, record.file, filename=record.file_name, what=what)


def _record(request: PortalRequest, what: Kind, pk: int) -> Record:
    rows = what.model.objects.visible_to(request.user).select_related("standard__unit")
    return cast(Record, get_object_or_404(rows, pk=pk))


def _back(request: PortalRequest, standard: MeasurementStandard, what: Kind) -> HttpResponse:
    return go(request, f"{standard.get_absolute_url()}#{what.anchor}")
