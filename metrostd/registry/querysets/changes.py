"""Applications for replacing, sealing, withdrawing and resuming that a person sees."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.registry.enums import ChangeState
from metrostd.registry.numbers import typed_number

from .relations import paths_to_standard, related


class ChangeRecordQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ChangeRecordQuerySet:
        """A unit sees its own; the offices of the standard see what has once been submitted."""
        reach = user.scope.register
        sent = Q(submitted_at__isnull=False)
        if reach.everything:
            return self.filter(sent)
        paths = paths_to_standard("standard__")
        offices = reach.as_q(authority=paths["authority"])
        return self.filter((offices & sent) | reach.as_q(unit=paths["unit"]))

    def open(self) -> ChangeRecordQuerySet:
        """Neither decided nor taken back."""
        return self.filter(state__in=ChangeState.open)

    def waiting_for(self, user: Actor) -> ChangeRecordQuerySet:
        """What waits for the viewer: an office decides what it hosts, a unit completes what came back."""
        role, reach = user.scope.role, user.scope.register
        if role == Role.UNIT_USER:
            return self.filter(state=ChangeState.RETURNED, standard__unit__in=reach.unit_ids)
        if role not in Role.registrars:
            return self.none()
        own = {*reach.authority_ids, *([user.acting.authority_id] if user.acting else [])}
        return self.filter(state=ChangeState.SUBMITTED, standard__hosting_authority__in=own)

    def search(self, text: str) -> ChangeRecordQuerySet:
        """By number, standard, or the unit's name, former name, code or initials."""
        units = related(related(self, "standard").objects.all(), "unit").objects.search(text)
        return self.filter(
            Q(number__icontains=typed_number(text))
            | Q(standard__name__icontains=text)
            | Q(standard__unit__in=units.values("pk"))
        )

    def for_list(self) -> ChangeRecordQuerySet:
        return self.select_related(
            "standard__unit__territorial_authority", "standard__hosting_authority"
        )
