"""Tests, persons, items and public certificates of the standards a person sees."""

from __future__ import annotations

import datetime as dt
from typing import Protocol, Self

from django.db.models import Q

from metrostd.registry.enums import RecordState

from .relations import OfStandardQuerySet


class StandardRecordQuerySet(OfStandardQuerySet):
    """Records that belong to one standard and may be void."""

    def recorded(self) -> Self:
        """Not void."""
        return self.filter(state=RecordState.RECORDED)


class _OneOfSeries(Protocol):
    """What tells a series of tests from another."""

    standard_id: int
    kind: str
    method: str
    subject: str


class CapabilityTestQuerySet(StandardRecordQuerySet):
    def series_of(self, test: _OneOfSeries) -> CapabilityTestQuerySet:
        """Tests of the same kind, method and object, void ones left out, the oldest first."""
        rows = self.recorded().filter(
            standard=test.standard_id, kind=test.kind, method=test.method, subject=test.subject
        )
        return rows.order_by("tested_on", "pk")

    def newest_first(self) -> CapabilityTestQuerySet:
        return self.order_by("-tested_on", "-pk")


class StandardPersonQuerySet(StandardRecordQuerySet):
    def valid_on(self, day: dt.date) -> StandardPersonQuerySet:
        """Working with the standard on a day, with a proof that is valid that day."""
        here = (Q(since=None) | Q(since__lte=day)) & (Q(until=None) | Q(until__gte=day))
        return self.recorded().filter(here, Q(valid_until=None) | Q(valid_until__gte=day))
