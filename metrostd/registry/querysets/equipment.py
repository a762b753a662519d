"""Instruments and tracing records a person sees, and the last tracing of an instrument."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import DateField, Exists, ExpressionWrapper, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from metrostd.common.actors import Actor
from metrostd.registry.enums import InstrumentState, RecordState, TraceResult

from .relations import OfStandardQuerySet, paths_to_standard, related


class InstrumentQuerySet(OfStandardQuerySet):
    def search(self, text: str) -> InstrumentQuerySet:
        """By name, model or serial number, or the number of a tracing certificate."""
        traced = related(self, "traces").objects.filter(cert_no__icontains=text)
        return self.filter(
            Q(name__icontains=text)
            | Q(model__icontains=text)
            | Q(serial_no__icontains=text)
            | Q(pk__in=traced.values("instrument"))
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

    def perhaps_at_fault(self, on: dt.date, *, until: dt.date) -> InstrumentQuerySet:
        """Every instrument not traced beyond ``until``, or with a gap, a failure, a result to confirm
        or a validity without end; a few more besides.

        A filter for large registers: whoever asks judges the rest by the rules of ``tracing``.
        """
        records = related(self, "traces").objects.filter(traced_on__lte=on)
        own = records.counting().filter(instrument=OuterRef("pk")).with_end()
        doubtful = records.filter(state=RecordState.RECORDED).exclude(
            result__in=TraceResult.settled
        )
        return self.annotate(
            last_end=Subquery(own.order_by("-end").values("end")[:1]),
            ever_doubtful=Exists(doubtful.filter(instrument=OuterRef("pk"))),
            has_gap=Exists(own.after_a_gap()),
        ).filter(
            Q(last_end=None)
            | Q(last_end__lte=until)
            | Q(last_end=dt.date.max)
            | Q(ever_doubtful=True)
            | Q(has_gap=True)
        )

    def untraced_on(self, on: dt.date) -> InstrumentQuerySet:
        """Traced once and no more on a day: every validity is over, or the newest result has failed."""
        made = related(self, "traces").objects.filter(
            traced_on__lte=on, state=RecordState.RECORDED, instrument=OuterRef("pk")
        )
        last = made.counting().with_end().order_by("-end").values("end")
        newest = made.newest_first().values("result")
        found = self.annotate(last_end=Subquery(last[:1]), newest=Subquery(newest[:1]))
        over = Q(last_end__lt=on) | ~Q(newest__in=TraceResult.passing)
        return found.filter(over, newest__isnull=False)

    def for_list(self) -> InstrumentQuerySet:
        """Main ones first (``main`` sorts after ``auxiliary``), then as they were registered."""
        return self.order_by("standard", "-role", "pk")


class TraceQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> TraceQuerySet:
        """Records of the instruments of the standards a person sees."""
        return self.filter(user.scope.register.as_q(**paths_to_standard("instrument__standard__")))

    def counting(self) -> TraceQuerySet:
        """Records that give an instrument a validity: not void, not failed."""
        return self.filter(state=RecordState.RECORDED, result__in=TraceResult.passing)

    def with_end(self) -> TraceQuerySet:
        """The last valid day as ``end``; a record without one never ends."""
        return self.annotate(
            end=Coalesce("valid_until", Value(dt.date.max), output_field=DateField())
        )

    def after_a_gap(self) -> TraceQuerySet:
        """Records before whose date the instrument had been traced and was not the day before."""
        earlier = (
            self.model._default_manager.counting()  # type: ignore[attr-defined]
            .with_end()
            .filter(instrument=OuterRef("instrument"), traced_on__lt=OuterRef("traced_on"))
        )
        day_before = ExpressionWrapper(
            OuterRef("traced_on") - dt.timedelta(days=1), output_field=DateField()
        )
        # Most overlap; only the rest needs arithmetic with dates, which is slow on SQLite.
        overlap = Exists(earlier.filter(end__gte=OuterRef("traced_on")))
        return self.filter(
            Exists(earlier), ~(overlap | Exists(earlier.filter(end__gte=day_before)))
        )

    def newest_first(self) -> TraceQuerySet:
        return self.order_by("-traced_on", "-pk")
