"""Reads of risk tables, warnings and procedures."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Count, Q

from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .enums import WarningState


class RiskTableQuerySet(models.QuerySet):
    def in_force(self, on: dt.date) -> RiskTableQuerySet:
        """Versions that hold on a day, the newest first: it is the one that counts."""
        return self.filter(starts_on__lte=on).order_by("-version")


class RiskWarningQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> RiskWarningQuerySet:
        """The municipal office all of them, a district its own; others those they were given."""
        acting = user.acting
        if acting is None:
            return self.none()
        return self.filter(
            user.scope.casework.as_q(authority="authority") | Q(assigned_to=acting.pk)
        )

    def waiting_for(self, user: Actor) -> RiskWarningQuerySet:
        """What is this one's move: the office gives out and closes its own, others deal with what they were given."""
        acting = user.acting
        if acting is None:
            return self.none()
        mine = Q(assigned_to=acting.pk, state=WarningState.ASSIGNED)
        if acting.role in Role.offices:
            own = (WarningState.RAISED, WarningState.HANDLED)
            mine |= Q(authority=acting.authority_id, state__in=own)
        return self.filter(mine)

    def open(self) -> RiskWarningQuerySet:
        return self.filter(state__in=WarningState.open)

    def overdue(self, on: dt.date) -> RiskWarningQuerySet:
        """Given to somebody and past its day."""
        return self.filter(state=WarningState.ASSIGNED, due_on__lt=on)

    def count_by_state(self) -> dict[str, int]:
        return dict(self.order_by().values_list("state").annotate(n=Count("*")))

    def for_list(self) -> RiskWarningQuerySet:
        return self.select_related("standard__unit", "authority", "assigned_to__user")


class ProcedureQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ProcedureQuerySet:
        """The municipal office all, a district its own."""
        return self.filter(user.scope.casework.as_q(authority="authority"))


class CountingQuerySet(models.QuerySet):
    def done(self) -> CountingQuerySet:
        """Counted to the end."""
        return self.filter(counted_at__isnull=False)
