"""What stands on the rows an import created: once anything does, the import stays."""

from collections.abc import Iterator
from itertools import chain

from django.db import models

from metrostd.registry.enums import ImportState
from metrostd.registry.models import (
    EarlierDomain,
    FormerName,
    ImportBatch,
    ImportRow,
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
    Unit,
)

from .register import chunks

#: Relations that belong to the row itself and go with it.
_OWN = (ImportRow, FormerName, StandardDomain, EarlierDomain)
_SHOWN = 5


def references(
    batch: ImportBatch, *, units: set[int], standards: set[int], certificates: set[int]
) -> list[str]:
    """What refers to rows the batch created, as sentences; at most a handful."""
    found = chain(
        _relations(Unit, units, standards),
        _relations(MeasurementStandard, standards, standards),
        _relations(StandardCertificate, certificates, standards),
        _later_lists(batch, "unit", units),
        _later_lists(batch, "standard", standards),
        _edited(Unit, units),
        _edited(MeasurementStandard, standards),
    )
    return [reason for _, reason in zip(range(_SHOWN), found, strict=False)]


def _relations(model: type[models.Model], pks: set[int], own_standards: set[int]) -> Iterator[str]:
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel):
            continue
        other: type[models.Model] = relation.related_model
        if other in _OWN or other._meta.auto_created:
            continue
        if (model, other) == (MeasurementStandard, StandardCertificate):
            continue
        for part in chunks(pks):
            rows = other._base_manager.filter(**{f"{relation.field.name}__in": part})
            if other is MeasurementStandard:
                strangers = set(rows.values_list("pk", flat=True)) - own_standards
                rows = other._base_manager.filter(pk__in=sorted(strangers)[:_SHOWN])
            for row in rows[:_SHOWN]:
                yield f"{other._meta.verbose_name}“{row}”"


def _later_lists(batch: ImportBatch, column: str, pks: set[int]) -> Iterator[str]:
    for part in chunks(pks):
        rows = ImportBatch.objects.exclude(pk=batch.pk).filter(
            state=ImportState.COMMITTED,
            pk__in=ImportRow.objects.filter(**{f"{column}__in": part}).values("batch"),
        )
        for row in rows[:_SHOWN]:
            yield f"另一份已入库的名单“{row}”"


def _edited(model: type[models.Model], pks: set[int]) -> Iterator[str]:
    for part in chunks(pks):
        for row in model._base_manager.filter(pk__in=part, version__gt=1)[:_SHOWN]:
            yield f"入库后修改过的{model._meta.verbose_name}“{row}”"
