"""The search of the top bar: units, standards, and what upper apps add."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from metrostd.common.http import PortalRequest
from metrostd.registry.enums import CertificateState
from metrostd.registry.extension import Hit, search_sources
from metrostd.registry.models import MeasurementStandard, StandardInstrument, Unit

_SHOWN = 10


@require_safe
def search(request: PortalRequest) -> HttpResponse:
    """Results by kind, best known first; each leads to the record."""
    text = request.GET.get("q", "").strip()[:80]
    groups: list[dict[str, object]] = []
    if text:
        groups = [_units(request, text), _standards(request, text), _instruments(request, text)]
        groups += [
            {"title": title, "hits": hits, "more": False, "url": ""}
            for title, hits in search_sources(text, request.user)
        ]
    found = [group for group in groups if group["hits"]]
    return render(request, "registry/search.html", {"text": text, "groups": found})


def _units(request: PortalRequest, text: str) -> dict[str, object]:
    found = Unit.objects.visible_to(request.user).search(text)
    rows = list(found.for_list()[: _SHOWN + 1])
    hits = [
        Hit(
            unit.name,
            unit.get_absolute_url(),
            " · ".join(filter(None, (unit.uscc, str(unit.territorial_authority or "")))),
            unit.get_unit_type_display(),
        )
        for unit in rows[:_SHOWN]
    ]
    return _group("建标单位", hits, rows, "registry:units", text)


def _standards(request: PortalRequest, text: str) -> dict[str, object]:
    found = MeasurementStandard.objects.visible_to(request.user).search(text)
    first = found.order_by("pk").values("pk")[: _SHOWN + 1]  # by name one would sort all that match
    shown = MeasurementStandard.objects.filter(pk__in=first).with_certificate_columns()
    rows = list(shown.select_related("unit").order_by("unit__name", "pk"))
    hits = []
    for standard in rows[:_SHOWN]:
        word = standard.certificate_state
        state = CertificateState(word) if word else None
        hits.append(
            Hit(
                standard.name,
                standard.get_absolute_url(),
                " · ".join(filter(None, (standard.certificate_number, standard.unit.name))),
                state.label if state else "",
                state.tone if state else "muted",
            )
        )
    return _group("计量标准与证书", hits, rows, "registry:standards", text)


def _instruments(request: PortalRequest, text: str) -> dict[str, object]:
    """By name, serial number or the number of a tracing certificate; there is no list to go on to."""
    found = StandardInstrument.objects.visible_to(request.user).search(text)
    rows = found.select_related("standard__unit").order_by("-pk")[:_SHOWN]
    hits = [
        Hit(
            str(row),
            row.get_absolute_url(),
            f"{row.standard.name} · {row.standard.unit.name}",
            row.get_state_display(),
            row.state_tone,
        )
        for row in rows
    ]
    return {"title": "标准器及配套设备", "hits": hits, "more": False, "url": ""}


def _group(title: str, hits: list[Hit], rows: list, name: str, text: str) -> dict[str, object]:
    url = f"{reverse(name)}?{urlencode({'q': text})}"
    return {"title": title, "hits": hits, "more": len(rows) > _SHOWN, "url": url}
