"""What lists add to the register: whose word a unit's district is, and what follows it."""

from metrostd.common.jobs import job_right
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict
from metrostd.registry.extension import on_unit_moved, placing_guard

from .policies.hand_overs import can_place
from .policies.imports import can_import
from .services.resettling import resettle

placing_guard(can_place)


@job_right("lists.read", "lists.reread", "lists.commit", "lists.undo")
def may_still_import(job: Job) -> Verdict:
    """Who left a list to the background may take lists in when its turn comes, too."""
    return YES if job.owner is None else can_import(job.owner)


on_unit_moved(resettle)
