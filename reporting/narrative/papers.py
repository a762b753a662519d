"""The papers of a report that was handed in: made once of the words kept with the edition, then kept as they are."""

from metrostd.common.uploads import DOCX, PDF, store_bytes
from reporting.drafts import table_of
from reporting.models import StatEdition

from . import documents, own_form, word
from .paper import from_plain


def store(edition: StatEdition) -> None:
    """Make and keep what is not there yet; what was kept is not replaced."""
    paper = from_plain(edition.narrative)
    rows = StatEdition.objects.filter(pk=edition.pk)
    if edition.report_pdf_id is None:
        stored = store_bytes(documents.report_pdf(paper), media_type=PDF)
        rows.filter(report_pdf=None).update(report_pdf=stored)
    if edition.report_docx_id is None:
        stored = store_bytes(word.report_docx(paper), media_type=DOCX)
        rows.filter(report_docx=None).update(report_docx=stored)
    if edition.template is not None and edition.report_own is None:
        with edition.template.file.content.open("rb") as form:
            annex = table_of(edition)
            filled = own_form.fill(form.read(), paper, annex, campaign=annex.campaign_title)
        rows.filter(report_own=None).update(report_own=store_bytes(filled, media_type=DOCX))
