"""计量标准: the list, one standard on one page, correcting its record."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.annex4.fields import FIELDS
from metrostd.annex4.headers import TARGET_NAMES
from metrostd.common import clock
from metrostd.common.attempts import save_edit
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from metrostd.registry import documents, policies, services
from metrostd.registry.enums import Category, CertificateState, ImportState, PriorityDomain
from metrostd.registry.extension import facts_for, panels_for
from metrostd.registry.filters import StandardFilter
from metrostd.registry.forms import ScopeForm, StandardForm
from metrostd.registry.models import (
    CertificateIssue,
    MeasurementStandard,
    StandardCertificate,
)
from metrostd.registry.provenance import origins
from metrostd.registry.scope import ScopeReading, read_scope
from metrostd.registry.views import actions

from .units import district_choices

_TRAIL = 20
_SOURCES = 5


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The standards the person may see, with their certificates."""
    standards = MeasurementStandard.objects.visible_to(request.user)
    page = page_of(request, StandardFilter(request.GET).rows(standards))
    context = {
        "page": page,
        "districts": district_choices(request),
        "categories": Category.choices,
        "fields": list(FIELDS.items()),
        "states": CertificateState.choices,
        "may_bulk": bool(policies.can_bulk_edit(request.user)),
        "carried": [pair for pair in request.GET.items() if pair[0] != "page"],
        "domains": PriorityDomain.choices,
        "today": clock.today(),
    }
    return render(request, "registry/standards.html", context)


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """The rows of the list under the same filter and in the same order, as a workbook."""
    standards = MeasurementStandard.objects.visible_to(request.user)
    rows = StandardFilter(request.GET).rows(standards)
    return Export(
        what=f"计量标准台账 {request.GET.urlencode()}",
        filename=f"计量标准台账{clock.today():%Y%m%d}.xlsx",
        count=rows.whole,
        sheets=lambda: [documents.standard_list(rows)],
    )


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """Everything about one standard: certificates, where its record came from, the trail."""
    standard = _standard(request, pk)
    certificates = list(standard.certificates.order_by("-is_current", "-valid_until", "-pk"))
    current = next((c for c in certificates if c.is_current), None)
    sources = standard.import_rows.filter(batch__state=ImportState.COMMITTED)
    panels = panels_for(standard, request.user, request=request)
    context = {
        "standard": standard,
        "unit": standard.unit,
        "current": current,
        "state": current.get_state_display() if current else "没有证书",
        "tone": current.state_tone if current else "muted",
        "earlier": [c for c in certificates if not c.is_current],
        "issues": list(
            CertificateIssue.objects.filter(certificate__in=certificates).select_related(
                "certificate"
            )
        ),
        "domains": "、".join(d.get_domain_display() for d in standard.priority_domains.all()),
        "sources": [
            (row, origins(row))
            for row in sources.select_related("batch").order_by("-pk")[:_SOURCES]
        ],
        "remark_label": TARGET_NAMES["remark"],
        "may_import": bool(policies.can_import(request.user)),
        "facts": facts_for(standard, request.user, panels=panels),
        "panels": panels,
        "places": [
            *((panel.anchor, panel.title) for panel in panels if panel.group == "warnings"),
            ("certificate", "考核证书"),
            ("record", "计量标准"),
            *((panel.anchor, panel.title) for panel in panels if panel.group != "warnings"),
            ("trail", "操作记录"),
        ],
        "actions": actions.of_standard(request.user, standard),
        "scope": _scope_of(standard, current),
        "entries": AuditEntry.objects.about(standard, *certificates)[:_TRAIL],
        "today": clock.today(),
    }
    return render(request, "registry/standard.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Correct a standard's record; a second editor sees both values and chooses."""
    standard = _standard(request, pk)
    require(policies.can_edit_standard(request.user, standard))
    form = StandardForm(request.POST or None, instance=_standard(request, pk))
    tried = save_edit(
        request,
        form,
        services.update_standard,
        standard,
        values=form.changes,
        domains=lambda: form.cleaned_data["priority_domains"],
    )
    if tried.done:
        return go(request, standard)
    context = {"form": form, "standard": standard, **tried.shown}
    return render(request, "registry/standard_form.html", context, status=tried.status)


@require_http_methods(["GET", "POST"])
def scope(request: PortalRequest, pk: int) -> HttpResponse:
    """Say with a reason whether a standard is inspected; what does not follow is told."""
    standard = _standard(request, pk)
    require(policies.can_decide_scope(request.user, standard))
    form = ScopeForm(request.POST or None, instance=_standard(request, pk))
    tried = save_edit(request, form, services.decide_scope, standard, values=form.changes)
    if tried.done:
        for words in tried.made:
            messages.warning(request, words)
        return go(request, standard)
    current = standard.certificates.filter(is_current=True).first()
    context = {
        "form": form,
        "standard": standard,
        "current": current,
        "scope": _scope_of(standard, current),
        **tried.shown,
    }
    return render(request, "registry/scope.html", context, status=tried.status)


def _scope_of(
    standard: MeasurementStandard, certificate: StandardCertificate | None
) -> ScopeReading:
    number = certificate.number if certificate else ""
    return read_scope(number, standard.issuing_authority, standard.hosting_authority)


def _standard(request: PortalRequest, pk: int) -> MeasurementStandard:
    standards = MeasurementStandard.objects.visible_to(request.user).select_related(
        "unit__territorial_authority", "field", "issuing_authority", "hosting_authority"
    )
    return get_object_or_404(standards.prefetch_related("priority_domains"), pk=pk)
