"""Background work of inspections."""

from metrostd.common.jobs import PAPERS, Progress, job_runner
from metrostd.common.models import Job
from metrostd.common.papers import Words, paper_maker

from . import signed_records, stop_papers
from .models import InspectionTask


@job_runner(signed_records.RECORD_JOB, queue=PAPERS)
def file_record(job: Job, progress: Progress) -> str:
    """Render the signed record of a task and put it on file; returns the address of the task."""
    task = InspectionTask.objects.select_related("campaign", "authority", "unit").get(
        pk=job.arguments["task"]
    )
    progress(0, 1, "生成检查记录")
    signed_records.file_record(task)
    progress(1, 1, "检查记录已归档")
    return task.get_absolute_url()


@paper_maker(stop_papers.NOTICE)
def stop_notice(words: Words) -> bytes:
    """Lay out 责令停止量值传递通知书."""
    return stop_papers.stop_pdf(stop_papers.paper_again(words))
