"""Files of what is handed in are made in the background: the register of what does which job."""

from metrostd.common.jobs import PAPERS, Progress, job_runner
from metrostd.common.models import Job

from . import edition_files
from .models import CityReport, StatEdition
from .narrative import city_moves


@job_runner(edition_files.JOB, queue=PAPERS)
def make_files(job: Job, progress: Progress) -> str:
    """Make the files of an edition, table and report; leads to the edition."""
    rows = StatEdition.objects.select_related(
        "report__campaign__organiser", "report__authority", "signature", "template__file"
    )
    edition = rows.get(pk=job.arguments["edition"])
    progress(0, 1, "生成统计表和总结报告")
    edition_files.make(edition)
    progress(1, 1, "已归档")
    return edition.get_absolute_url()


@job_runner(city_moves.CITY_JOB, queue=PAPERS)
def city_papers(job: Job, progress: Progress) -> str:
    """The city's report as PDF and Word; leads to it."""
    report = CityReport.objects.get(pk=job.arguments["report"])
    city_moves.store(report)
    return report.get_absolute_url()
