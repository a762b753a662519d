"""Who looks at the trail as a whole: auditors, and nobody who could be in it."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_you
from metrostd.common.roles import Role


def can_audit(user: Actor) -> Verdict:
    """An auditor reads who did what to which object; the contents stay where they are."""
    if user.scope.role == Role.AUDITOR:
        return YES
    return not_you("审计记录由审计员查看。")
