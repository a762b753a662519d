"""Writes of what was measured on site. The formulas are those of the register's tests."""

import dataclasses
import uuid

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from inspections.models import ChecklistSheet, SiteEnvironment, SiteExperiment
from inspections.services import require_filling
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.shapes import Values
from metrostd.registry.capability import Entry
from metrostd.registry.models import CapabilityTest
from metrostd.registry.services.capability import computed, history_of, series_of
from metrostd.registry.services.editing import labelled, write_changes

#: What a method computes that an experiment has no column for.
_NOT_KEPT = ("kind", "year", "reassessment")
_MOST = 50


@transaction.atomic
def add_experiment(
    sheet: ChecklistSheet,
    entry: Entry,
    *,
    client_id: uuid.UUID,
    values: Values,
    actor: Actor | None,
) -> SiteExperiment:
    """Judge and keep an experiment; the same ``client_id`` again gives the first one.

    Raises ValidationError when the formulas refuse the entry, TransitionError when the visit is not
    being filled in.
    """
    require_filling(sheet.task)
    if known := SiteExperiment.objects.filter(client_id=client_id, sheet=sheet).first():
        return known
    last = SiteExperiment.objects.filter(sheet=sheet).aggregate(last=Max("place"))["last"] or 0
    if last >= _MOST:
        raise ValidationError(f"一份检查表最多{_MOST}项现场实验。", code="too_many")
    row = SiteExperiment(sheet=sheet, place=last + 1, client_id=client_id, saved_by=actor, **values)
    found = _columns(row, entry, str(values["subject"]))
    for name, value in found.items():
        setattr(row, name, value)
    row.save(force_insert=True)
    told = labelled(row, {name: [None, value] for name, value in (dict(values) | found).items()})
    audit.record(
        row,
        actor=actor,
        action="sheet.add_experiment",
        label="记录现场实验",
        after={label: new for label, (_, new) in told.items() if new},
    )
    return row


@transaction.atomic
def update_experiment(
    row: SiteExperiment, entry: Entry, *, base_version: int, values: Values, actor: Actor | None
) -> None:
    """Correct an experiment and judge it anew; an old page is refused with both values."""
    require_filling(row.sheet.task)
    _require_standing(row)
    write_changes(
        row,
        base_version=base_version,
        values={**values, **_columns(row, entry, str(values["subject"])), "saved_by": actor},
        actor=actor,
        action="sheet.edit_experiment",
        label="更正现场实验",
    )


@transaction.atomic
def withdraw_experiment(row: SiteExperiment, *, actor: Actor | None) -> None:
    """Take an experiment off the sheet; it stays stored and in the trail."""
    require_filling(row.sheet.task)
    if SiteExperiment.objects.filter(pk=row.pk, withdrawn_at=None).update(withdrawn_at=clock.now()):
        audit.record(row, actor=actor, action="sheet.withdraw_experiment", label="撤下现场实验")


@transaction.atomic
def save_environment(
    sheet: ChecklistSheet, values: Values, *, base_version: int, actor: Actor | None
) -> None:
    """Keep the environment of the visit; an old page is refused with both values."""
    require_filling(sheet.task)
    row, _ = SiteEnvironment.objects.get_or_create(sheet=sheet)
    write_changes(
        row,
        base_version=base_version,
        values={**values, "saved_by": actor},
        actor=actor,
        action="sheet.environment",
        label="记录现场环境",
    )


def _require_standing(row: SiteExperiment) -> None:
    if SiteExperiment.objects.filter(pk=row.pk, withdrawn_at=None).exists():
        return
    raise ValidationError("这项现场实验已被撤下，请重新登记。", code="withdrawn")


def _columns(row: SiteExperiment, entry: Entry, subject: str) -> dict[str, object]:
    """Every column the entry decides. What the register knew is kept with it: the record stays as signed."""
    for name in ("u_lab", "u_ref"):
        if getattr(entry.given, name) == 0:
            raise ValidationError({name: ["扩展不确定度应当大于零。"]})
    if not entry.groups:
        raise ValidationError("没有读数。请至少填写一组试验日期和读数。", code="too_few")
    day = entry.groups[-1].on
    draft = CapabilityTest(
        standard=row.standard,
        kind=entry.method.kind,
        year=day.year,
        tested_on=day,
        subject=subject,
    )
    past = history_of(draft, series_of(draft))
    given = dataclasses.replace(
        entry.given,
        established=entry.given.established
        if entry.given.established is not None
        else past.established,
        previous=entry.given.previous if entry.given.previous is not None else past.previous,
        previous_year=entry.given.previous_year or past.previous_year,
    )
    found = computed(draft, dataclasses.replace(entry, given=given), tested_on=day)
    return {name: value for name, value in found.items() if name not in _NOT_KEPT}
