"""Editions that were handed in: as they were, their files byte for byte, and what changed since."""

from operator import attrgetter

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from metrostd.common import audit, clock
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest
from metrostd.common.models import StoredFile
from metrostd.common.paper_views import Wanted, hand_out
from metrostd.common.policies import require
from metrostd.common.templatetags.formats import cn_datetime
from reporting import differences, documents, drafts, edition_files, listing, page, policies
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
_REPORT = "总结报告"
_KINDS = {"xlsx": "Excel", "pdf": "PDF", "docx": "Word"}


def fetch(request: PortalRequest, pk: int) -> StatEdition:
    rows = StatEdition.objects.visible_to(request.user).select_related(
        "report__campaign__organiser",
        "report__authority",
        "xlsx",
        "pdf",
        "report_pdf",
        "report_docx",
        "report_own",
        "files_job",
        "decided_by",
    )
    return get_object_or_404(rows, pk=pk)


@require_safe
@confidential(attrgetter("report.authority"))
def edition(request: PortalRequest, pk: int) -> HttpResponse:
    """What was handed in, and the receipt."""
    row = fetch(request, pk)
    require(policies.can_read_statistics(request.user))
    annex = drafts.table_of(row)
    block = block_of(request, annex)
    results = [RuleResult(**one) for one in row.results]
    marks = {(m["block"], m["row"], m["figure"]) for m in row.marks if "block" in m}
    marked = RuleResult("", "", False, "block", "", tuple(marks))
    row.report.as_of = row.as_of
    context = {
        "edition": row,
        "report": row.report,
        "subtitle": f"第{row.number}版 · 数据截至 {cn_datetime(row.as_of)} · {row.receipt_no}",
        "receipt": row.receipt,
        "files_missing": edition_files.lacks(row),
        "files_wait": edition_files.is_being_made(row),
        "broken": [(one, row.reasons.get(one.id, "")) for one in results if not one.ok],
        "passed": sum(one.ok for one in results),
        "overrides": annex.corrections.overrides,
        "block_id": block,
        "tabs": tabs_of(annex),
        "sections": page.parts(annex, [marked], block, row.report, linked=row.imported_id is None),
        "notes": (NOT_INSPECTED, *annex.notes),
    }
    return render(request, "reporting/edition.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def edition_xlsx(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    row = fetch(request, pk)
    name = documents.named(row.report.authority.code, row.as_of, "xlsx")
    return _file(request, row, row.xlsx, what=TITLE, filename=name)


@require_http_methods(["GET", "HEAD", "POST"])
def edition_pdf(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    row = fetch(request, pk)
    name = documents.named(row.report.authority.code, row.as_of, "pdf")
    return _file(request, row, row.pdf, what=TITLE, filename=name)


def _file(
    request: PortalRequest, row: StatEdition, file: StoredFile | None, *, what: str, filename: str
) -> HttpResponse | FileResponse:
    """A file of what was handed in: made once, then kept."""
    require(policies.can_read_statistics(request.user))
    suffix = filename.rpartition(".")[2]
    said = f"{what} {row.report.authority} {row.report.campaign} 第{row.number}版（{suffix}）"
    wanted = Wanted(
        title=f"{what} {row.report.authority} 第{row.number}版（{_KINDS[suffix]}）",
        filename=filename,
        file=file,
        job=row.files_job,
        make=lambda: edition_files.start(row),
        note=lambda: audit.record_access(actor=request.user, kind="export", what=said),
        back=row.get_absolute_url(),
    )
    return hand_out(request, wanted)


@require_safe
@confidential(attrgetter("report.authority"))
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


@require_http_methods(["GET", "HEAD", "POST"])
def edition_report_pdf(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    row = fetch(request, pk)
    return _file(request, row, row.report_pdf, what=_REPORT, filename=_report_name(row, "pdf"))


@require_http_methods(["GET", "HEAD", "POST"])
def edition_report_docx(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    row = fetch(request, pk)
    return _file(request, row, row.report_docx, what=_REPORT, filename=_report_name(row, "docx"))


@require_http_methods(["GET", "HEAD", "POST"])
def edition_report_own(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    """The report in the office's own form; an edition without one has none."""
    row = fetch(request, pk)
    if row.template_id is None:
        raise Http404
    name = _report_name(row, "docx", form="-本部门模板")
    return _file(request, row, row.report_own, what=_REPORT, filename=name)


def _report_name(row: StatEdition, suffix: str, *, form: str = "") -> str:
    return f"{_REPORT}-{row.report.authority.code}-第{row.number}版{form}.{suffix}"


@require_safe
@confidential(attrgetter("report.authority"))
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
@confidential(attrgetter("report.authority"))
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
