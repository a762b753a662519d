"""The lists of the register narrowed and ordered by the address; anything unknown is ignored."""

import datetime as dt
from typing import Any

from django.db.models import F, QuerySet
from django.http import QueryDict

from metrostd.common import clock

from .annex4.fields import FIELDS
from .enums import Category, CertificateState, ChangeKind, ChangeState, PriorityDomain, UnitType
from .models import MeasurementStandard
from .querysets import ChangeRecordQuerySet, StandardQuerySet, UnitQuerySet

_DESCENDING = "-"


class UnitFilter:
    """District, type, category of its standards, certificate state, free text; sorted by a heading."""

    SORTS = {
        "name": "name",
        "district": "territorial_authority__code",
        "standards": "standards_count",
        "expired": "expired_count",
    }

    def __init__(self, query: QueryDict, *, viewer: Any) -> None:
        self.query = query
        self.viewer = viewer

    def apply(self, units: UnitQuerySet) -> QuerySet:
        """The units as the list shows them; ``units`` are those the viewer may see."""
        get = self.query.get
        if (district := get("district", "")).isdecimal():
            units = units.filter(territorial_authority=district)
        if district == "none":
            units = units.filter(territorial_authority=None)
        if (kind := get("type")) in UnitType.values:
            units = units.filter(unit_type=kind)
        held = MeasurementStandard.objects.visible_to(self.viewer)
        category, state = get("category"), get("state")
        if category in Category.values:
            held = held.filter(category=category)
        if state in CertificateState.values:
            held = held.filter(certificates__is_current=True, certificates__state=state)
        if category in Category.values or state in CertificateState.values:
            units = units.filter(pk__in=held.values("unit"))
        if words := get("q", "").strip():
            units = units.search(words)
        return _ordered(
            units.with_counts(self.viewer).for_list(), get("sort", ""), self.SORTS, "name"
        )


class StandardFilter:
    """District, category, field, certificate state, priority domain, issuer, free text."""

    SORTS = {
        "unit": "unit__name",
        "name": "name",
        "field": "field__code",
        "number": "certificate_number",
        "until": "valid_until",
    }

    def __init__(self, query: QueryDict) -> None:
        self.query = query

    def apply(self, standards: StandardQuerySet) -> QuerySet:
        """The standards with their current certificates as the list shows them."""
        get = self.query.get
        if (district := get("district", "")).isdecimal():
            standards = standards.filter(unit__territorial_authority=district)
        if district == "none":
            standards = standards.filter(unit__territorial_authority=None)
        if (issuer := get("issuer", "")).isdecimal():
            standards = standards.filter(issuing_authority=issuer)
        if (category := get("category")) in Category.values:
            standards = standards.filter(category=category)
        if (field := get("field", "")) in FIELDS:
            standards = standards.filter(field__code=field)
        if (state := get("state")) in CertificateState.values:
            standards = standards.filter(certificates__is_current=True, certificates__state=state)
        if (domain := get("domain")) in PriorityDomain.values:
            standards = standards.filter(priority_domains__domain=domain)
        if words := get("q", "").strip():
            standards = standards.search(words)
        rows = standards.with_certificate().for_list()
        return _ordered(rows, get("sort", ""), self.SORTS, "unit__name")


class ChangeFilter:
    """State, kind, unit, district, days of submission, free text; sorted by a heading."""

    SORTS = {
        "number": "number",
        "unit": "standard__unit__name",
        "submitted": "submitted_at",
        "decided": "decided_on",
    }

    def __init__(self, query: QueryDict) -> None:
        self.query = query

    def apply(self, records: ChangeRecordQuerySet) -> QuerySet:
        """The applications as the list shows them."""
        get = self.query.get
        if (state := get("state")) in ChangeState.values:
            records = records.filter(state=state)
        if state == "open":
            records = records.open()
        if (kind := get("kind")) in ChangeKind.values:
            records = records.filter(kind=kind)
        if (unit := get("unit", "")).isdecimal():
            records = records.filter(standard__unit=unit)
        if (district := get("district", "")).isdecimal():
            records = records.filter(standard__unit__territorial_authority=district)
        if district == "none":
            records = records.filter(standard__unit__territorial_authority=None)
        if since := _day(get("since", "")):
            records = records.filter(submitted_at__gte=clock.at_time(since, 0))
        if until := _day(get("until", "")):
            records = records.filter(submitted_at__lt=clock.at_time(until + dt.timedelta(1), 0))
        if words := get("q", "").strip():
            records = records.search(words)
        return _ordered(records.for_list(), get("sort", "") or "-submitted", self.SORTS, "-pk")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _ordered(rows: Any, sort: str, sorts: dict[str, str], default: str) -> QuerySet:
    column = sorts.get(sort.removeprefix(_DESCENDING))
    if column is None:
        return rows.order_by(default, "pk")
    descending = sort.startswith(_DESCENDING)
    order = F(column).desc(nulls_last=True) if descending else F(column).asc(nulls_last=True)
    return rows.order_by(order, default, "pk")
