"""Instruments and tracing records a person sees, and the last tracing of an instrument."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery

from metrostd.registry.enums import InstrumentState, TraceResult, TraceState

from .relations import related


class InstrumentQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> InstrumentQuerySet:
        """Instruments of the standards a person sees."""
        return self.filter(
            user.scope.register.as_q(
                authority=(
                    "standard__unit__territorial_authority",
                    "standard__issuing_authority",
                    "standard__hosting_authority",
                ),
                unit="standard__unit",
            )
        )

    def in_use(self) -> InstrumentQuerySet:
        return self.filter(state=InstrumentState.IN_USE)

    def with_last_trace(self) -> InstrumentQuerySet:
        """The facts of the last record that counts, as columns (None without any)."""
        last = (
            related(self, "traces")
            .objects.counting()
            .filter(instrument=OuterRef("pk"))
            .order_by("-traced_on", "-pk")
        )
        return self.annotate(
            **{
                f"last_trace_{name}": Subquery(last.values(column)[:1])
                for name, column in (
                    ("on", "traced_on"),
                    ("until", "valid_until"),
                    ("org", "org"),
                    ("cert_no", "cert_no"),
                )
            }
        )

    def for_list(self) -> InstrumentQuerySet:
        """Main ones first (``main`` sorts after ``auxiliary``), then as they were registered."""
        return self.order_by("standard", "-role", "pk")


class TraceQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> TraceQuerySet:
        """Records of the instruments of the standards a person sees."""
        return self.filter(
            user.scope.register.as_q(
                authority=(
                    "instrument__standard__unit__territorial_authority",
                    "instrument__standard__issuing_authority",
                    "instrument__standard__hosting_authority",
                ),
                unit="instrument__standard__unit",
            )
        )

    def counting(self) -> TraceQuerySet:
        """Records that give an instrument a validity: not void, not failed."""
        return self.filter(state=TraceState.RECORDED, result__in=TraceResult.passing)

    def newest_first(self) -> TraceQuerySet:
        return self.order_by("-traced_on", "-pk")
