"""Papers of reports are made in the background: the register of what does which job."""

from metrostd.common.jobs import PAPERS, Progress, job_runner
from metrostd.common.models import Job

from .models import StatEdition
from .narrative import papers


@job_runner(papers.REPORT_JOB, queue=PAPERS)
def report_papers(job: Job, progress: Progress) -> str:
    """The five-part report of an edition as PDF and Word, and in the office's own form; leads to the edition."""
    edition = StatEdition.objects.select_related(
        "report_pdf", "report_docx", "report_own", "template__file"
    ).get(pk=job.arguments["edition"])
    papers.store(edition)
    return edition.get_absolute_url()
