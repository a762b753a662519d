"""台账变动: what changed in the register, when, by whom, from what to what."""

from collections.abc import Iterable, Iterator

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from metrostd.common import clock
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import CellValue
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.registry import policies
from metrostd.registry.models import Unit
from metrostd.registry.trail import TrailFilter, changes_of, kind_choices, note_of

_COLUMNS = (
    Column("时间", 18),
    Column("人员", 12),
    Column("身份", 22),
    Column("操作", 16),
    Column("类别", 14),
    Column("记录", 32),
    Column("项目", 16),
    Column("原值", 28),
    Column("新值", 28),
    Column("说明", 36),
)


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The trail of what the person sees of the register, the newest first."""
    require(policies.can_read_trail(request.user))
    found = TrailFilter(request.GET, viewer=request.user, on=clock.today())
    page = page_of(request, found.rows())
    wanted = request.GET.get("unit", "")
    units = Unit.objects.visible_to(request.user)
    unit = units.filter(pk=wanted).first() if is_key(wanted) else None
    context = {
        "page": page,
        "rows": [(entry, changes_of(entry), note_of(entry)) for entry in page],
        "kinds": kind_choices(),
        "since": found.since,
        "unit": unit,
        "subtitle": unit.name if unit else "",
    }
    return render(request, "registry/trail.html", context)


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """The entries of the page under the same filter and in the same order, as a workbook."""
    require(policies.can_read_trail(request.user))
    found = TrailFilter(request.GET, viewer=request.user, on=clock.today()).rows()
    return Export(
        what=f"台账变动 {request.GET.urlencode()}",
        filename=f"台账变动{clock.today():%Y%m%d}.xlsx",
        count=found.whole,
        sheets=lambda: [Sheet("台账变动", "台账变动", _COLUMNS, _lines(found))],
    )


def _lines(found: Iterable[AuditEntry]) -> Iterator[tuple[CellValue, ...]]:
    """A line for each thing an entry changed, one for an entry that changed nothing."""
    return (
        (
            entry.at,
            entry.actor.display_name if entry.actor else "系统",
            entry.acting_as,
            entry.action_label,
            entry.target_type.name,
            entry.target_label,
            *change,
            entry.note,
        )
        for entry in found
        for change in changes_of(entry) or [("", "", "")]
    )
