"""Who sees what was sent to whom, and may send it again."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role

from .enums import Progress
from .models import Envelope, WebhookDelivery

#: Whose business it is that people are told.
KEEPERS = Role.offices | {Role.SYSTEM_ADMIN}


def may_see_outbox(user: Actor) -> Verdict:
    """Offices for their own people and units; administrators for everybody."""
    if user.scope.role in KEEPERS:
        return YES
    return not_you("通知的发送情况由市、区主管处室和系统管理员查看。")


def resendable(envelope: Envelope) -> Verdict:
    """Only what failed or came back: anything else is on its way, or has arrived."""
    if envelope.progress in Progress.unsuccessful:
        return YES
    return not_now(f"目前是“{envelope.progress.label}”，只有发送失败和退信的才需要再发。")


def can_send_again(user: Actor, envelope: Envelope) -> Verdict:
    return first_no(may_see_outbox(user), resendable(envelope))


def may_keep_webhooks(user: Actor) -> Verdict:
    """Other systems are set up by administrators alone: what people are told leaves the portal there."""
    if user.scope.role == Role.SYSTEM_ADMIN:
        return YES
    return not_you("对接系统由系统管理员设置。")


def repostable(delivery: WebhookDelivery) -> Verdict:
    """Only what was given up."""
    if delivery.failed_at:
        return YES
    return not_now(f"目前是“{delivery.progress.label}”，只有发送失败的才需要再发。")


def can_post_again(user: Actor, delivery: WebhookDelivery) -> Verdict:
    return first_no(may_keep_webhooks(user), repostable(delivery))
