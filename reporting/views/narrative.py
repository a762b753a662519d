"""总结报告 of an office: the editor, chapters and cases that save themselves, findings to make cases of."""

from collections.abc import Callable
from operator import attrgetter

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inspections.models import Finding
from metrostd.common import audit, clock, watermark
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, StaleError, go, page_of
from metrostd.common.outside import is_key
from metrostd.common.paper_views import hand_out, kept
from metrostd.common.policies import require
from metrostd.common.refusals import wants_json
from metrostd.common.shapes import Context
from metrostd.plans.moves import in_sentences, plan_of
from reporting import drafts, moves, policies
from reporting.enums import Chapter
from reporting.forms import PassageForm
from reporting.models import Passage, StatReport, TypicalCase
from reporting.narrative import draft_papers, reading, remarks, screen, writing
from reporting.narrative.risks import OfficeRisks
from reporting.narrative.suggesting import suggested
from reporting.table import Annex3

from .reports import fetch


@require_safe
@confidential(attrgetter("authority"))
def narrative(request: PortalRequest, pk: int) -> HttpResponse:
    """The five chapters side by side with how they will read."""
    return _editor(request, pk)


def _editor(
    request: PortalRequest,
    pk: int,
    *,
    form: PassageForm | None = None,
    at: str = "",
    error: StaleError | None = None,
) -> HttpResponse:
    """The page; after a refusal without scripts with what was typed at ``at`` still in its field."""
    row = fetch(request, pk)
    require(policies.can_read_statistics(request.user))
    draft = drafts.draft_of(row)
    annex = draft.annex if draft else None
    found = reading.written(row)
    if form is not None:
        _put_back(found, form, at, error)
    can_write = policies.can_write_narrative(request.user, row)
    marks = reading.case_marks(row, found)
    risks = OfficeRisks(row.authority, request.user)
    context: Context = {
        "report": row,
        "subtitle": f"{row.campaign} · 第{row.number}版 · 报送期限{moves.words_of_due(row)}",
        "can_write": can_write,
        "cards": screen.cards(
            row,
            found,
            annex,
            marks=marks,
            remarks=remarks.open_ones(row, found),
            suggested=_suggested(row, annex, risks) if annex and can_write else {},
            tables=risks,
        ),
        "cases_chapter": Chapter.CASES,
        "annex": annex,
        "rows": screen.rows_to_choose(annex) if annex and can_write else [],
        "figures": screen.figures_to_choose(annex) if annex and can_write else [],
        "missing": reading.unready(row, annex) if can_write else [],
        "last": drafts.last_edition(row),
        "longest": writing.LONGEST_CHAPTER,
        "longest_case": writing.LONGEST_CASE,
        "form": form,
        "at": at,
        "conflict": error.payload["fields"] if error else {},
        "reason": str(error or ""),
    }
    status = 200 if form is None else 409 if error else 422
    return render(request, "reporting/narrative/editor.html", context, status=status)


def _suggested(row: StatReport, annex: Annex3, risks: OfficeRisks) -> dict[str, str]:
    """Text to begin with; the practice quotes the office's work plan, the problems its units by level."""
    plan = plan_of(row.campaign, row.authority)
    quoted = in_sentences(plan, by=annex.as_of) if plan else []
    return suggested(annex, office=row.authority.name, plan=quoted, risk=risks.said)


def _put_back(found: reading.Written, form: PassageForm, at: str, error: StaleError | None) -> None:
    """What was typed is shown in place of what is kept, on the newer version after a conflict."""
    rows: list[Passage] = [*found.chapters.values(), *found.cases]
    for row in rows:
        if at == (row.chapter if hasattr(row, "chapter") else str(row.pk)):
            row.text = form.data.get("text", "")
            if isinstance(row, TypicalCase):
                row.title = form.data.get("title", "")
            if error:
                row.version = error.payload["version"]  # type: ignore[assignment]


@require_POST
def save_chapter(request: PortalRequest, pk: int, chapter: str) -> HttpResponse:
    """Autosave of one chapter; without scripts a plain form."""
    row = fetch(request, pk)
    require(policies.is_preparer(request.user, row))
    if chapter not in Chapter.values:
        raise Http404
    form = PassageForm(request.POST)

    def act() -> Passage:
        text = form.cleaned_data["text"]
        return writing.save_chapter(row, Chapter(chapter), text, form.save_by(request.user))

    return _saved(request, pk, form, act, at=chapter)


@require_POST
def save_case(request: PortalRequest, pk: int) -> HttpResponse:
    """Autosave of one case."""
    case = _case(request, pk)
    form = PassageForm(request.POST)

    def act() -> Passage:
        words = form.cleaned_data
        return writing.save_case(case, words["title"], words["text"], form.save_by(request.user))

    return _saved(request, case.report_id, form, act, at=str(case.pk))


def _case(request: PortalRequest, pk: int) -> TypicalCase:
    rows = TypicalCase.objects.visible_to(request.user).select_related(
        "report__campaign__organiser", "report__authority", "finding__task__unit"
    )
    case = get_object_or_404(rows, pk=pk)
    require(policies.is_preparer(request.user, case.report))
    return case


def _saved(
    request: PortalRequest, pk: int, form: PassageForm, act: Callable[[], Passage], *, at: str
) -> HttpResponse:
    """Try a save; a page with scripts gets JSON, one without gets itself back."""
    if wants_json(request):
        if not form.is_valid():
            return JsonResponse({"errors": form.errors}, status=422)
        return _as_json(request, act())
    if not form.is_valid():
        return _editor(request, pk, form=form, at=at)
    try:
        act()
    except StaleError as error:
        return _editor(request, pk, form=form, at=at, error=error)
    messages.success(request, "已保存。")
    return go(request, reverse("reporting:narrative", args=[pk]))


def _as_json(request: PortalRequest, row: Passage) -> JsonResponse:
    """The version it has now and how it will read."""
    report = row.report  # type: ignore[attr-defined]  # chapters and cases both have one
    draft = drafts.draft_of(report)
    annex = draft.annex if draft else None
    address, found = screen.addresses(report), reading.written(report)
    if isinstance(row, TypicalCase):
        marks = reading.marks_for(report, [row.finding.task.of_unit.pk])
        shown = screen.case_preview(row, annex, address, marks, reading.facts(report, found))
    else:
        chapter = Chapter(row.chapter)  # type: ignore[attr-defined]
        shown = screen.preview(
            row.text,
            annex,
            address,
            marks=reading.case_marks(report, found) if chapter == Chapter.CASES else None,
            tables=OfficeRisks(report.authority, request.user),
            remark=remarks.open_ones(report, found).get(chapter),
        )
    html = render_to_string("reporting/narrative/preview.html", {"preview": shown}, request)
    return JsonResponse({"version": row.version, "saved_at": clock.now().isoformat(), "html": html})


@require_http_methods(["GET", "HEAD", "POST"])
def cases(request: PortalRequest, pk: int) -> HttpResponse:
    """The office's findings; a press makes a typical case of one."""
    row = fetch(request, pk)
    require(policies.can_write_narrative(request.user, row))
    rows = (
        Finding.objects.visible_to(request.user)
        .counted()
        .filter(campaign=row.campaign, authority=row.authority)
    )
    if request.method == "POST":
        chosen = request.POST.get("finding", "")
        found = get_object_or_404(rows.for_list(), pk=chosen if is_key(chosen) else 0)
        writing.add_case(row, found, actor=request.user)
        messages.success(request, "已选为典型案例，单位信息已作处理，请再核对文字。")
        return go(request, reverse("reporting:narrative", args=[row.pk]) + "#cases")
    picked = set(row.cases.values_list("finding", flat=True))
    ordered = rows.for_list().order_by("-is_key", "-severity", "task__unit__name", "pk")
    page = page_of(request, ordered)
    context: Context = {
        "report": row,
        "page": page,
        "lines": [(finding, finding.pk in picked) for finding in page],
    }
    return render(request, "reporting/narrative/cases.html", context)


@require_POST
def remove_case(request: PortalRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    writing.remove_case(case, actor=request.user)
    messages.success(request, "案例已移出。")
    return go(request, reverse("reporting:narrative", args=[case.report_id]) + "#cases")


@require_http_methods(["GET", "HEAD", "POST"])
def draft_pdf(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    return _draft_file(request, pk, "pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def draft_docx(request: PortalRequest, pk: int) -> HttpResponse | FileResponse:
    return _draft_file(request, pk, "docx")


def _draft_file(request: PortalRequest, pk: int, suffix: str) -> HttpResponse | FileResponse:
    """The report as it stands, marked as a draft."""
    row = fetch(request, pk)
    require(policies.can_read_statistics(request.user))
    draft = drafts.draft_of(row)
    risks = OfficeRisks(row.authority, request.user)
    told = reading.paper_of(row, draft.annex if draft else None, tables=risks)
    what = f"总结报告草稿 {row.authority} {row.campaign}（{suffix}）"
    wanted = kept(
        draft_papers.draft_of(told, suffix, copy=watermark.text_for(request.user, day=True)),
        title="总结报告草稿",
        filename=f"总结报告草稿-{row.authority.code}.{suffix}",
        note=lambda: audit.record_access(actor=request.user, kind="export", what=what),
        back=reverse("reporting:narrative", args=[row.pk]),
    )
    return hand_out(request, wanted)
