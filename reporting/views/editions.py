"""Editions that were handed in: as they were, their files byte for byte, and what changed since."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from metrostd.common import audit, clock
from metrostd.common.http import PortalRequest, go, send_file
from metrostd.common.models import StoredFile
from metrostd.common.policies import require
from metrostd.common.templatetags.formats import cn_datetime
from reporting import differences, documents, drafts, listing, page, policies
from reporting.columns import screen_row
from reporting.corrections import ref_of
from reporting.figures import BY_ID
from reporting.layout import NOT_INSPECTED, TITLE
from reporting.models import StatEdition
from reporting.narrative import screen as narrative_screen
from reporting.narrative.paper import from_plain
from reporting.queries import Scope
from reporting.ruling import RuleResult

from .tables import block_of, tabs_of

_SHOWN = 200


def fetch(request: PortalRequest, pk: int) -> StatEdition:
    rows = StatEdition.objects.visible_to(request.user).select_related(
        "report__campaign__organiser",
        "report__authority",
        "xlsx",
        "pdf",
        "signature",
        "decided_by",
        "report_pdf",
        "report_docx",
        "report_own",
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
def edition(request: PortalRequest, pk: int) -> HttpResponse:
    """What was handed in, and the receipt."""
    row = fetch(request, pk)
    require(policies.can_read_statistics(request.user))
    annex = drafts.table_of(row)
    block = block_of(request, annex)
    results = [RuleResult(**one) for one in row.results]
    marks = {(m["block"], m["row"], m["figure"]) for m in row.marks}
    marked = RuleResult("", "", False, "block", "", tuple(marks))
    row.report.as_of = row.as_of
    context = {
        "edition": row,
        "report": row.report,
        "subtitle": f"第{row.number}版 · 数据截至 {cn_datetime(row.as_of)} · {row.receipt_no}",
        "receipt": row.receipt,
        "broken": [(one, row.reasons.get(one.id, "")) for one in results if not one.ok],
        "passed": sum(one.ok for one in results),
        "overrides": annex.corrections.overrides,
        "block_id": block,
        "tabs": tabs_of(annex),
        "sections": page.parts(annex, [marked], block, row.report, linked=row.imported_id is None),
        "notes": (NOT_INSPECTED, *annex.notes),
    }
    return render(request, "reporting/edition.html", context)


@require_safe
def edition_xlsx(request: PortalRequest, pk: int) -> FileResponse:
    return _bytes(request, fetch(request, pk), "xlsx")


@require_safe
def edition_pdf(request: PortalRequest, pk: int) -> FileResponse:
    return _bytes(request, fetch(request, pk), "pdf")


def _bytes(request: PortalRequest, row: StatEdition, suffix: str) -> FileResponse:
    """The file as it was handed in; nothing is made anew."""
    require(policies.can_read_statistics(request.user))
    kept: StoredFile = row.xlsx if suffix == "xlsx" else row.pdf
    what = f"{TITLE} {row.report.authority} {row.report.campaign} 第{row.number}版（{suffix}）"
    audit.record_access(actor=request.user, kind="export", what=what)
    name = documents.filename(drafts.table_of(row), suffix)
    return send_file(kept, filename=name)


@require_safe
def edition_narrative(request: PortalRequest, pk: int) -> HttpResponse:
    """The five-part report as it was handed in; figures lead to the records of then."""
    row = fetch(request, pk)
    require(policies.can_read_statistics(request.user))
    row.report.as_of, row.report.imported_id = row.as_of, row.imported_id
    told = from_plain(row.narrative) if row.narrative else None
    address = narrative_screen.addresses(row.report)
    context = {
        "edition": row,
        "report": row.report,
        "paper": told,
        "paragraphs": narrative_screen.paragraphs(told.blocks, address) if told else (),
        "is_made": row.report_pdf is not None
        and row.report_docx is not None
        and (row.template_id is None or row.report_own is not None),
    }
    return render(request, "reporting/narrative/edition.html", context)


@require_safe
def edition_report_pdf(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    return _report_bytes(request, fetch(request, pk), "pdf")


@require_safe
def edition_report_docx(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    return _report_bytes(request, fetch(request, pk), "docx")


@require_safe
def edition_report_own(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The report in the office's own form; an edition without one has none."""
    row = fetch(request, pk)
    if row.template_id is None:
        raise Http404
    return _report_bytes(request, row, "docx", own=True)


def _report_bytes(
    request: PortalRequest, row: StatEdition, suffix: str, *, own: bool = False
) -> HttpResponse | FileResponse:
    """The report as it was made once; until then the page that says so."""
    require(policies.can_read_statistics(request.user))
    kept = row.report_own if own else row.report_pdf if suffix == "pdf" else row.report_docx
    if kept is None:
        messages.info(request, "总结报告正在生成，请稍后再打开。")
        return go(request, reverse("reporting:edition_narrative", args=[row.pk]))
    what = f"总结报告 {row.report.authority} {row.report.campaign} 第{row.number}版（{suffix}）"
    audit.record_access(actor=request.user, kind="export", what=what)
    form = "-本部门模板" if own else ""
    name = f"总结报告-{row.report.authority.code}-第{row.number}版{form}.{suffix}"
    return send_file(kept, filename=name)


@require_safe
def edition_differences(request: PortalRequest, pk: int) -> HttpResponse:
    """Cells whose records are others by now."""
    row = fetch(request, pk)
    require(policies.can_read_statistics(request.user))
    now = clock.now()
    found = differences.since(
        row.table, row.evidence, row.report.campaign, row.report.authority, now=now
    )
    base = reverse("reporting:edition_difference", args=[row.pk])
    context = {
        "edition": row,
        "report": row.report,
        "now": now,
        "can_correct": policies.can_correct(request.user, row.report),
        "found": [(one, f"{base}?cell={'/'.join(one.ref)}") for one in found],
    }
    return render(request, "reporting/differences.html", context)


@require_safe
def edition_difference(request: PortalRequest, pk: int) -> HttpResponse:
    """One cell: the records that are counted since, and those that are counted no more."""
    row = fetch(request, pk)
    require(policies.can_read_statistics(request.user))
    ref = ref_of(request.GET.get("cell", ""))
    figure = BY_ID.get(ref[2]) if ref else None
    if ref is None or figure is None or not figure.family or ref[0] not in figure.blocks:
        raise Http404
    campaign, office = row.report.campaign, row.report.authority
    now = Scope.of(campaign, office, clock.now())
    then = Scope.of(campaign, office, row.as_of)
    gone, come = differences.keys_between(row.evidence, ref, now)
    columns = listing.columns_of(figure)
    sides = []
    for title, keys, scope in (("此后计入", come, now), ("此后不再计入", gone, then)):
        rows = differences.listed(keys, ref, scope, viewer=request.user)
        shown = listing.with_relations(figure, rows, as_of=scope.as_of)[:_SHOWN]
        sides.append((title, len(keys), [screen_row(columns, one) for one in shown]))
    context = {
        "edition": row,
        "report": row.report,
        "figure": figure,
        "columns": columns,
        "sides": sides,
        "back": reverse("reporting:edition_differences", args=[row.pk]),
    }
    return render(request, "reporting/difference.html", context)
