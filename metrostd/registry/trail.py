"""台账变动: the trail of the register's own objects, as far as the viewer sees the objects themselves.

Only the kinds listed here are read, each through its own ``visible_to``: what an office finds on the
page of a unit or a standard it finds here, and nothing of another office's case work.
"""

import datetime as dt
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import Q, QuerySet
from django.http import QueryDict

from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.keyed import KeyedRows
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key

from .models import (
    CapabilityTest,
    ChangeRecord,
    MeasurementStandard,
    PublicStandardCertificate,
    StandardCertificate,
    StandardInstrument,
    StandardItem,
    StandardPerson,
    TraceRecord,
    Unit,
)

#: Kind in the address: the model, and how its unit is reached.
# Any: each model has the manager of its own querysets
KINDS: dict[str, tuple[Any, str]] = {
    "unit": (Unit, "pk"),
    "standard": (MeasurementStandard, "unit"),
    "certificate": (StandardCertificate, "standard__unit"),
    "instrument": (StandardInstrument, "standard__unit"),
    "trace": (TraceRecord, "instrument__standard__unit"),
    "test": (CapabilityTest, "standard__unit"),
    "person": (StandardPerson, "standard__unit"),
    "item": (StandardItem, "standard__unit"),
    "public": (PublicStandardCertificate, "standard__unit"),
    "change": (ChangeRecord, "standard__unit"),
}
#: Shown when the address names no period, in days.
USUAL_DAYS = 30


def kind_choices() -> list[tuple[str, str]]:
    """Kinds of record by what they are called."""
    return [(key, str(model._meta.verbose_name)) for key, (model, _) in KINDS.items()]


class TrailFilter:
    """Period, kind of record, unit, who, free text; the newest first."""

    def __init__(self, query: QueryDict, *, viewer: Actor, on: dt.date) -> None:
        self.query = query
        self.viewer = viewer
        self.since = _day(query.get("since", "")) or on - dt.timedelta(USUAL_DAYS)
        self.until = _day(query.get("until", ""))

    def rows(self) -> KeyedRows:
        """Entries with their actors and the records they are about."""
        found = self.matching()
        shown = AuditEntry.objects.select_related("actor", "target_type").prefetch_related(
            _targets()
        )
        keys = found.order_by("-pk").values_list("pk", flat=True)
        return KeyedRows(keys, shown, counted=found)

    def matching(self) -> QuerySet[AuditEntry]:
        """The entries the viewer may read and the address asks for, in no order."""
        entries = AuditEntry.objects.order_by().filter(at__gte=clock.at_time(self.since, 0))
        if self.until:
            entries = entries.filter(at__lt=clock.at_time(self.until + dt.timedelta(1), 0))
        entries = entries.filter(self._about())
        if who := self.query.get("who", "").strip():
            entries = entries.filter(actor__display_name__icontains=who)
        if words := self.query.get("q", "").strip():
            entries = entries.filter(Q(target_label__icontains=words) | Q(note__icontains=words))
        return entries

    def _about(self) -> Q:
        kind, unit = self.query.get("kind", ""), self.query.get("unit", "")
        wanted = Q(pk__in=[])
        for key, (model, path) in KINDS.items():
            if kind in KINDS and key != kind:
                continue
            about = Q(target_type=ContentType.objects.get_for_model(model))
            rows = model.objects.visible_to(self.viewer).order_by()
            if is_key(unit):
                rows = rows.filter(**{path: unit})
            elif self.viewer.scope.register.everything and key != "change":
                wanted |= about
                continue
            wanted |= about & Q(target_id__in=rows.values("pk"))
        return wanted


def changes_of(entry: AuditEntry) -> list[tuple[str, str, str]]:
    """Label, old and new value of each thing an entry changed, in words."""
    before = entry.before if isinstance(entry.before, dict) else {}
    after = entry.after if isinstance(entry.after, dict) else {}
    if entry.after_label:
        return [("状态", entry.before_label, entry.after_label)]
    labels = dict.fromkeys([*before, *after])
    return [(label, _text(before.get(label)), _text(after.get(label))) for label in labels]


def note_of(entry: AuditEntry) -> str:
    """What the entry says beyond its changes: a note that only names the changed fields is left out."""
    named = "；".join(label for label, _, _ in changes_of(entry))
    return "" if entry.note == named else entry.note


def _text(value: object) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return "" if value is None else str(value)


def _targets() -> GenericPrefetch:
    """Records of every kind with what their address and their name need: one query a kind."""
    related = {
        StandardCertificate: ("standard",),
        StandardInstrument: ("standard",),
        TraceRecord: ("instrument__standard",),
        CapabilityTest: ("standard",),
        StandardPerson: ("standard",),
        StandardItem: ("standard",),
        PublicStandardCertificate: ("standard",),
        ChangeRecord: ("standard__unit",),
    }

    querysets = [
        (Unit.with_merged.all() if model is Unit else model.objects.all()).select_related(
            *related.get(model, ("unit",) if model is MeasurementStandard else (None,))
        )
        for model, _ in KINDS.values()
    ]
    return GenericPrefetch("target", querysets)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
