"""What accounts add to the extension points below them."""

from metrostd.common.jobs import job_capacity
from metrostd.common.policies import YES, Verdict, not_you

from .models import Membership, User


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
