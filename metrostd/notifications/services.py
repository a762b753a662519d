"""Telling people. Who is told is decided by the caller; here it becomes rows of the inbox."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet

from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.actors import Actor

from .models import Message


def tell(
    memberships: Iterable[Membership],
    *,
    subject: str,
    body: str = "",
    url: str = "",
    sender: Actor | None = None,
) -> int:
    """Put one message into each inbox with one bulk write; returns how many were told."""
    rows = [
        Message(membership=membership, sender=sender, subject=subject[:200], body=body, url=url)
        for membership in memberships
    ]
    Message.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


@transaction.atomic
def mark_read(messages: QuerySet[Message]) -> int:
    """Mark the unread messages of a queryset as read; returns how many."""
    return messages.filter(read_at=None).update(read_at=clock.now())
