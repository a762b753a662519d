"""Reads of the register. ``visible_to`` decides what a person sees, here and nowhere else."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import (
    Count,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
)
from django.db.models.functions import Coalesce

from .annex4.certificates import normalise
from .enums import CertificateState


def _related(rows: models.QuerySet, name: str) -> Any:
    """The model at the other end of a relation: this module is imported before the models exist."""
    return rows.model._meta.get_field(name).related_model


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
            held = _related(self, "standards").objects.filter(
                Q(issuing_authority__in=reach.authority_ids)
                | Q(hosting_authority__in=reach.authority_ids)
            )
            allowed |= Q(territorial_authority__in=reach.authority_ids) | Q(
                pk__in=held.values("unit")
            )
        return self.filter(allowed)

    def search(self, text: str) -> UnitQuerySet:
        """By name, former name, credit code or pinyin initials."""
        former = _related(self, "former_names").objects.filter(name__icontains=text)
        found = Q(name__icontains=text) | Q(pk__in=former.values("unit"))
        if text.isascii():
            found |= Q(uscc__istartswith=text) | Q(pinyin__contains=text.lower())
        return self.filter(found)

    def with_counts(self, viewer: Any) -> UnitQuerySet:
        """How many of a unit's standards the viewer sees, and how many run out or have run out."""
        standards = _related(self, "standards").objects.visible_to(viewer)
        standards = standards.filter(unit=OuterRef("pk"))
        current = Q(certificates__is_current=True)

        def count(*states: str) -> Coalesce:
            rows = standards
            if states:
                rows = rows.filter(current & Q(certificates__state__in=states))
            grouped = rows.order_by().values("unit").annotate(n=Count("pk")).values("n")
            return Coalesce(Subquery(grouped), 0)

        return self.annotate(
            standards_count=count(),
            expiring_count=count(CertificateState.EXPIRING, CertificateState.REEXAM_APPLIED),
            expired_count=count(CertificateState.EXPIRED),
        )

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

    def search(self, text: str) -> StandardQuerySet:
        """By name, code, certificate number, or the unit's name, former name, code or initials."""
        certificates = _related(self, "certificates").objects.filter(
            number__icontains=normalise(text)
        )
        units = _related(self, "unit").objects.search(text)
        found = (
            Q(name__icontains=text)
            | Q(pk__in=certificates.values("standard"))
            | Q(unit__in=units.values("pk"))
        )
        if text.isdecimal():
            found |= Q(jjf1022_code__startswith=text)
        return self.filter(found)

    def with_certificate(self) -> StandardQuerySet:
        """The current certificate as ``current`` (a list of at most one) and as columns to sort by."""
        certificates = _related(self, "certificates").objects.filter(is_current=True)
        return self.annotate(
            certificate=FilteredRelation(
                "certificates", condition=Q(certificates__is_current=True)
            ),
            valid_until=F("certificate__valid_until"),
            certificate_number=F("certificate__number"),
        ).prefetch_related(Prefetch("certificates", queryset=certificates, to_attr="current"))

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

    def for_list(self) -> ImportBatchQuerySet:
        """Without the long columns a list of imports does not show."""
        return self.select_related("issuing_authority").defer("issues", "edits", "header_map")
