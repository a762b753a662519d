"""The files of an edition: made by a job of what was handed in, once, and kept byte for byte.

What binds is fixed before: the head of the office signed the digest of table, reasons and cells
(``content_hash``), and the edition keeps just these. The files say nothing else, and the trail keeps
their digests beside that one.
"""

from django.db import transaction

from metrostd.common import audit
from metrostd.common.jobs import start_job
from metrostd.common.models import Job
from metrostd.common.templatetags.formats import local_day
from metrostd.common.uploads import PDF, XLSX, store_bytes
from metrostd.trail.anchors import in_words

from . import documents, drafts, workbook
from .models import StatEdition, StatReport
from .narrative import papers

JOB = "reporting.edition_files"
ACTION = "stat_report.file"


def start(edition: StatEdition) -> Job:
    """Queue the files. They show what was decided already: no right is asked for again."""
    title = f"生成{edition}的文件"
    edition.files_job = start_job(JOB, title=title[:200], owner=None, edition=edition.pk)
    StatEdition.objects.filter(pk=edition.pk).update(files_job=edition.files_job)
    return edition.files_job


def missing(report: StatReport) -> str:
    """Why the edition that was handed in last cannot be taken yet; nothing when its files are there."""
    last = drafts.last_edition(report)
    if last is None or not lacks(last):
        return ""
    return "报送的统计表和总结报告文件还没有生成，请稍后再接收；长时间没有生成的，请打开已报送的版次重新生成。"


def lacks(edition: StatEdition) -> bool:
    """Whether one of the files of an edition is not on file."""
    there = [edition.xlsx_id, edition.pdf_id, edition.report_pdf_id, edition.report_docx_id]
    return not all(there) or bool(edition.template_id and not edition.report_own_id)


def is_being_made(edition: StatEdition) -> bool:
    """Whether a worker still has the files of an edition to make."""
    return lacks(edition) and bool(edition.files_job and edition.files_job.is_active)


def make(edition: StatEdition) -> None:
    """Make table and report and keep them; what is kept is not made again."""
    if not (edition.xlsx_id and edition.pdf_id):
        _make_table(edition)
    papers.store(edition)


def _make_table(edition: StatEdition) -> None:
    annex, signed = drafts.table_of(edition), _signed(edition)
    xlsx = store_bytes(workbook.annex3_xlsx(annex, signed=signed), media_type=XLSX)
    pdf = store_bytes(documents.annex3_pdf(annex, signed=signed), media_type=PDF)
    with transaction.atomic():
        bare = StatEdition.objects.filter(pk=edition.pk, pdf=None)
        if not bare.update(xlsx=xlsx, pdf=pdf):
            return
        audit.record(
            edition.report,
            actor=None,
            action=ACTION,
            label="报送文件归档",
            after={
                "edition": edition.number,
                "content_hash": edition.content_hash,
                "xlsx": xlsx.sha256,
                "pdf": pdf.sha256,
            },
        )


def _signed(edition: StatEdition) -> documents.Signed:
    with edition.signature.content.open("rb") as kept:
        image = kept.read()
    return documents.Signed(
        receipt_no=edition.receipt_no,
        signer=edition.signer_name,
        position=edition.signer_position,
        image=image,
        signed_on=local_day(edition.signed_at),
        trail_head=in_words(edition.receipt.get("trail_head", "")),
    )
