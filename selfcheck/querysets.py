"""Reads of self-check reports."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from campaigns.enums import CampaignState
from campaigns.models import Campaign, RoutedStandard
from campaigns.querysets import being_opened
from metrostd.common.actors import Actor
from metrostd.common.keyed import AnyOf

from .enums import ReportState


def _passed(on: dt.date) -> Q:
    """Due before a day and not come, where the nightly job has not been."""
    running = Campaign.objects.filter(state=CampaignState.OPEN)
    return Q(state__in=ReportState.awaited, due_on__lt=on, campaign__in=running.values("pk"))


class ReportQuerySet(AnyOf):
    def visible_to(self, user: Actor) -> ReportQuerySet:
        """The unit and the receiving (issuing) office; the inspecting office once it is submitted.

        A unit's report reaches offices from submission on; before that its answers are its own,
        the receiver sees only that it is due.
        """
        reach = user.scope.casework
        rows = self.exclude(being_opened())
        if reach.everything:
            return rows
        own = reach.as_q(authority="bureau", unit="unit")
        if not reach.authority_ids:
            return rows.filter(own)
        inspected = RoutedStandard.objects.filter(inspecting_authority__in=reach.authority_ids)
        about = inspected.filter(
            unit=OuterRef("unit"),
            campaign=OuterRef("campaign"),
            issuing_authority=OuterRef("receiver"),
        )
        # From the units the office inspects to their reports: only of these is asked what they are about.
        routed = Q(unit__in=inspected.values("unit")) & Q(Exists(about))
        to = reach.as_q(authority="receiver")
        return rows.any_of(to, own, routed & Q(state__in=ReportState.readable))

    def owed_within(self, user: Actor) -> ReportQuerySet:
        """Owed to the person's office, or by their bureau or unit."""
        reach = user.scope.casework
        rows = self.exclude(being_opened())
        if reach.everything:
            return rows
        to = reach.as_q(authority="receiver")
        return rows.any_of(to, reach.as_q(authority="bureau", unit="unit"))

    def received(self) -> ReportQuerySet:
        return self.filter(state__in=ReportState.received)

    def of_bureau(self, user: Actor) -> ReportQuerySet:
        """The report the acting office itself owes on its certification work."""
        acting = user.acting
        if acting is None or acting.authority_id is None:
            return self.none()
        return self.exclude(being_opened()).filter(bureau=acting.authority_id)

    def not_of_bureau(self, user: Actor) -> ReportQuerySet:
        """Without the report the acting office itself owes."""
        acting = user.acting
        if acting is None or acting.authority_id is None:
            return self
        return self.exclude(bureau=acting.authority_id)

    def overdue(self, on: dt.date) -> ReportQuerySet:
        """Due before ``on`` and not (or not again) handed in; the due day itself is in time."""
        return self.filter(due_on__lt=on, state__in=ReportState.editable)

    def with_name(self) -> ReportQuerySet:
        """Each report with the ``name`` of who checks itself."""
        return self.annotate(name=Coalesce("unit__name", "bureau__short_name"))

    def for_list(self) -> ReportQuerySet:
        related = ("campaign", "unit__territorial_authority", "bureau", "receiver", "template")
        return self.select_related(*related).with_name().order_by("name", "pk")

    def for_table(self) -> ReportQuerySet:
        """What a row of the offices' list and of its export shows, in no order."""
        related = ("campaign", "unit__territorial_authority", "bureau", "receiver")
        shown = self.select_related(*related).only(
            *("kind", "state", "due_on", "first_submitted_at", "submitted_at", "is_late"),
            *("receipt_no", "campaign__state", "bureau__short_name", "receiver__short_name"),
            *("unit__name", "unit__territorial_authority__short_name"),
        )
        return shown.with_name().with_counts().order_by()

    def with_counts(self) -> ReportQuerySet:
        """``standards_count`` and ``problems_count``, each as its own sub-select."""
        return self.annotate(
            standards_count=self._counted("covered", Q(left_at=None)),
            problems_count=self._counted("problems"),
        )

    def with_progress(self) -> ReportQuerySet:
        """``asked_count`` and ``answered_count``: rows made so far, and those filled in."""
        return self.annotate(
            asked_count=self._counted("answers"),
            answered_count=self._counted("answers", ~Q(answer="")),
        )

    def in_state(self, state: str, on: dt.date) -> ReportQuerySet:
        """Those in this state on a day: what was due before and has not come is 逾期未报 by then."""
        if state == ReportState.OVERDUE:
            return self.filter(Q(state=state) | _passed(on))
        kept = self.filter(state=state)
        return kept.exclude(_passed(on)) if state in ReportState.awaited else kept

    def count_by_state(self, on: dt.date | None = None) -> dict[str, int]:
        """How many reports are in each state; states without any are absent.

        ``on`` tells 逾期未报 as of that day; who counts what was handed in need not ask.
        """
        if on is not None:
            return self.tally(on)[0]
        return dict(self.order_by().values_list("state").annotate(n=Count("*")))

    def tally(
        self, on: dt.date, *, without_bureau: int | None = None
    ) -> tuple[dict[str, int], int]:
        """In one statement: how many are in each state on a day, and how many are overdue, without
        what one bureau owes."""
        theirs = Q(bureau=None) | ~Q(bureau=without_bureau) if without_bureau else Q()
        rows = self.order_by().values("state").annotate(
            n=Count("*"),
            passed=Count("state", filter=_passed(on)),
            late=Count("state", filter=Q(due_on__lt=on) & theirs),
        )  # fmt: skip
        counts, overdue = Counter[str](), 0
        for state, n, passed, late in rows.values_list("state", "n", "passed", "late"):
            counts[state] += n - passed
            counts[ReportState.OVERDUE.value] += passed
            overdue += late if state in ReportState.editable else 0
        return dict(+counts), overdue

    def _counted(self, relation: str, condition: Q | None = None) -> Coalesce:
        rows = self.model._meta.get_field(relation).related_model._base_manager.filter(  # type: ignore[union-attr]
            condition or Q(), report=OuterRef("pk")
        )
        count = rows.order_by().values("report").annotate(n=Count("pk")).values("n")
        return Coalesce(Subquery(count), Value(0))


class OfReportQuerySet(models.QuerySet):
    """Rows that belong to a report are seen by whoever sees the report."""

    def visible_to(self, user: Actor) -> OfReportQuerySet:
        reports = self.model._meta.get_field("report").related_model
        return self.filter(report__in=reports._default_manager.visible_to(user))  # type: ignore[union-attr]


class CoveredQuerySet(OfReportQuerySet):
    """Standards of reports, those that have left the scope since among them."""

    def standing(self) -> CoveredQuerySet:
        """What the report answers for now."""
        return self.filter(left_at=None)
