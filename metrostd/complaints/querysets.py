"""Reads of complaints: who needs to know, and nobody else (投诉举报处理暂行办法第三十三条)."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q

from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .enums import ComplaintState, Recipient


class ComplaintQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ComplaintQuerySet:
        """The office that handles it and no other, not even the one above; 纪检监督 what is about the municipal
        office; the enforcement corps what was handed to it."""
        acting = user.acting
        if acting is None or acting.authority_id is None:
            return self.none()
        own = Q(authority=acting.authority_id)
        match acting.role:
            case role if role in Role.offices:
                return self.filter(own, by_discipline=False)
            case Role.DISCIPLINE:
                return self.filter(own, by_discipline=True)
            case Role.ENFORCEMENT_LIAISON:
                measures = self.model._meta.get_field("measures").related_model
                handed = measures._base_manager.filter(  # type: ignore[union-attr]
                    complaint=OuterRef("pk"), recipient=Recipient.CORPS
                )
                return self.filter(Exists(handed))
        return self.none()

    def open(self) -> ComplaintQuerySet:
        return self.exclude(state__in=ComplaintState.settled)

    def for_list(self) -> ComplaintQuerySet:
        """Without what was said and by whom."""
        return self.select_related("authority", "unit", "about_office").defer(
            "sealed_content", "sealed_name", "sealed_contact", "sealed_answer", "sealed_reason"
        )


class OfComplaintQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> OfComplaintQuerySet:
        """With the matter they belong to."""
        matters = self.model._meta.get_field("complaint").related_model
        return self.filter(complaint__in=matters.objects.visible_to(user))  # type: ignore[union-attr]
