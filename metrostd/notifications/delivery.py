"""Sending digests: claimed by one UPDATE before anything leaves, written down under that claim alone.

What a server takes just before the worker dies is sent once more with the same Message-ID: at least once, and
at most once more for each worker that dies in that moment. A short message waits for a person instead.
"""

import datetime as dt
import uuid

from django.db import transaction
from django.db.models import F

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.policies import require

from . import hours, outbox, packing
from .carriers import (
    AwayError,
    LaterError,
    Parcel,
    RefusedError,
    UnsureError,
    carrier_for,
)
from .enums import Channel
from .models import Envelope, Line
from .policies import resendable
from .preferences import address_of

#: Minutes until the next try; after the last one a person decides.
WAITS = (1, 5, 15, 60, 240)
#: How long a worker may take over one digest; every time-out of a carrier is well below.
HELD = dt.timedelta(minutes=3)
#: When a server is not there, how long everything for it waits.
PAUSE = dt.timedelta(minutes=5)
_NO_GATEWAY = "没有设置这个渠道的网关，请系统管理员设置后再发一次。"
_NO_ADDRESS = "没有已核实的地址，请本人在“我的账户”核实后再发一次。"
_TWICE = "两次在发送途中中断，不知道是否已经送达。请问一问对方，需要时再发一次。"
_ONCE = "发送途中中断，不知道是否已经送达。这个渠道不能自动重发，请问一问对方，需要时再发一次。"
_DIED = "发送途中程序中断，不知道是否已经送达。"


def deliver(now: dt.datetime | None = None, *, limit: int = 1000) -> int:
    """Send what is due, one by one; returns how many were taken. A server that is away ends its channel's turn."""
    moment = now or clock.now()
    reap(moment)
    sent = 0
    away: set[str] = set()
    for _ in range(limit):
        rows = Envelope.objects.to_send(moment).exclude(channel__in=away)
        envelope = rows.select_related("user").order_by("not_before", "pk").first()
        if envelope is None:
            break
        if not hours.is_open(moment):
            opening = hours.next_opening(moment)
            Envelope.objects.to_send(moment).update(not_before=opening)
            break
        if not _claimed(envelope, moment):
            continue
        try:
            sent += _send(envelope, moment)
        except AwayError as error:
            away.add(envelope.channel)
            _pause(envelope, moment, str(error))
    return sent


def _claimed(envelope: Envelope, now: dt.datetime) -> bool:
    """Whether it is ours now; a fresh token each time, so that a stalled worker writes nothing later."""
    token = uuid.uuid4().hex
    rows = Envelope.objects.to_send(now).filter(pk=envelope.pk)
    if not rows.update(claim=token, claimed_until=now + HELD, tries=F("tries") + 1):
        return False
    envelope.refresh_from_db()
    return True


def _write(envelope: Envelope, **values: object) -> bool:
    """Put on record what came of it, and let go; nothing when somebody else holds it meanwhile."""
    rows = Envelope.objects.filter(pk=envelope.pk, claim=envelope.claim)
    return bool(rows.update(claim="", claimed_until=None, **values))


def _send(envelope: Envelope, now: dt.datetime) -> bool:
    lines = _still_due(envelope, now)
    if not lines:
        _write(envelope, void_at=now, failure="所列事项都已办结或者改期，不用再通知。")
        return False
    carry = carrier_for(envelope.channel)
    address = address_of(envelope.user, envelope.channel)
    if carry is None or not address:
        _write(envelope, failed_at=now, failure=_NO_ADDRESS if carry else _NO_GATEWAY)
        return False
    try:
        carry(Parcel(envelope.message_id, address, envelope.subject, envelope.body))
    except RefusedError as error:
        _write(envelope, failed_at=now, failure=str(error))
    except LaterError as error:
        _again_later(envelope, now, str(error))
    except UnsureError as error:
        _unsure(envelope, now, str(error))
    else:
        return _taken(envelope, lines)
    return False


def _still_due(envelope: Envelope, now: dt.datetime) -> list[Line]:
    """What it is about: asked again until it was handed over once, and then kept as it was."""
    rows = envelope.lines.waiting().select_related("membership__unit", "membership__authority")
    lines = list(rows.order_by("pk"))
    if envelope.unsure_at:
        return lines
    lines = outbox.renewed(lines, hours.civil_day(now))
    if lines:
        is_mail = envelope.channel == Channel.MAIL
        envelope.subject = packing.mail_subject(lines)
        envelope.body = (
            packing.mail_body(envelope.user, lines) if is_mail else packing.short_text(lines)
        )
        held = Envelope.objects.filter(pk=envelope.pk, claim=envelope.claim)
        held.update(subject=envelope.subject, body=envelope.body)
    return lines


@transaction.atomic
def _taken(envelope: Envelope, lines: list[Line]) -> bool:
    now = clock.now()
    if not _write(envelope, sent_at=now, failure=""):
        return False
    Line.objects.waiting().filter(pk__in=[line.pk for line in lines]).update(sent_at=now)
    return True


def _again_later(envelope: Envelope, now: dt.datetime, why: str) -> None:
    """The next try after a growing wait; after the last one it stands on the office's list."""
    if envelope.tries > len(WAITS):
        _write(
            envelope,
            failed_at=now,
            failure=f"{why.removesuffix('，稍后再试。')}。试了 {envelope.tries} 次，不再自动重试。",
        )
        return
    wait = dt.timedelta(minutes=WAITS[envelope.tries - 1])
    _write(envelope, not_before=now + wait, failure=why)


def _unsure(envelope: Envelope, now: dt.datetime, why: str) -> None:
    """Once more where the other side can tell a repetition, otherwise a person decides."""
    if envelope.channel not in Channel.repeatable:
        _write(envelope, failed_at=now, unsure_at=now, failure=_ONCE)
    elif envelope.unsure_at:
        _write(envelope, failed_at=now, failure=_TWICE)
    else:
        wait = dt.timedelta(minutes=WAITS[0])
        _write(envelope, unsure_at=now, not_before=now + wait, failure=why)


def _pause(envelope: Envelope, now: dt.datetime, why: str) -> None:
    """The other side is away: no try is used up, and the whole channel waits."""
    _write(envelope, tries=max(envelope.tries - 1, 0), not_before=now + PAUSE, failure=why)
    waiting = Envelope.objects.to_send(now).filter(channel=envelope.channel)
    waiting.update(not_before=now + PAUSE, failure=why)


def reap(now: dt.datetime) -> int:
    """Digests whose worker died in the middle: they may have left; returns how many."""
    found = list(Envelope.objects.lapsed(now))
    for envelope in found:
        _unsure(envelope, now, _DIED)
    return len(found)


@transaction.atomic
def send_again(envelope: Envelope, *, actor: Actor) -> None:
    """By hand, after the cause is gone: under the same Message-ID, with all tries anew."""
    require(resendable(envelope))
    rows = Envelope.objects.filter(pk=envelope.pk, sent_at=None, failed_at__isnull=False)
    fresh = rows.update(failed_at=None, unsure_at=None, tries=0, claim="", not_before=clock.now())
    if fresh:
        audit.record(
            envelope,
            actor=actor,
            action="envelope.send_again",
            label="再发一次",
            note=envelope.failure,
        )
