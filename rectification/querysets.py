"""Reads of orders, submissions, reviews, dispositions and referrals."""

from __future__ import annotations

from django.apps import apps
from django.db import models
from django.db.models import Q

from inspections.models import InspectionTask
from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .enums import DispositionState, ReferralRecipient


class OrderQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> OrderQuerySet:
        """The inspecting office, the team that found it, the unit that owes it."""
        tasks = InspectionTask.objects.visible_to(user)
        return self.filter(task__in=tasks)

    def for_list(self) -> OrderQuerySet:
        return self.select_related(
            "task__unit",
            "task__authority__parent",
            "task__campaign",
            "document",
            "confirmation",
            "withdrawn_document",
            "withdrawn_by",
        ).order_by("due_on", "pk")


class OfOrderQuerySet(models.QuerySet):
    order_path = "order"

    def visible_to(self, user: Actor) -> OfOrderQuerySet:
        orders = apps.get_model("rectification", "RectificationOrder")
        return self.filter(**{f"{self.order_path}__in": orders.objects.visible_to(user)})


class OfFindingQuerySet(models.QuerySet):
    """Rows about one finding, seen by whoever sees the finding's task."""

    def visible_to(self, user: Actor) -> OfFindingQuerySet:
        return self.filter(finding__task__in=InspectionTask.objects.visible_to(user))


class RectificationQuerySet(OfFindingQuerySet):
    def visible_to(self, user: Actor) -> OfFindingQuerySet:
        """A draft is the unit's own business until it is submitted."""
        rows = super().visible_to(user)
        return rows if user.scope.casework.unit_ids else rows.filter(submitted_at__isnull=False)


class FileQuerySet(OfFindingQuerySet):
    def visible_to(self, user: Actor) -> OfFindingQuerySet:
        """Files of a draft are the unit's own; the office sees them once they are submitted."""
        rows = super().visible_to(user)
        if user.scope.casework.unit_ids:
            return rows
        return rows.filter(rectification__submitted_at__isnull=False)

    def standing(self) -> FileQuerySet:
        """Files that have not been taken back."""
        return self.filter(withdrawn_at=None)


class DispositionQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> DispositionQuerySet:
        """The proposing office and the deciding authority; the unit once it is decided."""
        reach = user.scope.casework
        allowed = reach.as_q(authority=("proposed_by_authority", "decider"))
        if reach.unit_ids:
            allowed |= Q(standard__unit__in=reach.unit_ids, state=DispositionState.DECIDED)
        return self.filter(allowed)

    def for_list(self) -> DispositionQuerySet:
        return self.select_related(
            "standard__unit", "proposed_by_authority", "decider", "finding__task__campaign"
        ).order_by("-pk")


class ReferralQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ReferralQuerySet:
        """The office that sent the case, and the corps when it was sent there.

        Units learn of it from the body that handles it.
        """
        acting = user.acting
        if acting is not None and acting.role == Role.ENFORCEMENT_LIAISON:
            return self.filter(
                recipient=ReferralRecipient.CORPS,
                task__campaign__organiser=acting.authority_id,
            )
        return self.filter(user.scope.casework.as_q(authority="task__authority"))

    def for_list(self) -> ReferralQuerySet:
        return self.select_related("task__unit", "task__authority", "finding__item").order_by("-pk")
