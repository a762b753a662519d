"""What accounts add to the extension points below them."""

from typing import cast

from metrostd.common import sealing
from metrostd.common.actors import Actor
from metrostd.common.jobs import job_capacity, job_right
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict, not_you

from . import policies, roster_writing, runners
from .models import Membership, SecondFactor, User


@job_capacity
def act_again(owner: User, membership: int) -> Verdict:
    """Work in the background is done in the capacity in which it was asked for, while that lasts."""
    if not owner.is_active:
        return not_you(f"“{owner.display_name}”的账号已停用，任务没有执行。")
    mine = Membership.objects.active().select_related("authority", "unit")
    found = mine.filter(pk=membership, user=owner).first()
    if found is None:
        return not_you("发起时的身份已失效，任务没有执行。请以现任身份重新发起。")
    owner.act_as(found)
    return YES


@job_right(runners.OPEN, runners.PRINT, roster_writing.JOB)
def still_may_open(job: Job) -> Verdict:
    """Whoever asked for accounts, slips or a roster still runs an office."""
    return policies.can_open_in_bulk(cast("Actor", job.owner))


sealing.keep_sealed(User, "sealed_phone", "sealed_email")
sealing.keep_sealed(SecondFactor, "sealed_secret")
