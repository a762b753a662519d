"""The papers of a report that was handed in: queued, made once in the background, then kept as they are."""

from metrostd.common.actors import Actor
from metrostd.common.jobs import start_job
from metrostd.common.models import Job
from metrostd.common.uploads import DOCX, PDF, store_bytes
from reporting.drafts import table_of
from reporting.models import StatEdition

from . import documents, own_form, word
from .paper import from_plain

REPORT_JOB = "reporting.report_papers"


def start(edition: StatEdition, *, actor: Actor | None) -> Job:
    """Queue the report of an edition as PDF and as Word; its words are kept with the edition."""
    return start_job(REPORT_JOB, title=f"生成{edition}的总结报告", owner=actor, edition=edition.pk)


def store(edition: StatEdition) -> None:
    """Make and keep what is not there yet; what was kept is not replaced."""
    paper = from_plain(edition.narrative)
    rows = StatEdition.objects.filter(pk=edition.pk)
    if edition.report_pdf is None:
        stored = store_bytes(documents.report_pdf(paper), media_type=PDF)
        rows.filter(report_pdf=None).update(report_pdf=stored)
    if edition.report_docx is None:
        stored = store_bytes(word.report_docx(paper), media_type=DOCX)
        rows.filter(report_docx=None).update(report_docx=stored)
    if edition.template is not None and edition.report_own is None:
        with edition.template.file.content.open("rb") as form:
            annex = table_of(edition)
            filled = own_form.fill(form.read(), paper, annex, campaign=annex.campaign_title)
        rows.filter(report_own=None).update(report_own=store_bytes(filled, media_type=DOCX))
