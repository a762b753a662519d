"""全市总结报告: the editor of the municipal office, what offices wrote beside it, its papers when finished."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.current import current_campaign
from metrostd.common import audit, clock
from metrostd.common.actions import Action
from metrostd.common.http import PortalRequest, StaleError, go
from metrostd.common.paper_views import Wanted, hand_out
from metrostd.common.policies import Verdict, require
from metrostd.common.refusals import wants_json
from metrostd.common.shapes import Context
from reporting import policies
from reporting.enums import CityChapter, CityReportState
from reporting.forms import PassageForm
from reporting.models import CityReport, CityReportChapter
from reporting.narrative import city, city_moves, screen, writing
from reporting.narrative.paper import NUMERALS, from_plain, lines_of

#: Chapters in which the words of the offices are shown to be taken over.
_MERGED = (CityChapter.PRACTICE, CityChapter.CASES, CityChapter.ADVICE)


def _fetch(request: PortalRequest) -> CityReport:
    """The report of the campaign looked at, for its organiser."""
    require(policies.can_consolidate(request.user))
    campaign = current_campaign(request)
    if campaign is None:
        raise Http404
    require(policies.is_city_writer(request.user, campaign))
    return city.report_of(campaign)


@require_safe
def city_report(request: PortalRequest) -> HttpResponse:
    report = _fetch(request)
    if report.state == CityReportState.FINISHED:
        return _finished(request, report)
    return _editor(request, report)


def _finished(request: PortalRequest, report: CityReport) -> HttpResponse:
    told = from_plain(report.narrative)
    url = reverse("reporting:city_report_reopen")
    verdict = policies.can_reopen_city_report(request.user, report)
    context: Context = {
        "report": report,
        "paper": told,
        "paragraphs": screen.paragraphs(told.blocks, city.address),
        "is_made": report.report_pdf is not None and report.report_docx is not None,
        "actions": [Action("重新修改", url, verdict, kind="note", note_label="重新修改的理由")],
    }
    return render(request, "reporting/narrative/city_finished.html", context)


def _editor(
    request: PortalRequest,
    report: CityReport,
    *,
    form: PassageForm | None = None,
    at: str = "",
    error: StaleError | None = None,
) -> HttpResponse:
    found = city.whole(report.campaign)
    chapters = city.chapters_of(report)
    if form is not None and (row := chapters.get(CityChapter(at))):
        row.text = form.data.get("text", "")
        if error:
            row.version = error.payload["version"]  # type: ignore[assignment]
    missing = city.unready(report, found)
    finish = Action(
        "定稿",
        reverse("reporting:city_report_finish"),
        Verdict.against(missing),
        tone="primary",
        icon="check",
        confirm="定稿后各数不再变动，确定定稿？",
    )
    context: Context = {
        "report": report,
        "subtitle": f"{report.campaign} · 已接收 {len(found.parts)} 个部门",
        "can_write": policies.can_write_city_report(request.user, report),
        "annex": found.annex,
        "cards": _cards(chapters, found),
        "rows": screen.rows_to_choose(found.annex),
        "figures": screen.figures_to_choose(found.annex),
        "missing": missing,
        "left_out": city.missing_offices(found),
        "longest": writing.LONGEST_CHAPTER,
        "actions": [finish],
        "form": form,
        "at": at,
        "conflict": error.payload["fields"] if error else {},
        "reason": str(error or ""),
    }
    status = 200 if form is None else 409 if error else 422
    return render(request, "reporting/narrative/city.html", context, status=status)


def _cards(chapters: dict[CityChapter, CityReportChapter], found: city.Whole) -> list[screen.Card]:
    suggested = city.suggestions(found)
    return [
        screen.Card(
            NUMERALS[at],
            chapter,
            row,
            f"{reverse('reporting:save_city_chapter')}?chapter={chapter.value}",
            _preview(chapter, row.text, found),
            suggested.get(chapter, ""),
            screen.paragraphs(
                lines_of(suggested.get(chapter, ""), found.annex, found.tables), city.address
            ),
            merged=tuple(
                (office, city.words_of(blocks), screen.paragraphs(blocks, lambda _: ""))
                for office, blocks in (city.merged(found, chapter) if chapter in _MERGED else ())
            ),
        )
        for at, (chapter, row) in enumerate(chapters.items())
    ]


def _preview(chapter: CityChapter, text: str, found: city.Whole) -> screen.Preview:
    """How a chapter will read; of cases also what still tells whose they are."""
    is_cases = chapter == CityChapter.CASES
    return screen.preview(
        text,
        found.annex,
        city.address,
        marks=city.marks(found.campaign) if is_cases else None,
        tables=found.tables,
        city=True,
        warnings=city.rare(found.campaign, text) if is_cases else (),
    )


@require_POST
def save_city_chapter(request: PortalRequest) -> HttpResponse:
    """Autosave of one chapter; without scripts a plain form."""
    report = _fetch(request)
    chapter = request.GET.get("chapter", "")
    if chapter not in CityChapter.values:
        raise Http404
    form = PassageForm(request.POST)
    if not form.is_valid():
        if wants_json(request):
            return JsonResponse({"errors": form.errors}, status=422)
        return _editor(request, report, form=form, at=chapter)
    text, save = form.cleaned_data["text"], form.save_by(request.user)
    try:
        row = city_moves.save_chapter(report, CityChapter(chapter), text, save)
    except StaleError as error:
        if wants_json(request):
            raise
        return _editor(request, report, form=form, at=chapter, error=error)
    if wants_json(request):
        return _as_json(request, row)
    messages.success(request, "已保存。")
    return go(request, "reporting:city_report")


def _as_json(request: PortalRequest, row: CityReportChapter) -> JsonResponse:
    found = city.whole(row.report.campaign)
    shown = _preview(CityChapter(row.chapter), row.text, found)
    html = render_to_string("reporting/narrative/preview.html", {"preview": shown}, request)
    return JsonResponse({"version": row.version, "saved_at": clock.now().isoformat(), "html": html})


def _kept(request: PortalRequest) -> CityReport:
    """The report once somebody has written of it."""
    report = _fetch(request)
    if report.pk is None:
        raise Http404
    return report


@require_POST
def finish(request: PortalRequest) -> HttpResponse:
    city_moves.finish(_kept(request), actor=request.user)
    messages.success(request, "已定稿，PDF 和 Word 正在生成。")
    return go(request, "reporting:city_report")


@require_POST
def reopen(request: PortalRequest) -> HttpResponse:
    city_moves.reopen(_kept(request), actor=request.user, note=request.POST.get("note", ""))
    messages.success(request, "可以继续修改。")
    return go(request, "reporting:city_report")


@require_http_methods(["GET", "HEAD", "POST"])
def city_report_pdf(request: PortalRequest) -> HttpResponse | FileResponse:
    return _file(request, "pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def city_report_docx(request: PortalRequest) -> HttpResponse | FileResponse:
    return _file(request, "docx")


def _file(request: PortalRequest, suffix: str) -> HttpResponse | FileResponse:
    """The report as it was finished; until its file is made the page that waits for it."""
    report = _kept(request)
    if report.state != CityReportState.FINISHED:
        messages.info(request, "全市总结报告还没有定稿。")
        return go(request, "reporting:city_report")
    wanted = Wanted(
        title=str(report),
        filename=f"全市总结报告-{report.campaign.code}.{suffix}",
        file=report.report_pdf if suffix == "pdf" else report.report_docx,
        job=report.files_job,
        make=lambda: city_moves.start(report),
        note=lambda: audit.record_access(
            actor=request.user, kind="export", what=f"{report}（{suffix}）"
        ),
        back=report.get_absolute_url(),
    )
    return hand_out(request, wanted)
