"""What of inbox and outbox a person sees, and what waits to be sent."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q

from metrostd.accounts.models import User
from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .enums import Progress


class MessageQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> MessageQuerySet:
        """Everyone reads their own inbox, in the capacity the message was sent to."""
        acting = user.acting
        return self.filter(membership=acting) if acting else self.none()

    def unread(self) -> MessageQuerySet:
        return self.filter(read_at=None)


class LineQuerySet(models.QuerySet):
    def waiting(self) -> LineQuerySet:
        """Not told yet and not given up."""
        return self.filter(sent_at=None, dropped_at=None)

    def unpacked(self) -> LineQuerySet:
        """Waiting, and in no digest."""
        return self.waiting().filter(envelope=None)


#: How far a digest has come, by its times: the first that holds.
_PROGRESS: dict[str, Q] = {
    Progress.RETURNED: Q(bounced_at__isnull=False),
    Progress.SENT: Q(sent_at__isnull=False, bounced_at=None),
    Progress.FAILED: Q(sent_at=None, failed_at__isnull=False),
    Progress.VOID: Q(sent_at=None, failed_at=None, void_at__isnull=False),
    Progress.SENDING: Q(sent_at=None, failed_at=None, void_at=None) & ~Q(claim=""),
    Progress.UNSURE: Q(sent_at=None, failed_at=None, void_at=None, claim="")
    & Q(unsure_at__isnull=False),
    Progress.WAITING: Q(sent_at=None, failed_at=None, void_at=None, claim="", unsure_at=None),
}


class EnvelopeQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> EnvelopeQuerySet:
        """Offices those of the people whose accounts are their business; everyone their own."""
        return self.filter(user__in=User.objects.visible_to(user).values("pk"))

    def in_progress(self, progress: str) -> EnvelopeQuerySet:
        return self.filter(_PROGRESS[progress])

    def unsuccessful(self) -> EnvelopeQuerySet:
        """Failed or came back: somebody has to see to it."""
        return self.filter(_PROGRESS[Progress.FAILED] | _PROGRESS[Progress.RETURNED])

    def digests(self) -> EnvelopeQuerySet:
        """What was gathered for a day; not the letters about accounts."""
        return self.filter(letter="")

    def letters(self) -> EnvelopeQuerySet:
        """Mails about accounts, each by itself."""
        return self.exclude(letter="")

    def open(self) -> EnvelopeQuerySet:
        """Neither sent nor given up."""
        return self.filter(sent_at=None, failed_at=None, void_at=None)

    def to_send(self, now: dt.datetime) -> EnvelopeQuerySet:
        """Nobody's at the moment, and its time has come."""
        return self.open().filter(claim="", not_before__lte=now)

    def lapsed(self, now: dt.datetime) -> EnvelopeQuerySet:
        """Taken by a worker that said nothing more."""
        return self.open().filter(claimed_until__lt=now).exclude(claim="")


class WebhookEndpointQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> WebhookEndpointQuerySet:
        """Administrators set them up; auditors read that on the trail."""
        return self.all() if user.scope.role == Role.SYSTEM_ADMIN else self.none()


class WebhookDeliveryQuerySet(models.QuerySet):
    def to_send(self, now: dt.datetime) -> WebhookDeliveryQuerySet:
        """Nobody's at the moment, its time has come, and somebody listens."""
        rows = self.filter(sent_at=None, failed_at=None, claim="", not_before__lte=now)
        return rows.filter(Q(endpoint__is_on=True) | Q(kind="ping"))

    def lapsed(self, now: dt.datetime) -> WebhookDeliveryQuerySet:
        """Taken by a worker that said nothing more."""
        rows = self.filter(sent_at=None, failed_at=None, claimed_until__lt=now)
        return rows.exclude(claim="")
