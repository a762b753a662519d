"""Who sees what was sent to whom, and may send it again."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role

from .enums import Progress
from .models import Envelope

#: Whose business it is that people are told.
KEEPERS = Role.offices | {Role.SYSTEM_ADMIN}


def may_see_outbox(user: Actor) -> Verdict:
    """Offices for their own people and units; administrators for everybody."""
    if user.scope.role in KEEPERS:
        return YES
    return not_you("通知的发送情况由市、区主管处室和系统管理员查看。")


def resendable(envelope: Envelope) -> Verdict:
    """Only what failed: anything else is on its way, or has arrived."""
    if envelope.progress == Progress.FAILED:
        return YES
    return not_now(f"目前是“{envelope.progress.label}”，只有发送失败的才需要再发。")


def can_send_again(user: Actor, envelope: Envelope) -> Verdict:
    return first_no(may_see_outbox(user), resendable(envelope))
