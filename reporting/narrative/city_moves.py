"""The moves of 全市总结报告: written by several, finished with its figures, taken up again with a reason."""

from django.db import transaction

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.jobs import start_job
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import Transition, check_state
from metrostd.common.uploads import DOCX, PDF, store_bytes
from reporting.enums import CityChapter
from reporting.enums import CityReportState as State
from reporting.models import CityReport, CityReportChapter

from . import city, documents, word
from .paper import from_plain, to_plain
from .writing import LONGEST_CHAPTER, Save, keep, require_short

CITY_JOB = "reporting.city_papers"


def unready(report: CityReport) -> list[str]:
    """Every chapter is written, its figures are the table's, no case says whose it is."""
    return city.unready(report, city.whole(report.campaign))


FINISH = Transition(
    "city_report.finish", "定稿", frozenset({State.DRAFT}), State.FINISHED, guards=(unready,)
)
REOPEN = Transition(
    "city_report.reopen", "重新修改", frozenset({State.FINISHED}), State.DRAFT, needs_note=True
)
MOVES = (FINISH, REOPEN)


def writable(report: CityReport) -> Verdict:
    if report.state == State.DRAFT:
        return YES
    return not_now("全市总结报告已定稿，不能修改；要修改时先点“重新修改”。")


@transaction.atomic
def save_chapter(
    report: CityReport, chapter: CityChapter, text: str, save: Save
) -> CityReportChapter:
    """Keep a chapter. Raises StaleError with both values when somebody saved since."""
    require_short(chapter.label, text, LONGEST_CHAPTER)
    of_chapter = CityReportChapter.objects.filter(report__campaign=report.campaign, chapter=chapter)
    if not text and not of_chapter.exists():
        check_state(writable(report), obj=report)
        return CityReportChapter(report=report, chapter=chapter)  # nothing is said: nothing to keep
    kept, _ = CityReport.objects.get_or_create(campaign=report.campaign)
    held = CityReport.objects.select_for_update().get(pk=kept.pk)
    check_state(writable(held), obj=held)
    row, _ = CityReportChapter.objects.get_or_create(report=held, chapter=chapter)
    held.campaign = report.campaign
    row.report = held
    keep(row, {"text": text}, save, action="city_report_chapter.save", label="编写全市总结报告")
    return row


@transaction.atomic
def finish(report: CityReport, *, actor: Actor | None) -> None:
    """The words stand still with the figures of now; PDF and Word are made in the background."""
    CityReport.objects.select_for_update().get(pk=report.pk)
    found = city.whole(report.campaign)
    FINISH.apply(
        report,
        actor=actor,
        narrative=to_plain(city.paper_of(report, found)),
        finished_at=clock.now(),
        report_pdf=None,
        report_docx=None,
    )
    start(report)


def start(report: CityReport) -> Job:
    """Queue the papers. They show what was decided already: no right is asked for again."""
    report.files_job = start_job(
        CITY_JOB, title=f"生成{report}"[:200], owner=None, report=report.pk
    )
    CityReport.objects.filter(pk=report.pk).update(files_job=report.files_job)
    return report.files_job


def reopen(report: CityReport, *, actor: Actor | None, note: str) -> None:
    """Write on; what was finished before is in the trail."""
    REOPEN.apply(report, actor=actor, note=note)


def store(report: CityReport) -> None:
    """Make and keep the papers of a finished report."""
    paper = from_plain(report.narrative)
    CityReport.objects.filter(
        pk=report.pk, state=State.FINISHED, finished_at=report.finished_at
    ).update(
        report_pdf=store_bytes(documents.report_pdf(paper), media_type=PDF),
        report_docx=store_bytes(word.report_docx(paper), media_type=DOCX),
    )
