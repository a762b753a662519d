"""Reads of self-check reports."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from campaigns.models import RoutedStandard

from .enums import ReportState


class ReportQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> ReportQuerySet:
        """The unit and the receiving (issuing) office; the inspecting office once it is submitted.

        A unit's report reaches offices from submission on; before that its answers are its own,
        the receiver sees only that it is due.
        """
        reach = user.scope.casework
        if reach.everything:
            return self
        allowed = reach.as_q(authority=("receiver", "bureau"), unit="unit")
        if reach.authority_ids:
            inspected = RoutedStandard.objects.filter(
                inspecting_authority__in=reach.authority_ids,
                campaign=models.OuterRef("campaign"),
                unit=models.OuterRef("unit"),
                issuing_authority=models.OuterRef("receiver"),
            )
            allowed |= Q(models.Exists(inspected), state__in=ReportState.readable)
        return self.filter(allowed)

    def received(self) -> ReportQuerySet:
        return self.filter(state__in=ReportState.received)

    def for_list(self) -> ReportQuerySet:
        return self.select_related("campaign", "unit", "bureau", "receiver").order_by(
            "unit__name", "pk"
        )


class OfReportQuerySet(models.QuerySet):
    """Rows that belong to a report are seen by whoever sees the report."""

    def visible_to(self, user: Any) -> OfReportQuerySet:
        reports = self.model._meta.get_field("report").related_model
        return self.filter(report__in=reports._default_manager.visible_to(user))
