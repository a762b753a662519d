"""Taking a merge back while nothing has changed since: what moved returns, what was taken over too."""

from typing import cast

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Field

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.text import name_key
from metrostd.registry.extension import units_moved
from metrostd.registry.models import FormerName, Unit, UnitMerge
from metrostd.registry.names import set_keys

from .editing import labelled
from .merging import counts, districts_of, point
from .relations import relations


def against_undoing(merge: UnitMerge) -> list[str]:
    """Why a merge can no longer be taken back, as sentences; none when it can."""
    survivor, gone = merge.survivor, merge.gone
    if merge.undone_at:
        return ["合并已经撤回。"]
    if gone.merged_into_id != survivor.pk or survivor.merged_into_id:
        return [f"“{survivor}”后来又并入了其他单位，请先撤回那次合并。"]
    reasons = []
    if (survivor.version, gone.version) != (merge.survivor_version, merge.gone_version):
        reasons.append(f"合并后“{survivor}”的资料又有改动。")
    now = counts(survivor)
    labels = {relation.key: relation.label for relation in relations()}
    for key, count in now.items():
        if merge.counts.get(key, 0) != count:
            reasons.append(f"合并后“{survivor}”的{labels[key]}有增减。")
    return reasons


@transaction.atomic
def undo_merge(merge: UnitMerge, *, actor: Actor | None, note: str) -> None:
    """Make two units of one again.

    ValidationError without a reason, or with every reason why it is too late. One trail entry on
    each of the two.
    """
    if not note.strip():
        raise ValidationError({"note": "请说明理由。"})
    merge = UnitMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    pks = sorted((merge.survivor_id, merge.gone_id))
    locked = Unit.with_merged.select_for_update().order_by("pk").in_bulk(pks)
    merge.survivor, merge.gone = locked[merge.survivor_id], locked[merge.gone_id]
    if reasons := against_undoing(merge):
        raise ValidationError(reasons)
    survivor, gone = merge.survivor, merge.gone
    _give_back(merge)
    changes = {}
    for name, old in merge.before.items():
        field = cast(Field, Unit._meta.get_field(name))
        now = getattr(survivor, name)
        setattr(survivor, field.attname, old if field.is_relation else field.to_python(old))
        changes[name] = [now, getattr(survivor, name)]
    set_keys(survivor)
    survivor.version += 1
    survivor.save(update_fields=[*changes, "name_key", "pinyin", "version"])
    gone.merged_into, gone.version = None, gone.version + 1
    gone.save(update_fields=["merged_into", "version"])
    if len(districts_of(survivor, gone)) > 1 or "territorial_authority" in changes:
        units_moved(Unit.objects.filter(pk__in=pks), actor=actor)
    merge.undone_at = clock.now()
    merge.save(update_fields=["undone_at"])
    words = labelled(survivor, changes)
    for unit, other in ((survivor, gone), (gone, survivor)):
        audit.record(
            unit,
            actor=actor,
            action="registry.unmerge",
            label="撤回合并",
            before={label: old for label, (old, _) in words.items()} if unit is survivor else None,
            after={label: new for label, (_, new) in words.items()} if unit is survivor else None,
            note=f"与“{other}”重新分为两家单位；{note.strip()}",
        )


def _give_back(merge: UnitMerge) -> None:
    FormerName.objects.filter(pk__in=merge.names_made).delete()
    for relation in relations():
        if pks := merge.moved.get(relation.key):
            point(relation, pks, merge.gone)
        for pk, values in merge.stayed.get(relation.key, {}).items():
            if values:
                relation.model._base_manager.filter(pk=pk).update(**values)
    for name, was_gone in merge.names_dropped:
        unit = merge.gone if was_gone else merge.survivor
        FormerName.objects.create(unit=unit, name=name, name_key=name_key(name))
