"""Sending digests: claimed by one UPDATE before anything leaves, written down under that claim alone.

What a server takes just before the worker dies is sent once more with the same Message-ID: at least once, and
at most once more for each worker that dies in that moment. A short message waits for a person instead.
"""

import datetime as dt
import uuid
from time import monotonic

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, SmallIntegerField, When

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.policies import require

from . import bounces, hours, letters, outbox, packing
from .carriers import (
    AwayError,
    LaterError,
    Parcel,
    RefusedError,
    UnsureError,
    carrier_for,
)
from .enums import Channel, Reply
from .models import Attempt, Envelope, Line
from .policies import resendable
from .querysets import EnvelopeQuerySet

#: Minutes until the next try; after the last one a person decides.
WAITS = (1, 5, 15, 60, 240)
#: How long a worker may take over one digest. A mail server is waited for at each step of a conversation (greeting,
#: EHLO twice, TLS, sign-in, sender, recipient, DATA, the mail, its answer): the lease outlasts all of them together.
HELD = dt.timedelta(seconds=15 * settings.EMAIL_TIMEOUT)
#: When a server is not there, how long everything for it waits.
PAUSE = dt.timedelta(minutes=5)
#: The clock asks for mails every minute: what is due for so long and was tried by nobody waits for a worker or a broker.
STILL = dt.timedelta(minutes=10)
_NO_GATEWAY = "没有设置这个渠道的网关，请系统管理员设置后再发一次。"
_NO_ADDRESS = "没有已核实的地址，请本人在“我的账户”核实后再发一次。"
_TWICE = "两次在发送途中中断，不知道是否已经送达。请问一问对方，需要时再发一次。"
_ONCE = "发送途中中断，不知道是否已经送达。这个渠道不能自动重发，请问一问对方，需要时再发一次。"
_LATE = "等了太久没有发出，收件人可能已经重新申请，不再发送。仍需要的，可以再发一次。"
_NEEDLESS = "所列事项都已办结或者改期，不用再通知。"
_SETTLED = "收件人已经办妥，或者地址、验证码已经换过，不用再发。"
_ON_ITS_WAY = "同样的邮件正在发送，不用再发。"
_LETTERS_FIRST = Case(When(letter="", then=1), default=0, output_field=SmallIntegerField())
_DIED = "发送途中程序中断，不知道是否已经送达。"


def deliver(
    now: dt.datetime | None = None, *, limit: int = 1000, letters_alone: bool = False
) -> int:
    """Send what is due, one by one, letters first: somebody waits for them, at any hour. Returns how many were taken.

    A server that is away ends its channel's turn.
    """
    begun = now or clock.now()
    started = monotonic()
    reap(begun)
    if not hours.is_open(begun):
        closed = Envelope.objects.digests().to_send(begun)
        closed.update(not_before=hours.next_opening(begun))
    sent = 0
    away: set[str] = set()
    for _ in range(limit):
        # A run over a thousand mails takes longer than a lease: the last one is held as long as the first.
        moment = begun + dt.timedelta(seconds=int(monotonic() - started))
        rows = Envelope.objects.to_send(moment).exclude(channel__in=away)
        if letters_alone or not hours.is_open(moment):
            rows = rows.letters()
        envelope = rows.select_related("user").order_by(_LETTERS_FIRST, "not_before", "pk").first()
        if envelope is None:
            break
        if not _claimed(envelope, moment):
            continue
        try:
            sent += _send(envelope, moment)
        except AwayError as error:
            away.add(envelope.channel)
            _note(envelope, Reply.AWAY, str(error), moment)
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


def _still_ours(envelope: Envelope) -> bool:
    """Keep the words that leave now; no longer ours (this worker stood still for longer than its lease): nothing leaves."""
    rows = Envelope.objects.filter(pk=envelope.pk, claim=envelope.claim)
    return bool(rows.update(subject=envelope.subject, body=envelope.body))


def _send(envelope: Envelope, now: dt.datetime) -> bool:
    lines = _still_due(envelope, now)
    if not (lines or envelope.letter):
        _write(envelope, void_at=now, failure=_NEEDLESS)
        return False
    if envelope.lapses_at and envelope.lapses_at < now:
        _write(envelope, failed_at=now, failure=_LATE)
        return False
    carry = carrier_for(envelope.channel)
    address = letters.sent_to(envelope)
    if carry is None or not address:
        _write(envelope, failed_at=now, failure=_NO_ADDRESS if carry else _NO_GATEWAY)
        return False
    if not _still_ours(envelope):
        return False
    # From here on a code may be out: nobody but the holder of the claim comes so far.
    if (words := letters.words_of(envelope)) is None:
        _write(envelope, void_at=now, failure=_SETTLED)
        return False
    try:
        carry(Parcel(envelope.message_id, address, envelope.subject, words))
    except RefusedError as error:
        _refused(envelope, error, now)
    except LaterError as error:
        _note(envelope, Reply.LATER, str(error), now)
        _again_later(envelope, now, str(error))
    except UnsureError as error:
        _note(envelope, Reply.UNSURE, str(error), now)
        _unsure(envelope, now, str(error))
    else:
        return _taken(envelope, lines)
    return False


def _still_due(envelope: Envelope, now: dt.datetime) -> list[Line]:
    """What it is about: asked again until it was handed over once, and then kept as it was."""
    rows = envelope.lines.waiting().select_related(
        "membership__unit__territorial_authority", "membership__authority"
    )
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
    return lines


def _note(envelope: Envelope, answer: Reply, said: str, at: dt.datetime) -> None:
    """One line of the history of a digest, whoever holds it by now: something was tried."""
    Attempt.objects.create(envelope=envelope, at=at, answer=answer, said=said)


@transaction.atomic
def _taken(envelope: Envelope, lines: list[Line]) -> bool:
    now = clock.now()
    _note(envelope, Reply.TAKEN, "", now)
    if not _write(envelope, sent_at=now, failure=""):
        return False
    Line.objects.waiting().filter(pk__in=[line.pk for line in lines]).update(sent_at=now)
    return True


@transaction.atomic
def _refused(envelope: Envelope, error: RefusedError, now: dt.datetime) -> None:
    """Not taken, and never will be; an address that does not exist is not written to again."""
    _note(envelope, Reply.REFUSED, str(error), now)
    if _write(envelope, failed_at=now, failure=str(error)) and error.bad_address:
        bounces.mark(envelope, str(error))


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


def standing_still(rows: EnvelopeQuerySet, now: dt.datetime) -> dt.datetime | None:
    """Since when these wait for a worker that does not come; None while any is at work, or nothing is due."""
    if Attempt.objects.filter(at__gt=now - STILL).exists():
        return None
    due = rows.to_send(now - STILL)
    due = due if hours.is_open(now) else due.letters()
    return due.order_by("not_before").values_list("not_before", flat=True).first()


def reap(now: dt.datetime) -> int:
    """Digests whose worker died in the middle: they may have left; returns how many."""
    found = list(Envelope.objects.lapsed(now))
    for envelope in found:
        _note(envelope, Reply.UNSURE, _DIED, now)
        _unsure(envelope, now, _DIED)
    return len(found)


@transaction.atomic
def send_again(envelope: Envelope, *, actor: Actor) -> None:
    """By hand, after the cause is gone: a digest under the same Message-ID, with all tries anew."""
    require(resendable(envelope))
    if envelope.letter:
        _letter_again(envelope)
    rows = Envelope.objects.unsuccessful().filter(pk=envelope.pk)
    fresh = rows.update(
        sent_at=None, bounced_at=None, failed_at=None, unsure_at=None, tries=0, claim="",
        not_before=clock.now(),
    )  # fmt: skip
    if fresh:
        # What came back was not told.
        envelope.lines.filter(dropped_at=None).update(sent_at=None)
        audit.record(
            envelope,
            actor=actor,
            action="envelope.send_again",
            label="再发一次",
            note=envelope.failure,
        )


def _letter_again(envelope: Envelope) -> None:
    """Whoever sends a letter by hand wants it, late or not; one with a code says a new one, under a new number."""
    same = Envelope.objects.open().filter(user=envelope.user, letter=envelope.letter)
    if same.exists():
        raise ValidationError(_ON_ITS_WAY)
    rows = Envelope.objects.unsuccessful().filter(pk=envelope.pk)
    rows.update(message_id=packing.new_message_id(), lapses_at=None)
