"""Events for other systems: written with what people are told, sent by workers until they are taken.

At least once: the receiver drops what it has by ``webhook-id``, which stays the same however often it is sent.
"""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.db.models import F

from metrostd.common import audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.policies import require
from metrostd.notifications.models import Line, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from metrostd.notifications.policies import repostable

from . import posting

NOTICE, PING = "notice.told", "ping"
#: Minutes until the next try; after the last one a person decides.
WAITS = (1, 5, 15, 60, 240, 720, 1440)
#: How long a worker may take over one: connecting and waiting for the answer are far below.
HELD = dt.timedelta(minutes=2)
#: So many notices at most in one event.
_TOGETHER = 100


def announce(lines: Sequence[Line]) -> None:
    """Queue what people were just told, in the same transaction; one query where nobody listens."""
    endpoints = list(WebhookEndpoint.objects.filter(is_on=True)) if lines else []
    if not endpoints:
        return
    bodies = [
        _event(NOTICE, {"notices": [_notice(line) for line in lines[at : at + _TOGETHER]]})
        for at in range(0, len(lines), _TOGETHER)
    ]
    WebhookDelivery.objects.bulk_create(
        [_queued(endpoint, NOTICE, body) for endpoint in endpoints for body in bodies],
        batch_size=200,
    )


def queue_ping(endpoint: WebhookEndpoint) -> None:
    _queued(endpoint, PING, _event(PING, {})).save()


def _queued(endpoint: WebhookEndpoint, kind: str, body: str) -> WebhookDelivery:
    return WebhookDelivery(
        endpoint=endpoint, kind=kind, body=body, event_id=f"msg_{uuid.uuid4().hex}",
        made_at=clock.now(), not_before=clock.now(),
    )  # fmt: skip


def _event(kind: str, data: dict[str, object]) -> str:
    said = {"type": kind, "timestamp": clock.local(clock.now()).isoformat(), "data": data}
    return json.dumps(said, ensure_ascii=False)


def _notice(line: Line) -> dict[str, object]:
    """Who, what, until when and where; no address of anybody."""
    return {
        "recipient": line.user.username,
        "rule": line.origin,
        "subject": line.subject,
        "note": line.note,
        "due_on": line.due_on.isoformat() if line.due_on else None,
        "url": f"{settings.PORTAL_URL}{line.url}",
    }


def deliver(now: dt.datetime | None = None, *, limit: int = 500) -> int:
    """Send what is due; returns how many were taken. A receiver that does not answer ends its turn, not that of others."""
    begun, started = now or clock.now(), monotonic()
    WebhookDelivery.objects.lapsed(begun).update(claim="", claimed_until=None)
    taken, away = 0, set[int]()
    for _ in range(limit):
        moment = begun + dt.timedelta(seconds=int(monotonic() - started))
        rows = WebhookDelivery.objects.to_send(moment).exclude(endpoint__in=away)
        row = rows.select_related("endpoint").order_by("not_before", "pk").first()
        if row is None:
            break
        row.claim = uuid.uuid4().hex
        mine = WebhookDelivery.objects.to_send(moment).filter(pk=row.pk)
        if not mine.update(claim=row.claim, claimed_until=moment + HELD, tries=F("tries") + 1):
            continue
        row.tries += 1
        answer = posting.post(
            row.endpoint.url,
            secret=sealing.unseal(row.endpoint.sealed_secret),
            event_id=row.event_id,
            body=row.body.encode(),
        )
        taken += _write(row, answer, moment)
        if not answer.is_taken:
            away.add(row.endpoint_id)
    return taken


@transaction.atomic
def _write(row: WebhookDelivery, answer: posting.Answer, now: dt.datetime) -> bool:
    """What came of it, under the claim alone; the try itself is on record whoever holds it by now."""
    WebhookAttempt.objects.create(delivery=row, at=now, status=answer.status, said=answer.said)
    values: dict[str, object] = {"claim": "", "claimed_until": None}
    if answer.is_taken:
        values["sent_at"] = now
    elif answer.is_gone or row.tries > len(WAITS):
        values["failed_at"] = now
    else:
        values["not_before"] = now + dt.timedelta(minutes=WAITS[row.tries - 1])
    WebhookDelivery.objects.filter(pk=row.pk, claim=row.claim).update(**values)
    if answer.is_gone:
        WebhookEndpoint.objects.filter(pk=row.endpoint_id, is_on=True).update(
            is_on=False, stopped_why="对方回答不再接收（410），已自动停用。"
        )
    return answer.is_taken


@transaction.atomic
def send_again(row: WebhookDelivery, *, actor: Actor) -> None:
    """By hand, after the cause is gone: under the same id, with all tries anew."""
    require(repostable(row))
    rows = WebhookDelivery.objects.filter(pk=row.pk, failed_at__isnull=False)
    if rows.update(failed_at=None, tries=0, claim="", not_before=clock.now()):
        audit.record(row.endpoint, actor=actor, action="webhook.send_again", label="再发一次", note=row.event_id)  # fmt: skip
