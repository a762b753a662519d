"""The papers of a report that was handed in: made once of the words kept with the edition, then kept as they are."""

from django.db import transaction

from metrostd.common import audit
from metrostd.common.uploads import DOCX, PDF, store_bytes
from reporting.drafts import table_of
from reporting.models import StatEdition

from . import documents, own_form, word
from .paper import from_plain

_LABEL = "总结报告文件归档"


def store(edition: StatEdition) -> None:
    """Make and keep what is not there yet; what was kept is not replaced."""
    paper = from_plain(edition.narrative)
    if edition.report_pdf_id is None:
        _keep(edition, "report_pdf", documents.report_pdf(paper), media_type=PDF)
    if edition.report_docx_id is None:
        _keep(edition, "report_docx", word.report_docx(paper), media_type=DOCX)
    if edition.template is not None and edition.report_own is None:
        with edition.template.file.content.open("rb") as form:
            annex = table_of(edition)
            filled = own_form.fill(form.read(), paper, annex, campaign=annex.campaign_title)
        _keep(edition, "report_own", filled, media_type=DOCX)


@transaction.atomic
def _keep(edition: StatEdition, name: str, content: bytes, *, media_type: str) -> None:
    """Keep one file with the edition; the trail keeps its digest."""
    stored = store_bytes(content, media_type=media_type)
    bare = StatEdition.objects.filter(pk=edition.pk, **{name: None})
    if bare.update(**{name: stored}):
        after = {"edition": edition.number, name: stored.sha256}
        audit.record(
            edition.report, actor=None, action="stat_report.file_report", label=_LABEL, after=after
        )
