"""Reads of orders, submissions, reviews, dispositions and referrals."""

from __future__ import annotations

from typing import Any

from django.db import models

from inspections.models import InspectionTask


class OrderQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> OrderQuerySet:
        """The inspecting office, the team that found it, the unit that owes it."""
        tasks = InspectionTask.objects.visible_to(user)
        return self.filter(task__in=tasks)

    def for_list(self) -> OrderQuerySet:
        return self.select_related("task__unit", "task__authority", "task__campaign").order_by(
            "due_on", "pk"
        )


class OfOrderQuerySet(models.QuerySet):
    order_path = "order"

    def visible_to(self, user: Any) -> OfOrderQuerySet:
        orders = self.model._meta.apps.get_model("rectification", "RectificationOrder")
        return self.filter(**{f"{self.order_path}__in": orders.objects.visible_to(user)})


class OfFindingQuerySet(models.QuerySet):
    """Rows about one finding, seen by whoever sees the finding's task."""

    def visible_to(self, user: Any) -> OfFindingQuerySet:
        return self.filter(finding__task__in=InspectionTask.objects.visible_to(user))


class DispositionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> DispositionQuerySet:
        """The proposing office and the issuing authority that decides; not the unit before that."""
        return self.filter(
            user.scope.casework.as_q(authority=("proposed_by_authority", "decider"))
        )


class ReferralQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> ReferralQuerySet:
        return self.filter(user.scope.casework.as_q(authority="finding__task__authority"))
