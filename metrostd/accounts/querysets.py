"""Reads of accounts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrostd.common.actors import Actor
from metrostd.common.roles import Role


class MembershipQuerySet(models.QuerySet):
    def active(self) -> MembershipQuerySet:
        return self.filter(is_active=True, user__is_active=True)

    def visible_to(self, user: Actor) -> MembershipQuerySet:
        """Everyone their own; offices those of their authorities; administrators all."""
        scope = user.scope
        if scope.role == Role.SYSTEM_ADMIN or scope.casework.everything:
            return self
        allowed = Q(user=user)
        if scope.casework.authority_ids:
            allowed |= Q(authority__in=scope.casework.authority_ids)
        return self.filter(allowed)

    def of_authority(self, authority: models.Model | int | None) -> MembershipQuerySet:
        return self.active().filter(authority=authority)

    def of_unit(self, unit: models.Model | int | None) -> MembershipQuerySet:
        return self.active().filter(unit=unit)
