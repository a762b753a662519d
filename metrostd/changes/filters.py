"""Applications for a change narrowed and ordered by the address; anything unknown is ignored."""

import datetime as dt
from typing import TypeVar

from django.db import models
from django.db.models import F, QuerySet
from django.http import QueryDict

from metrostd.common import clock
from metrostd.common.outside import is_key
from metrostd.registry.enums import ChangeKind, ChangeState
from metrostd.registry.querysets import ChangeRecordQuerySet

_M = TypeVar("_M", bound=models.Model)

_DESCENDING = "-"


#: Not a state: everything that has not been decided.
_NOT_DECIDED = "open"


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
        if state == _NOT_DECIDED:
            records = records.open()
        if (kind := get("kind")) in ChangeKind.values:
            records = records.filter(kind=kind)
        if is_key(unit := get("unit", "")):
            records = records.filter(standard__unit=unit)
        if is_key(district := get("district", "")):
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


def _ordered(rows: QuerySet[_M], sort: str, sorts: dict[str, str], default: str) -> QuerySet[_M]:
    column = sorts.get(sort.removeprefix(_DESCENDING))
    if column is None:
        return rows.order_by(default, "pk")
    descending = sort.startswith(_DESCENDING)
    order = F(column).desc(nulls_last=True) if descending else F(column).asc(nulls_last=True)
    return rows.order_by(order, default, "pk")
