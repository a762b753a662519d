"""Reads of work plans."""

from __future__ import annotations

import datetime as dt

from django.db import models

from metrostd.common.actors import Actor

from .enums import PlanState


class WorkPlanQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> WorkPlanQuerySet:
        """The municipal office all of them, a district its own and those of offices below it."""
        return self.filter(user.scope.casework.as_q(authority="authority"))

    def handed_in(self, by: dt.datetime) -> WorkPlanQuerySet:
        """With the municipal office by a moment, and not given back since."""
        return self.filter(state__in=PlanState.handed_in, submitted_at__lte=by)

    def for_list(self) -> WorkPlanQuerySet:
        return self.select_related("campaign__organiser", "authority").order_by("authority__code")
