"""Two rows for one body become one, with everything that refers to the one that goes.

The row merged away stays as a tombstone with its own values: frozen frames and old draws name it by
id and must be recomputable for ever (``manage.py verify_draw``), so they are left alone; every other
relation follows. What cannot follow is a reason against the merge, said before anything is written.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Field

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.shapes import Values
from metrostd.common.text import name_key
from metrostd.registry.extension import merge_objections, unit_moved
from metrostd.registry.models import FormerName, Unit, UnitMerge
from metrostd.registry.names import set_keys

from .editing import labelled
from .relations import Relation, relations

_SHOWN = 6
_CHUNK = 900


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of both records; ``suggest_gone`` when only the one that goes has a value."""

    name: str
    label: str
    kept: str
    given: str
    differs: bool
    suggest_gone: bool


@dataclass(frozen=True, slots=True)
class MergePreview:
    """What a merge would do: fields to choose from, rows that follow and that stay, reasons against."""

    choices: list[Choice]
    follow: list[tuple[str, int]]
    stay: list[tuple[str, int]]
    reasons: list[str]


def preview_merge(survivor: Unit, gone: Unit) -> MergePreview:
    """Compare two units and count what refers to the one that would go; nothing is written."""
    follow: dict[str, int] = {}
    stay: dict[str, int] = {}
    for relation in relations():
        if count := relation.rows(gone).count():
            found = stay if relation.is_frozen else follow
            found[relation.label] = found.get(relation.label, 0) + count
    return MergePreview(
        [_choice(field, survivor, gone) for field in merge_fields()],
        list(follow.items()),
        list(stay.items()),
        objections(survivor, gone),
    )


def merge_fields() -> list[Field]:
    """The facts of a unit a person chooses between: every column edited by hand."""
    return [f for f in Unit._meta.concrete_fields if f.editable and not f.primary_key]


def objections(survivor: Unit, gone: Unit) -> list[str]:
    """Everything against this merge, as sentences; none when it can be done."""
    if survivor.pk == gone.pk:
        return ["不能与自己合并。"]
    reasons = [f"“{unit}”已经并入其他单位。" for unit in (survivor, gone) if unit.merged_into_id]
    for relation in relations():
        if relation.is_frozen:
            continue
        for row, other in relation.clashes(survivor, gone):
            if relation.stays is None:
                reasons.append(
                    f"两家单位各有一份{relation.label}：“{row}”与“{other}”，合并后只能有一份。"
                )
            elif _loses(row, other, relation.stays):
                reasons.append(f"{relation.label}“{other}”已停用，请先恢复，再合并。")
    return (reasons + merge_objections(survivor, gone))[:_SHOWN]


@transaction.atomic
def merge_units(
    survivor: Unit,
    gone: Unit,
    *,
    versions: tuple[int, int],
    take: Collection[str],
    actor: Actor | None,
    note: str,
) -> tuple[UnitMerge, list[str]]:
    """Merge ``gone`` into ``survivor``, which takes the fields named in ``take`` from it.

    ``versions`` are those the person compared; ``note`` is why, kept in the trail of both. What
    came from another district goes where the survivor is (``unit_moved``), in the sentences returned.
    Raises StaleError when either record is newer, ValidationError with every reason against the
    merge, or when nobody says why. One trail entry on each of the two.
    """
    survivor, gone = _held(survivor, gone, versions)
    if not (note := note.strip()):
        raise ValidationError("请填写合并理由。")
    chosen = [f for f in merge_fields() if f.name in take]
    changes = {
        f.name: [getattr(survivor, f.name), getattr(gone, f.name)]
        for f in chosen
        if getattr(survivor, f.attname) != getattr(gone, f.attname)
    }
    merge = UnitMerge(
        survivor=survivor,
        gone=gone,
        before={f.name: getattr(survivor, f.attname) for f in chosen if f.name in changes},
        note=note,
        merged_by=actor,
        survivor_version=survivor.version + 1,
        gone_version=gone.version + 1,
    )
    gone.merged_into, gone.version = survivor, gone.version + 1
    gone.save(update_fields=["merged_into", "version"])
    old_name, districts = survivor.name, districts_of(survivor, gone)
    for name, (_, new) in changes.items():
        setattr(survivor, name, new)
    set_keys(survivor)
    survivor.version += 1
    survivor.save(update_fields=[*changes, "name_key", "pinyin", "version"])
    followed = _follow(survivor, gone, merge)
    _keep_names(survivor, {old_name, gone.name}, merge)
    merge.counts = counts(survivor)
    merge.save(force_insert=True)
    _tell_trail(merge, words=labelled(survivor, changes), followed=followed)
    home = districts_of(survivor)
    return merge, unit_moved(survivor, actor=actor) if home and districts - home else []


def _held(survivor: Unit, gone: Unit, versions: tuple[int, int]) -> tuple[Unit, Unit]:
    """The two records kept from others; raises what speaks against their merge as they are now."""
    pks = sorted((survivor.pk, gone.pk))
    locked = Unit.with_merged.select_for_update().order_by("pk").in_bulk(pks)
    survivor, gone = locked[survivor.pk], locked[gone.pk]
    if reasons := objections(survivor, gone):
        raise ValidationError(reasons)
    if (survivor.version, gone.version) != versions:
        raise StaleError("这两家单位的资料刚刚有改动，请重新核对后再合并。")
    return survivor, gone


def _tell_trail(
    merge: UnitMerge, *, words: Mapping[str, list[str]], followed: Mapping[str, int]
) -> None:
    """One entry on each of the two: what changed and what came along, where it went."""
    survivor, gone, actor = merge.survivor, merge.gone, merge.merged_by
    moved = "、".join(f"{label} {count}" for label, count in followed.items())
    audit.record(
        survivor,
        actor=actor,
        action="registry.merge",
        label="合并单位",
        before={label: old for label, (old, _) in words.items()},
        after={label: new for label, (_, new) in words.items()},
        note="；".join(filter(None, (f"并入“{gone}”", moved and f"转入{moved}", merge.note))),
    )
    audit.record(
        gone,
        actor=actor,
        action="registry.merged_away",
        label="并入其他单位",
        note=f"并入“{survivor}”；{merge.note}",
    )


def districts_of(*units: Unit) -> set[int]:
    """Where these units are; of one without a district nothing follows."""
    return {u.territorial_authority_id for u in units if u.territorial_authority_id}


def _choice(field: Field, survivor: Unit, gone: Unit) -> Choice:
    kept, given = getattr(survivor, field.attname), getattr(gone, field.attname)
    pair = [getattr(survivor, field.name), getattr(gone, field.name)]
    (label, (old, new)), *_ = labelled(survivor, {field.name: pair}).items()
    return Choice(field.name, label, old, new, kept != given, kept in (None, "") and bool(given))


def _loses(row: models.Model, other: models.Model, ending: Values) -> bool:
    """Whether a row that works would give way to one that was ended."""
    names = ending.items()
    return any(getattr(row, n) != v and getattr(other, n) == v for n, v in names)


def _follow(survivor: Unit, gone: Unit, merge: UnitMerge) -> dict[str, int]:
    """Point every row that is not evidence at the survivor; what moved goes into the record."""
    found: dict[str, int] = {}
    for relation in relations():
        if relation.is_frozen:
            continue
        left = [row for row, _ in relation.clashes(survivor, gone)]
        rows = relation.rows(gone).exclude(pk__in=[row.pk for row in left])
        pks = list(rows.order_by("pk").values_list("pk", flat=True))
        ending = relation.stays or {}
        if left:
            merge.stayed[relation.key] = {
                str(row.pk): {name: getattr(row, name) for name in ending} for row in left
            }
            if ending:
                relation.rows(gone).filter(pk__in=[row.pk for row in left]).update(**ending)
        if pks:
            point(relation, pks, survivor)
            merge.moved[relation.key] = pks
            found[relation.label] = found.get(relation.label, 0) + len(pks)
    return found


def point(relation: Relation, pks: list[int], unit: Unit) -> None:
    """Make these rows refer to a unit."""
    for start in range(0, len(pks), _CHUNK):
        rows = relation.model._base_manager.filter(pk__in=pks[start : start + _CHUNK])
        rows.update(**{relation.column: unit.pk})


def _keep_names(survivor: Unit, names: set[str], merge: UnitMerge) -> None:
    for name in sorted(names):
        if name_key(name) != survivor.name_key:
            row, made = FormerName.objects.get_or_create(
                unit=survivor, name_key=name_key(name), defaults={"name": name}
            )
            if made:
                merge.names_made.append(row.pk)
    same = survivor.former_names.filter(name_key=survivor.name_key)
    came = set(merge.moved.get("registry.FormerName.unit", ()))
    merge.names_dropped = [[row.name, row.pk in came] for row in same]
    same.delete()


def counts(survivor: Unit) -> dict[str, int]:
    """How many rows of every relation that follows refer to a unit, by relation."""
    return {r.key: r.rows(survivor).count() for r in relations() if not r.is_frozen}
