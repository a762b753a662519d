"""What the trail adds to the extension points below it."""

from metrostd.common.jobs import job_right
from metrostd.common.models import Job
from metrostd.common.policies import Verdict, not_you

from . import policies
from .runners import CHECK


@job_right(CHECK)
def may_still(job: Job) -> Verdict:
    """Whoever asked for a check may have lost the capacity since."""
    return policies.can_audit(job.owner) if job.owner else not_you("没有申请人。")
