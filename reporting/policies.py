"""Who may read the statistics."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict
from metrostd.common.roles import Role


def can_read_statistics(user: Actor) -> Verdict:
    """The offices that run a campaign; which tables they may open is a matter of scope."""
    if user.scope.role in Role.offices:
        return YES
    return Verdict("统计表由计量处和区局计量科查看。")
