"""Putting lines into the outbox: what is there already is not told again, whoever asks at the same time.

Lines for the inbox become messages in the same transaction, one for a person and capacity; the others wait
until ``packing`` makes a digest of them.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.urls import reverse

from metrostd.common import clock

from .enums import Channel
from .models import Line, Message

#: Gives the words of those lines that still hold on a day, by key; the others are not sent.
Renewal = Callable[[Sequence[Line], dt.date], Mapping[int, str]]
#: The subject of a message about several things.
Heading = Callable[[Sequence[Line]], str]

_renewals: dict[str, Renewal] = {}
#: Whoever else hears what people were just told, in the same transaction.
_announcers: list[Callable[[Sequence[Line]], None]] = []


def renews(origin: str) -> Callable[[Renewal], Renewal]:
    """Register who knows whether lines of an origin (``rule``, ``chase``) still hold, and their words now."""

    def register(renewal: Renewal) -> Renewal:
        _renewals[origin] = renewal
        return renewal

    return register


def on_put(announcer: Callable[[Sequence[Line]], None]) -> None:
    """Register somebody who hears the lines of the inbox that were just written."""
    _announcers.append(announcer)


def target_key(target: models.Model) -> tuple[int, int]:
    """How a line names the thing it is about."""
    return ContentType.objects.get_for_model(target).pk, target.pk


@transaction.atomic
def put(lines: Iterable[Line], *, heading: Heading | None = None) -> list[Line]:
    """Write the lines that are not there yet, tell those of the inbox; returns what was written now."""
    batch = uuid.uuid4().hex
    wanted = list(lines)
    for line in wanted:
        line.batch = batch
        line.subject = " ".join(line.subject.split())[:300]
    Line.objects.bulk_create(wanted, batch_size=500, ignore_conflicts=True)
    # A conflict leaves no trace in what bulk_create returns: the batch says which rows are ours.
    rows = Line.objects.filter(batch=batch).select_related("user", "membership").order_by("pk")
    written = list(rows)
    told = [row for row in written if row.channel == Channel.INBOX and row.dropped_at is None]
    _tell(told, heading or _several)
    for announcer in _announcers:
        announcer(told)
    return written


def _several(lines: Sequence[Line]) -> str:
    return f"{len(lines)}项事项请尽快办理"


def _tell(lines: list[Line], heading: Heading) -> None:
    """One message for each capacity of a person: ten lines do not make ten messages."""
    grouped: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        grouped[line.membership_id].append(line)
    made = {key: _message(rows, heading) for key, rows in grouped.items()}
    Message.objects.bulk_create(made.values(), batch_size=500)
    now = clock.now()
    for line in lines:
        line.message, line.sent_at = made[line.membership_id], now
    Line.objects.bulk_update(lines, ["message", "sent_at"], batch_size=500)


def _message(rows: Sequence[Line], heading: Heading) -> Message:
    first = rows[0]
    if len(rows) == 1:
        subject, body, url = first.subject, first.note, first.url
    else:
        notes = dict.fromkeys(row.note for row in rows if row.note)
        subject, url = heading(rows), reverse("desk")
        body = "\n".join([*(row.subject for row in rows), *notes])
    sender = first.sender_id if len({row.sender_id for row in rows}) == 1 else None
    return Message(
        membership_id=first.membership_id,
        sender_id=sender,
        subject=subject[:200],
        body=body,
        url=url,
        sent_at=clock.now(),
    )


def drop(lines: Iterable[Line], why: str) -> int:
    """These are not sent any more; returns how many."""
    keys = [line.pk for line in lines]
    return (
        Line.objects.waiting().filter(pk__in=keys).update(dropped_at=clock.now(), dropped_why=why)
    )


def renewed(lines: Sequence[Line], on: dt.date) -> list[Line]:
    """The lines that still hold, in the words of the day; those that do not are dropped."""
    by_origin: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_origin[line.origin.partition(":")[0]].append(line)
    kept: list[Line] = []
    for origin, rows in by_origin.items():
        renewal = _renewals.get(origin)
        words = renewal(rows, on) if renewal else {row.pk: row.subject for row in rows}
        for row in rows:
            row.subject = words.get(row.pk, row.subject)[:300]
        kept += [row for row in rows if row.pk in words]
        drop([row for row in rows if row.pk not in words], "已办结或者期限已改")
    return sorted(kept, key=lambda row: row.pk)
