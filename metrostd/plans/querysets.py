"""Reads of work plans."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from metrostd.common.actors import Actor

from .enums import PlanState


class WorkPlanQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> WorkPlanQuerySet:
        """The municipal office all of them, a district its own and those of offices below it."""
        return self.filter(user.scope.casework.as_q(authority="authority"))

    def handed_in(self, by: dt.datetime) -> WorkPlanQuerySet:
        """With the municipal office at a moment, with ``merged_then``: what was said of merged inspections then."""
        kept = self.model._meta.get_field("earlier").related_model._base_manager  # type: ignore[union-attr]
        earlier = kept.filter(plan=OuterRef("pk"), submitted_at__lte=by, until__gt=by)
        now = Q(state__in=PlanState.handed_in, submitted_at__lte=by)
        said = Subquery(earlier.order_by("until").values("merged_with")[:1])
        return self.filter(now | Exists(earlier)).annotate(
            merged_then=Coalesce(said, F("merged_with"))
        )

    def for_list(self) -> WorkPlanQuerySet:
        return self.select_related("campaign__organiser", "authority").order_by("authority__code")
