"""Authorities and units a person sees."""

from __future__ import annotations

from django.db import models
from django.db.models import (
    Count,
    OuterRef,
    Q,
    Subquery,
)
from django.db.models.functions import Coalesce

from metrostd.common.actors import Actor
from metrostd.common.text import name_key
from metrostd.registry.enums import CertificateState
from metrostd.registry.numbers import typed_code

from .aging import in_state
from .relations import related


class AuthorityQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> AuthorityQuerySet:
        """The names of authorities are no secret to anyone who has signed in with a membership."""
        return self if user.scope.is_member else self.none()

    def districts(self) -> AuthorityQuerySet:
        """The district bureaus that take part (functional-zone bureaus below them included)."""
        return self.filter(level="district").order_by("code")


def called(unit: type[models.Model], text: str, *, at: str = "") -> Q:
    """Units a text names; ``at`` is the path that leads to the unit."""
    key = name_key(text)

    found = Q(**{f"{at}name_key__contains": key})
    former = related(unit, "former_names").objects.filter(name_key__contains=key)
    found |= Q(**{f"{at}pk__in": former.values("unit")})
    if (code := typed_code(text)).isascii():
        units = related(unit, "merged_into").with_merged
        merged = units.filter(merged_into__isnull=False, uscc__startswith=code)
        found |= Q(**{f"{at}uscc__startswith": code}) | Q(**{f"{at}pinyin__contains": code.lower()})
        found |= Q(**{f"{at}pk__in": merged.values("merged_into")})
    return found


class UnitQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> UnitQuerySet:
        """Offices see units in their territory and units whose certificates they issued or host."""
        reach = user.scope.register
        if reach.everything:
            return self
        allowed = Q(pk__in=reach.unit_ids) if reach.unit_ids else Q(pk__in=[])
        if reach.authority_ids:
            held = related(self, "standards").objects.filter(
                Q(issuing_authority__in=reach.authority_ids)
                | Q(hosting_authority__in=reach.authority_ids)
            )
            allowed |= Q(territorial_authority__in=reach.authority_ids) | Q(
                pk__in=held.values("unit")
            )
        return self.filter(allowed)

    def search(self, text: str) -> UnitQuerySet:
        """By name, former name, credit code or pinyin initials; codes of units merged away too."""
        return self.filter(called(self.model, text))

    def holding(self, text: str) -> UnitQuerySet:
        """Units a text names, or one of their standards."""
        standards = related(self, "standards").objects
        own = standards.filter(standards.own(text)).order_by()
        named = Q(merged_into=None) & called(self.model, text)
        return self.filter(named | Q(pk__in=own.values("unit")))

    def with_counts(self, viewer: Actor) -> UnitQuerySet:
        """How many of a unit's standards the viewer sees, and how many run out or have run out."""
        standards = related(self, "standards").objects.visible_to(viewer)
        standards = standards.filter(unit=OuterRef("pk"))

        def count(*states: str) -> Coalesce:
            rows = standards
            if states:
                rows = rows.filter(in_state(*states, at="certificates__"))
            grouped = rows.order_by().values("unit").annotate(n=Count("pk")).values("n")
            return Coalesce(Subquery(grouped), 0)

        return self.annotate(
            standards_count=count(),
            expiring_count=count(CertificateState.EXPIRING, CertificateState.REEXAM_APPLIED),
            expired_count=count(CertificateState.EXPIRED),
        )

    def for_list(self) -> UnitQuerySet:
        return self.select_related("territorial_authority").order_by("name", "pk")


class UnitManager(models.Manager.from_queryset(UnitQuerySet)):  # type: ignore[misc]
    """Units as they are today: without the rows that were merged into another."""

    def get_queryset(self) -> UnitQuerySet:
        return super().get_queryset().filter(merged_into=None)


class UnitMergeQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> UnitMergeQuerySet:
        """Merges are known to the offices that see the unit which remained."""
        units = related(self, "survivor").objects.visible_to(user)
        rows = self.filter(survivor__in=units.values("pk"))
        return rows.none() if user.scope.register.unit_ids else rows
