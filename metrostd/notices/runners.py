"""Background work of notices."""

from functools import partial

from metrostd.common.jobs import Progress, job_runner, reach
from metrostd.common.models import Job

from . import delivering, moves
from .models import Notice


@job_runner(moves.DELIVERY_JOB)
def run_delivery(job: Job, progress: Progress) -> str:
    """Deliver the notice named in the job; what an attempt before it did is not done again.

    Once it has begun the rest is delivered whatever becomes of the right of whoever issued it.
    """
    notice = Notice.objects.get(pk=job.arguments["notice"])
    delivering.deliver(notice, progress=progress, keep=partial(reach, job, begun=True))
    return notice.get_absolute_url()
