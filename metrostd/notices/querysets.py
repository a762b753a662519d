"""Reads of notices and deliveries."""

from __future__ import annotations

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q

from metrostd.common.actors import Actor
from metrostd.common.keyed import AnyOf
from metrostd.common.roles import Role

from .enums import NoticeState, RecipientKind


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> NoticeQuerySet:
        """The municipal office all of them; others what was issued and is public or addressed to them."""
        if user.scope.role == Role.CITY_ADMIN:
            return self
        if not user.scope.is_member:
            return self.none()
        deliveries = self.model._meta.get_field("deliveries").related_model
        own = deliveries.objects.to(user).filter(notice=OuterRef("pk"))  # type: ignore[union-attr]
        return self.filter(Q(is_public=True) | Exists(own), state=NoticeState.ISSUED)

    def public(self) -> NoticeQuerySet:
        """What anybody may read: issued with （主动公开）, and nothing else."""
        return self.filter(state=NoticeState.ISSUED, is_public=True)

    def with_counts(self) -> NoticeQuerySet:
        """Each with how many it went to and how many of them have read it."""
        counted = self.annotate(
            sent_count=Count("deliveries"), read_count=Count("deliveries__read_at")
        )
        return counted.order_by("-issued_on", "-pk")


class DeliveryQuerySet(AnyOf):
    def visible_to(self, user: Actor) -> DeliveryQuerySet:
        """The municipal office all; a district its own and those to the units in its territory; others their own."""
        reach = user.scope.casework
        if reach.everything:
            return self
        if reach.authority_ids:
            return self.any_of(
                reach.as_q(authority="authority"),
                reach.as_q(authority="unit__territorial_authority"),
            )
        return self.to(user)

    def to(self, user: Actor) -> DeliveryQuerySet:
        """Those a person receives in the capacity they act in."""
        acting = user.acting
        if acting is None:
            return self.none()
        if acting.unit_id:
            return self.filter(unit=acting.unit_id)
        if acting.role == Role.ENFORCEMENT_LIAISON:
            return self.filter(kind=RecipientKind.COPY)
        if acting.role in Role.registrars:
            return self.filter(authority=acting.authority_id)
        return self.none()

    def unread(self) -> DeliveryQuerySet:
        return self.filter(read_at=None)

    def for_list(self) -> DeliveryQuerySet:
        rows = self.select_related("authority", "unit__territorial_authority", "read_by", "notice")
        return rows.order_by("kind", "authority__code", "unit__name", "pk")
