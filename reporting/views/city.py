"""What offices have handed in, office by office; those that have not, by name."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaigns.current import current_campaign
from campaigns.models import Campaign
from metrostd.common import audit, clock, watermark
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, go
from metrostd.common.picking import picked
from metrostd.common.policies import require
from metrostd.common.roles import Role
from metrostd.common.shapes import Context
from metrostd.common.spreadsheet import xlsx_response
from metrostd.notifications.chasing import Outcome, last_days
from reporting import (
    consolidation,
    documents,
    moves,
    page,
    policies,
    rules,
    screen,
    services,
    workbook,
)
from reporting.annex3 import WHOLE_CITY
from reporting.corrections import cell_of, ref_of
from reporting.enums import StatReportState
from reporting.figures import BY_ID
from reporting.layout import TITLE, sections
from reporting.models import StatReport
from reporting.table import Cell

from .tables import block_of, tabs_of

#: The tab beside the blocks of the table.
_COMPARISON = "offices"


@require_safe
def reports(request: PortalRequest) -> HttpResponse:
    """The municipal office's list; a district is led to its own page."""
    require(policies.can_read_statistics(request.user))
    campaign = current_campaign(request)
    rows = StatReport.objects.visible_to(request.user).filter(campaign=campaign).for_list()
    found = list(rows)
    if len(found) == 1 and request.user.scope.role == Role.DISTRICT_ADMIN:
        return redirect(found[0])
    today = clock.today()
    asked = last_days(StatReport, [row.pk for row in found])
    owing = [row for row in found if row.state in StatReportState.with_office]
    context = {
        "campaign": campaign,
        "today": today,
        "reports": [
            (row, policies.can_remind(request.user, row, asked), asked.get(row.pk)) for row in found
        ],
        "missing": owing,
        "is_past": bool(campaign and today > campaign.summary_due),
        "due": moves.words_of_due(found[0]) if found else "",
        "handed_in": sum(row.state in StatReportState.handed_in for row in found),
        "may_consolidate": policies.can_consolidate(request.user),
        "taken": sum(row.is_accepted for row in found),
        "waiting": sum(row.state == StatReportState.SUBMITTED for row in found),
        "can_remind": any(policies.can_remind(request.user, row, asked) for row in owing),
    }
    return render(request, "reporting/reports.html", context)


@require_POST
def remind_all(request: PortalRequest) -> HttpResponse:
    """The offices ticked, or every one that has not handed in; whoever was reminded today is left out."""
    require(policies.can_read_statistics(request.user))
    campaign = current_campaign(request)
    owed = StatReport.objects.visible_to(request.user).filter(campaign=campaign).owed()
    rows = list(picked(request, owed).for_list())
    if not rows:
        raise ValidationError("请先勾选还没有报送的部门。")
    total = Outcome()
    for row in rows:
        if policies.can_remind(request.user, row):
            total.add(services.remind(row, actor=request.user, text=request.POST.get("text", "")))
    if total.told or total.nobody:
        messages.success(request, total.sentence)
    else:
        messages.warning(request, "今天都已催办过，没有重复。")
    return go(request, "reporting:reports")


def _campaign(request: PortalRequest) -> Campaign:
    """The campaign looked at, for somebody who sees every office of it."""
    require(policies.can_consolidate(request.user))
    campaign = current_campaign(request)
    if campaign is None:
        raise Http404
    return campaign


@require_safe
def consolidated(request: PortalRequest) -> HttpResponse:
    """全市汇总 of what was accepted: the table, its rules, the offices beside each other."""
    campaign = _campaign(request)
    parts = consolidation.parts_of(campaign)
    annex = consolidation.consolidated(campaign, parts, now=clock.now())
    results = rules.check(annex)
    chosen = request.GET.get("block", _COMPARISON)
    block = "" if chosen == _COMPARISON else block_of(request, annex)
    base = reverse("reporting:consolidated_cell")
    accepted = [part.edition.report.authority_id for part in parts]
    owed = StatReport.objects.filter(campaign=campaign).exclude(authority__in=accepted)

    def address(at: str, row: str, figure: str) -> str:
        return f"{base}?cell={at}/{row}/{figure}"

    lines = screen.rule_lines(results)
    context: Context = {
        "campaign": campaign,
        "annex": annex,
        "parts": parts,
        "left_out": list(owed.for_list()),
        "tabs": [(_COMPARISON, "各部门比较"), *tabs_of(annex)],
        "block_id": block or _COMPARISON,
        "sections": [screen.part(one, results, address) for one in sections(annex, block)]
        if block
        else [],
        "columns": [BY_ID[name] for name in consolidation.COMPARED],
        "compared": consolidation.compared(parts, annex),
        "failed": [
            (line, annex.corrections.reasons.get(line.id, "")) for line in lines if not line.ok
        ],
        "passed": [line for line in lines if line.ok],
        "notes": annex.notes,
    }
    return render(request, "reporting/consolidated.html", context)


@require_safe
def consolidated_cell(request: PortalRequest) -> HttpResponse:
    """One figure of the city, office by office; each leads to the records it was made of."""
    campaign = _campaign(request)
    ref = ref_of(request.GET.get("cell", ""))
    parts = consolidation.parts_of(campaign)
    annex = consolidation.consolidated(campaign, parts, now=clock.now())
    found = cell_of(annex, ref) if ref else None
    if ref is None or found is None:
        raise Http404
    row, cell = found
    lines = []
    for part in parts:
        report = part.edition.report
        report.as_of = part.edition.as_of
        own = Cell(cell.figure, part.value(ref))
        opens = bool(own.value is not None and cell.figure.family) and not part.edition.imported_id
        url = page.records_url(report, block=ref[0], row=ref[1], figure=ref[2]) if opens else ""
        lines.append((part, own.text, url))
    context: Context = {
        "campaign": campaign,
        "figure": cell.figure,
        "row": row,
        "cell": cell,
        "lines": lines,
        "back": reverse("reporting:consolidated") + f"?block={ref[0]}",
    }
    return render(request, "reporting/consolidated_cell.html", context)


@require_safe
def consolidated_xlsx(request: PortalRequest) -> HttpResponse:
    campaign = _campaign(request)
    parts = consolidation.parts_of(campaign)
    audit.record_access(actor=request.user, kind="export", what=_what(campaign, parts, "xlsx"))
    annex = consolidation.consolidated(campaign, parts, now=clock.now())
    with watermark.marked(watermark.text_for(request.user)):
        content = workbook.annex3_xlsx(annex)
    return xlsx_response(content, filename=documents.filename(annex, "xlsx"))


@require_safe
@exported
def consolidated_pdf(request: PortalRequest) -> Export:
    campaign = _campaign(request)
    parts = consolidation.parts_of(campaign)
    now = clock.now()
    return Export(
        what=_what(campaign, parts, "pdf"),
        filename=documents.named(WHOLE_CITY, consolidation.cut_off(parts, now=now), "pdf"),
        paper=lambda: documents.annex3_pdf(consolidation.consolidated(campaign, parts, now=now)),
    )


def _what(campaign: Campaign, parts: list[consolidation.Part], suffix: str) -> str:
    return f"{TITLE} 全市汇总（已接收 {len(parts)} 个部门） {campaign}（{suffix}）"
