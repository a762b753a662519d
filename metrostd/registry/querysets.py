"""Reads of the register. ``visible_to`` decides what a person sees, here and nowhere else."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from .enums import CertificateState


class AuthorityQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> AuthorityQuerySet:
        """The names of authorities are no secret to anyone who has signed in with a membership."""
        return self if user.scope.is_member else self.none()

    def districts(self) -> AuthorityQuerySet:
        """The district bureaus that take part (functional-zone bureaus below them included)."""
        return self.filter(level="district").order_by("code")

    def with_ancestors(self) -> AuthorityQuerySet:
        return self.select_related("parent")


class UnitQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> UnitQuerySet:
        """Offices see units in their territory and units whose certificates they issued or host."""
        reach = user.scope.register
        if reach.everything:
            return self
        allowed = Q(pk__in=reach.unit_ids) if reach.unit_ids else Q(pk__in=[])
        if reach.authority_ids:
            held = self.model.standards.rel.related_model.objects.filter(
                Q(issuing_authority__in=reach.authority_ids)
                | Q(hosting_authority__in=reach.authority_ids)
            )
            allowed |= Q(territorial_authority__in=reach.authority_ids) | Q(
                pk__in=held.values("unit")
            )
        return self.filter(allowed)

    def for_list(self) -> UnitQuerySet:
        return self.select_related("territorial_authority").order_by("name", "pk")


class StandardQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> StandardQuerySet:
        """Standards a person's offices issued, host, or have in their territory; units see their own."""
        return self.filter(
            user.scope.register.as_q(
                authority=("unit__territorial_authority", "issuing_authority", "hosting_authority"),
                unit="unit",
            )
        )

    def in_scope(self) -> StandardQuerySet:
        """Hosted at city or district level (通知一、监督检查范围), not a draft without certificate."""
        return self.filter(in_scope=True).exclude(certificates__state=CertificateState.DRAFT)

    def for_list(self) -> StandardQuerySet:
        return self.select_related(
            "unit__territorial_authority", "field", "issuing_authority"
        ).order_by("unit__name", "pk")


class CertificateQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> CertificateQuerySet:
        return self.filter(
            user.scope.register.as_q(
                authority=(
                    "standard__unit__territorial_authority",
                    "standard__issuing_authority",
                    "standard__hosting_authority",
                ),
                unit="standard__unit",
            )
        )


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> ImportBatchQuerySet:
        """Imports are the business of administrators and of the municipal office."""
        return self if user.scope.register.everything else self.none()
