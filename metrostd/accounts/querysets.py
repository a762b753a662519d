"""Reads of accounts."""

from __future__ import annotations

from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models import Q

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .scopes import Scope


class MembershipQuerySet(models.QuerySet):
    def switched_on(self) -> MembershipQuerySet:
        """Neither it nor its account was ended; whether its last day has passed is not asked."""
        return self.filter(is_active=True, user__is_active=True)

    def not_ended(self) -> MembershipQuerySet:
        """Neither ended nor past their last day, whether the clock has been there or not; of whatever account."""
        return self.filter(is_active=True).filter(Q(ends_on=None) | Q(ends_on__gte=clock.today()))

    def active(self) -> MembershipQuerySet:
        """May be used today."""
        return self.switched_on().filter(Q(ends_on=None) | Q(ends_on__gte=clock.today()))

    def visible_to(self, user: Actor) -> MembershipQuerySet:
        """Everyone their own; units their colleagues'; offices those of their authorities and of the
        units in their territory; administrators all."""
        scope = user.scope
        if _sees_everybody(scope):
            return self
        return self.filter(Q(user=user) | _reached(scope))

    def of_authority(self, authority: models.Model | int | None) -> MembershipQuerySet:
        return self.active().filter(authority=authority)

    def of_unit(self, unit: models.Model | int | None) -> MembershipQuerySet:
        return self.active().filter(unit=unit)


def _sees_everybody(scope: Scope) -> bool:
    return scope.role == Role.SYSTEM_ADMIN or scope.casework.everything


def _reached(scope: Scope, path: str = "") -> Q:
    """Memberships an office or a unit has to do with; ``path`` leads to them."""
    return scope.casework.as_q(
        authority=(f"{path}authority", f"{path}unit__territorial_authority"),
        unit=f"{path}unit",
    )


class PersonQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> PersonQuerySet:
        """Everyone themselves and whoever has a membership they see; administrators all."""
        scope = user.scope
        if _sees_everybody(scope):
            return self
        # A sub-select: a person with two memberships is still one row.
        reached = self.model._default_manager.filter(_reached(scope, "memberships__"))
        return self.filter(Q(pk=user.pk) | Q(pk__in=reached.values("pk")))

    def search(self, words: str) -> PersonQuerySet:
        """By name, account, unit or authority."""
        place = self.model._default_manager.filter(
            Q(memberships__unit__name__icontains=words)
            | Q(memberships__authority__short_name__icontains=words)
        )
        return self.filter(
            Q(display_name__icontains=words)
            | Q(username__icontains=words)
            | Q(pk__in=place.values("pk"))
        )


class PersonManager(UserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """Django's manager of users, with the questions of people."""

    use_in_migrations = False


class CodeQuerySet(models.QuerySet):
    def open(self) -> CodeQuerySet:
        """Neither used nor void, and not too old."""
        return self.unused().filter(expires_at__gt=clock.now())

    def unused(self) -> CodeQuerySet:
        """Neither used nor void, too old or not."""
        return self.filter(used_at=None, voided_at=None)
