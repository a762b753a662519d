"""Reads of what was handed across."""

from __future__ import annotations

from django.db import models

from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .enums import Side


class PushQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> PushQuerySet:
        """Each side its own desk; the municipal office both, of every office."""
        acting = user.acting
        if acting is None:
            return self.none()
        match acting.role:
            case Role.CITY_ADMIN:
                return self
            case Role.DISTRICT_ADMIN:
                return self.filter(authority=acting.authority_id, side=Side.SUPERVISION)
            case Role.DISTRICT_APPROVER:
                return self.filter(authority=acting.authority_id, side=Side.APPROVAL)
        return self.none()

    def unread(self) -> PushQuerySet:
        return self.filter(read_at=None)

    def for_list(self) -> PushQuerySet:
        return self.select_related("authority", "unit", "standard", "read_by")
