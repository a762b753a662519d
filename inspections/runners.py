"""Background work of inspections."""

from metrostd.common.jobs import PAPERS, Progress, job_runner
from metrostd.common.models import Job

from . import signed_records
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
