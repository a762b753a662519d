"""Corrections to the register by hand. Two persons editing one record: the second sees both values."""

import datetime as dt
from typing import Any, cast

from django.db import models, transaction

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.saves import asked_again
from metrostd.common.shapes import Values
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.text import name_key
from metrostd.registry.enums import PriorityDomain
from metrostd.registry.extension import scope_decided, unit_moved
from metrostd.registry.models import FormerName, MeasurementStandard, StandardDomain, Unit
from metrostd.registry.names import Searched, set_keys
from metrostd.registry.past_domains import keep_earlier


@transaction.atomic
def update_unit(unit: Unit, *, base_version: int, values: Values, actor: Actor | None) -> list[str]:
    """Write changed fields of a unit; returns what follows elsewhere, as sentences.

    A new name moves the old one to the former names; in a new district its rows and its visit
    follow (``unit_moved``). Raises StaleError with both values when the record is newer than
    ``base_version``, ValidationError when it is refused.
    """
    changes = write_changes(unit, base_version=base_version, values=values, actor=actor)
    if "name" in changes:
        _rename(unit, str(changes["name"][0]))
    return unit_moved(unit, actor=actor) if "territorial_authority" in changes else []


def update_standard(
    standard: MeasurementStandard,
    *,
    base_version: int,
    values: Values,
    domains: list[str],
    actor: Actor | None,
) -> dict[str, list[str]]:
    """Write changed fields and priority domains of a standard; returns old and new by label.

    Raises StaleError with both values when the record is newer than ``base_version``.
    """
    with transaction.atomic():
        old = sorted(row.domain for row in standard.priority_domains.all())
        new = sorted(domains)
        extra = {"重点领域": [_domains(old), _domains(new)]} if old != new else {}
        changes = write_changes(
            standard, base_version=base_version, values=values, actor=actor, extra=extra
        )
        if extra:
            standard.priority_domains.all().delete()
            StandardDomain.objects.bulk_create(
                StandardDomain(standard=standard, domain=domain) for domain in domains
            )
            for domain in {*old} ^ {*new}:
                keep_earlier([standard.pk], domain, was=domain in old)
        return labelled(standard, changes) | extra


@transaction.atomic
def decide_scope(
    standard: MeasurementStandard, *, base_version: int, values: Values, actor: Actor | None
) -> list[str]:
    """Say with a reason whether a standard is inspected; undone by saying the other thing.

    Returns what running campaigns have to say about it. Raises StaleError when the record is newer.
    """
    changes = write_changes(standard, base_version=base_version, values=values, actor=actor)
    return scope_decided(standard, actor=actor) if "in_scope" in changes else []


@transaction.atomic
def create_record(obj: models.Model, *, actor: Actor | None) -> None:
    """Insert a new record of the register; the trail keeps its values by their labels.

    Raises ValidationError when it is refused, also by what a colleague entered at the same moment.
    """
    obj.full_clean()
    if hasattr(obj, "name_key"):
        set_keys(cast(Searched, obj))
    with asked_again(obj.validate_constraints):
        obj.save(force_insert=True)
    columns = (f for f in obj._meta.concrete_fields if f.editable and not f.primary_key)
    values = {f.name: getattr(obj, f.name) for f in columns}
    after = labelled(obj, {name: [None, value] for name, value in values.items()})
    audit.record(
        obj,
        actor=actor,
        action="registry.create",
        label="登记",
        after={label: new for label, (_, new) in after.items() if new},
    )


@transaction.atomic
def write_changes(
    obj: models.Model,
    *,
    base_version: int,
    values: Values,
    actor: Actor | None,
    extra: dict[str, list[str]] | None = None,
    action: str = "registry.edit",
    label: str = "修改资料",
) -> dict[str, list[object]]:
    """Write the fields of a versioned record that differ; returns old and new by field name.

    ``extra`` names changes outside the row (label to old and new) that belong to the same trail
    entry. Raises StaleError with both values when the record is newer than ``base_version``,
    ValidationError when a colleague entered the same at the same moment.
    """
    model = type(obj)
    # Any: a record of any table that counts its versions
    current: Any = model._base_manager.select_for_update().get(pk=obj.pk)
    changes = {
        name: [getattr(current, name), new]
        for name, new in values.items()
        if getattr(current, name) != new
    }
    if current.version != base_version:
        raise StaleError(
            f"“{current}”已被他人修改，请核对双方的内容后再保存。",
            payload={
                "version": current.version,
                "fields": labelled(obj, changes),
            },
        )
    if not changes and not extra:
        return {}
    for name, (_, new) in changes.items():
        setattr(current, name, new)
    derived = ["name_key", "pinyin"] if "name" in changes and hasattr(current, "name_key") else []
    if derived:
        set_keys(current)
    current.version += 1
    with asked_again(current.validate_constraints):
        current.save(update_fields=[*changes, *derived, "version"])
    words = labelled(obj, changes) | (extra or {})
    audit.record(
        current,
        actor=actor,
        action=action,
        label=label,
        before={name: old for name, (old, _) in words.items()},
        after={name: new for name, (_, new) in words.items()},
        note="；".join(words),
    )
    obj.refresh_from_db()
    return changes


def _domains(values: list[str]) -> str:
    return "、".join(PriorityDomain(value).label for value in values)


def _rename(unit: Unit, old: str) -> None:
    if name_key(old) != unit.name_key:
        FormerName.objects.get_or_create(unit=unit, name_key=name_key(old), defaults={"name": old})
    unit.former_names.filter(name_key=unit.name_key).delete()


def labelled(obj: models.Model, changes: dict[str, list[object]]) -> dict[str, list[str]]:
    """Changes by the label people know, values as people read them."""
    found = {}
    for name, (old, new) in changes.items():
        field = cast(models.Field, obj._meta.get_field(name))
        label = str(getattr(field, "verbose_name", name))
        found[label] = [_words(obj, field, old), _words(obj, field, new)]
    return found


def _words(obj: models.Model, field: models.Field, value: object) -> str:
    """A value as people read it; a model may say more about its own (``value_in_words``)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return str(cn_date(value))
    if (told := getattr(obj, "value_in_words", None)) and (text := told(field.name, value)):
        return str(text)
    if isinstance(value, list):
        choices = field.model.LISTS[field.name]  # type: ignore[attr-defined]
        return "、".join(choices(code).label for code in value)
    choices = dict(getattr(field, "flatchoices", ()) or ())
    return str(choices.get(value, value))
