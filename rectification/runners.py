"""Papers are rendered in the background: the register of what does which job."""

from metrostd.common.jobs import PAPERS, Progress, job_runner
from metrostd.common.models import Job
from metrostd.common.papers import Words, paper_maker

from . import documents, papers
from .models import RectificationOrder


def _order(job: Job) -> RectificationOrder:
    return RectificationOrder.objects.select_related(
        "task__unit",
        "task__authority__parent",
        "task__campaign",
        "issued_by",
        "document",
        "confirmation",
        "withdrawn_document",
    ).get(pk=job.arguments["order"])


@job_runner(papers.ORDER_JOB, queue=PAPERS)
def order_pdf(job: Job, progress: Progress) -> str:
    """Render 责令改正通知书 or 整改通知书; leads to the order."""
    order = _order(job)
    papers.store_order_paper(order)
    return order.get_absolute_url()


@job_runner(papers.WITHDRAWAL_JOB, queue=PAPERS)
def withdrawal_pdf(job: Job, progress: Progress) -> str:
    """Render a withdrawn order with its mark; leads to the order."""
    order = _order(job)
    papers.store_withdrawn_paper(order)
    return order.get_absolute_url()


@job_runner(papers.CONFIRMATION_JOB, queue=PAPERS)
def confirmation_pdf(job: Job, progress: Progress) -> str:
    """Render 整改情况确认单; leads to the order."""
    order = _order(job)
    papers.store_confirmation_paper(order)
    return order.get_absolute_url()


@paper_maker(papers.ORDER)
def order_paper(words: Words) -> bytes:
    """Lay out an order, withdrawn or not, from what was kept of it."""
    return documents.order_pdf(documents.order_paper_of(words))


@paper_maker(papers.CONFIRMATION)
def confirmation_paper(words: Words) -> bytes:
    """Lay out 整改情况确认单 from what was kept of it."""
    return documents.confirmation_pdf(documents.confirmation_paper_of(words))
