"""Mails that came back: the address counts as not reachable until it is proved again, and nothing gets lost of it.

The inbox has every line already. What the mail was about goes over the next channel the person has, the person and
the office above see that the address does not work.
"""

import logging

from django.conf import settings
from django.db import transaction

from metrostd.accounts import reach
from metrostd.common import clock

from . import dsn, letters, outbox
from .bounce_boxes import box_at
from .enums import Channel, Reply
from .models import Attempt, Envelope, Line
from .preferences import channels_of

log = logging.getLogger(__name__)
_MOVED = "邮箱退信，请在收件箱查看"


def read_box() -> int:
    """Look through the box that mails come back to; returns how many digests came back. Safe twice."""
    if not settings.BOUNCE_MAILBOX:
        return 0
    came = 0
    with box_at(settings.BOUNCE_MAILBOX) as box:
        for data in box.unread():
            found = dsn.read(data, bounce_address=settings.BOUNCE_ADDRESS)
            if found and take(found):
                came += 1
    return came


@transaction.atomic
def take(bounce: dsn.Bounce) -> bool:
    """Put on record that a digest came back; whether there is such a digest and it had not come back before."""
    rows = Envelope.objects.filter(channel=Channel.MAIL, sent_at__isnull=False, bounced_at=None)
    if bounce.about.startswith("<"):
        rows = rows.filter(message_id=bounce.about)
    else:
        rows = rows.filter(message_id__startswith=f"<{bounce.about}@")
    envelope = rows.select_related("user").first()
    said = f"邮件被退回（{bounce.said or '没有说明原因'}）。"
    if envelope is None or not rows.filter(pk=envelope.pk).update(
        bounced_at=clock.now(), failure=said
    ):
        return False
    Attempt.objects.create(envelope=envelope, answer=Reply.RETURNED, said=said)
    if bounce.bad_address:
        mark(envelope, said)
    return True


@transaction.atomic
def mark(envelope: Envelope, said: str) -> None:
    """The address of a digest does not work: what it told goes another way where there is one."""
    person = envelope.user
    if envelope.letter and letters.sent_to(envelope) != person.email:
        # An address that was left, or never proved: the one on record is another matter.
        return
    if not reach.mail_came_back(person, said, sent_at=envelope.sent_at or clock.now()):
        return
    waiting = Line.objects.unpacked().filter(user=person, channel=Channel.MAIL)
    lines = [*envelope.lines.all(), *waiting]
    outbox.drop(waiting, _MOVED)
    others = [c for c in channels_of([person])[person.pk] if c in Channel.outward]
    outbox.put([_copy(line, channel) for line in lines for channel in others])


def _copy(line: Line, channel: Channel) -> Line:
    return Line(
        origin=line.origin,
        target_type_id=line.target_type_id,
        target_id=line.target_id,
        user_id=line.user_id,
        membership_id=line.membership_id,
        channel=channel,
        day=line.day,
        due_on=line.due_on,
        subject=line.subject,
        note=line.note,
        url=line.url,
        sender_id=line.sender_id,
    )
