"""台账预警: what is wrong, or about to be, with the standards a person sees."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from metrostd.common import clock
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest
from metrostd.common.keyed import in_parts
from metrostd.common.outside import is_key
from metrostd.registry.models import MeasurementStandard, Unit
from metrostd.registry.warnings import OpenWarning, count_by_kind, kinds, open_warnings
from metrostd.registry.warnings.workbook import warning_list

from .units import district_choices

_SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A warning with the standard it is about."""

    warning: OpenWarning
    standard: MeasurementStandard


def _found(request: PortalRequest) -> list[OpenWarning]:
    """Warnings of the standards the address asks for, of every kind."""
    get = request.GET.get
    standards = MeasurementStandard.objects.visible_to(request.user)
    if is_key(district := get("district", "")):
        standards = standards.filter(unit__territorial_authority=district)
    if district == "none":
        standards = standards.filter(unit__territorial_authority=None)
    if is_key(unit := get("unit", "")):
        standards = standards.filter(unit=unit)
    if words := get("q", "").strip():
        standards = standards.search(words)
    return open_warnings(standards, on=clock.today())


def _of_kind(request: PortalRequest, found: list[OpenWarning]) -> list[OpenWarning]:
    kind = request.GET.get("kind", "")
    known = {row.code for row in kinds()}
    return [row for row in found if row.kind.code == kind] if kind in known else found


def _rows(found: list[OpenWarning]) -> list[Row]:
    wanted = {row.standard for row in found}
    standards = MeasurementStandard.objects.select_related("unit__territorial_authority")
    known = standards.in_bulk(wanted)
    return [Row(row, known[row.standard]) for row in found]


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The worst and oldest first; the counts above are those of the other filters."""
    found = _found(request)
    page: Page = Paginator(_of_kind(request, found), _SIZE).get_page(request.GET.get("page"))
    unit = request.GET.get("unit", "")
    own = Unit.objects.visible_to(request.user)
    context = {
        "page": page,
        "rows": _rows(list(page.object_list)),
        "counts": count_by_kind(found),
        "kinds": [(kind.code, kind.label) for kind in kinds()],
        "districts": district_choices(request),
        "unit": own.filter(pk=unit).first() if is_key(unit) else None,
        "today": clock.today(),
    }
    return render(request, "registry/warnings.html", context)


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """The rows of the list under the same filter, as a workbook."""
    found = cache(lambda: _of_kind(request, _found(request)))
    return Export(
        what=f"台账预警 {request.GET.urlencode()}",
        filename=f"台账预警{clock.today():%Y%m%d}.xlsx",
        count=lambda: len(found()),
        sheets=lambda: [warning_list(_all_rows(found()))],
    )


def _all_rows(found: list[OpenWarning]) -> Iterator[tuple[OpenWarning, MeasurementStandard]]:
    return ((row.warning, row.standard) for part in in_parts(found) for row in _rows(part))
