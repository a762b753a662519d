"""Background work of inspections."""

from metrostd.common.jobs import PAPERS, Progress, job_runner
from metrostd.common.models import Job
from metrostd.common.papers import Words, paper_maker

from . import review_papers, signed_records, stop_papers, visit_papers
from .interviews import papers as interview_papers
from .models import InspectionTask


@job_runner(signed_records.RECORD_JOB, queue=PAPERS)
def file_record(job: Job, progress: Progress) -> str:
    """Render the signed record of a task and put it on file; returns the address of the task."""
    task = InspectionTask.objects.select_related("campaign", "authority", "unit", "bureau").get(
        pk=job.arguments["task"]
    )
    progress(0, 1, "生成检查记录")
    signed_records.file_record(task)
    progress(1, 1, "检查记录已归档")
    return task.get_absolute_url()


@paper_maker(interview_papers.KIND)
def interview(words: Words) -> bytes:
    """Lay out 现场笔录."""
    return interview_papers.interview_pdf(words)


@paper_maker(review_papers.NOTICE)
def review_notice(words: Words) -> bytes:
    """Lay out 考核工作监督检查通知书."""
    return review_papers.notice_pdf(words)


@paper_maker(review_papers.DEMAND)
def review_demand(words: Words) -> bytes:
    """Lay out 考核工作整改要求."""
    return review_papers.demand_pdf(words)


@paper_maker(stop_papers.NOTICE)
def stop_notice(words: Words) -> bytes:
    """Lay out 责令停止量值传递通知书."""
    return stop_papers.stop_pdf(stop_papers.paper_again(words))


@paper_maker(visit_papers.LETTER)
def visit_notice(words: Words) -> bytes:
    """Lay out 检查通知书."""
    return visit_papers.letter_pdf(words)


@paper_maker(visit_papers.BLANKS)
def blank_sheets(words: Words) -> bytes:
    """Lay out the sheets to be filled in by hand."""
    return visit_papers.blanks_pdf(words)
