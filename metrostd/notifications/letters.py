"""Mails about accounts, in the outbox beside the digests: the same claims, tries and list, but each by itself and at any hour."""

import datetime as dt

from metrostd.accounts import letters
from metrostd.accounts.letters import Letter, Sending
from metrostd.common import clock, sealing
from metrostd.common.templatetags.formats import mask_mail, mask_phone

from . import hours, packing
from .enums import Channel
from .models import Envelope
from .preferences import address_of, masked

#: The same letter to the same person is not written sooner.
BETWEEN = dt.timedelta(minutes=2)
_CHUNK = 500


def write(wanted: list[Letter]) -> list[Envelope]:
    """Put letters into the outbox; one of the same kind that is on its way, or was just written, is enough."""
    now = clock.now()
    written: list[Envelope] = []
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        recent = Envelope.objects.letters().filter(
            user__in=[letter.person.pk for letter in part], made_at__gt=now - BETWEEN
        )
        had = set(recent.values_list("user", "letter"))
        rows = [_envelope(each, now) for each in part if (each.person.pk, each.kind) not in had]
        Envelope.objects.bulk_create(rows, ignore_conflicts=True)
        ours = [row.message_id for row in rows]
        written += Envelope.objects.filter(message_id__in=ours)
    return written


def _envelope(letter: Letter, now: dt.datetime) -> Envelope:
    return Envelope(
        user=letter.person,
        channel=Channel.SMS if letter.by_phone else Channel.MAIL,
        day=hours.civil_day(now),
        message_id=packing.new_message_id(),
        letter=letter.kind,
        sealed_address=letter.sealed_address,
        subject=packing.subject_of(letter.subject),
        body=letter.body,
        asked_by_id=letter.asked_by.pk if letter.asked_by else None,
        made_at=now,
        not_before=now,
        lapses_at=now + letter.lasts if letter.lasts else None,
    )


def words_of(envelope: Envelope) -> str | None:
    """What leaves now: a digest as it stands, a letter as its sender knows it; None when it is needed no more."""
    if not envelope.letter:
        return envelope.body
    return letters.words_of(
        Sending(
            kind=envelope.letter,
            key=envelope.message_id,
            person=envelope.user,
            address=sent_to(envelope),
            body=envelope.body,
            asked_by=envelope.asked_by,
        )
    )


def sent_to(envelope: Envelope) -> str:
    """Where it goes: a letter to the address it was written for, a digest to the one that is verified now."""
    if envelope.letter:
        return sealing.unseal(envelope.sealed_address)
    return address_of(envelope.user, envelope.channel)


def masked_address(envelope: Envelope) -> str:
    """The same as a page shows it."""
    if envelope.letter:
        return (mask_mail if envelope.channel == Channel.MAIL else mask_phone)(sent_to(envelope))
    return masked(envelope.user, envelope.channel)
