"""What the register adds to the platform: who may still do what waited in the background."""

from metrostd.common.jobs import job_right
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict

from . import policies


@job_right("registry.bulk_edit")
def may_still_edit(job: Job) -> Verdict:
    """Who asked for a bulk edit may make one when its turn comes, too."""
    return YES if job.owner is None else policies.can_bulk_edit(job.owner)
