"""One value for one field of many records, seen before it is written and taken back while untouched.

Every record changed gets a trail row and a new version, so that whoever edits it meanwhile is told.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Cast

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict
from metrostd.registry.enums import Category, OperatingStatus, PriorityDomain, Regime, UnitType
from metrostd.registry.extension import unit_moved
from metrostd.registry.models import (
    Authority,
    BulkEdit,
    MeasurementStandard,
    ProfessionalField,
    StandardDomain,
    Unit,
)
from metrostd.registry.past_domains import keep_earlier

CHUNK = 500
_SKIPPED_SHOWN = 200
MODELS: dict[str, type[Unit] | type[MeasurementStandard]] = {
    "unit": Unit,
    "standard": MeasurementStandard,
}
DOMAIN_ADD, DOMAIN_REMOVE = "domain_add", "domain_remove"
#: What the office that may change a record is read from, by kind.
_JUDGED_BY = {
    "unit": ("territorial_authority_id",),
    "standard": ("issuing_authority_id", "hosting_authority_id", "unit_id"),
}
Progress = Callable[[int, int, str], None]
_T = TypeVar("_T")
#: A record's key, as it is or as JSON keeps it.
Key = int | str
#: What a field is to hold: a text, or whether the standard belongs to the domain.
Target = str | bool
# Any: a unit or a standard with ``old``, what the change is about as it is now
_Row = Any
#: Whether a person may change a record: a unit or a standard, whichever the kind says.
Judge = Callable[[Any], Verdict]  # Any: as ``_Row``


@dataclass(frozen=True, slots=True)
class Option:
    """One field with the values it may be set to."""

    field: str
    label: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A field and the value it is to have; ``words`` reads 类别改为“其他”."""

    kind: str
    field: str
    value: str
    label: str
    value_label: str
    #: Every value of the field by what it is called.
    labels: dict[str, str]

    @property
    def is_domain(self) -> bool:
        return self.field in (DOMAIN_ADD, DOMAIN_REMOVE)

    @property
    def words(self) -> str:
        return (
            f"{self.label}“{self.value_label}”"
            if self.is_domain
            else (f"{self.label}改为“{self.value_label}”")
        )


@dataclass(frozen=True, slots=True)
class BulkPreview:
    """How many records change from what to what, how many have the value, how many may not change."""

    change: Change
    groups: list[tuple[str, str, int]]
    unchanged: int
    refused: list[tuple[str, int]]

    @property
    def count(self) -> int:
        return sum(count for _, _, count in self.groups)


def options(kind: str) -> list[Option]:
    """Fields of this kind of record that make sense for many at once."""
    if kind == "unit":
        districts = Authority.objects.districts().values_list("pk", "short_name")
        return [
            Option("operating_status", "经营状态", tuple(OperatingStatus.choices)),
            Option("territorial_authority", "属地区局", _keys(districts)),
            Option("unit_type", "单位类型", tuple(UnitType.choices)),
        ]
    fields = ProfessionalField.objects.values_list("pk", "name")
    offices = Authority.objects.values_list("pk", "short_name")
    domains = tuple(PriorityDomain.choices)
    return [
        Option(DOMAIN_ADD, "加入重点领域", domains),
        Option(DOMAIN_REMOVE, "移出重点领域", domains),
        Option("field", "专业计量领域", _keys(fields)),
        Option("category", "计量标准类别", tuple(Category.choices)),
        Option("regime", "管理方式", tuple(Regime.choices)),
        Option("hosting_authority", "主持考核部门", _keys(offices)),
    ]


def read_change(kind: str, text: str) -> Change | None:
    """``field:value`` as the form sends it; None for anything that is not offered."""
    name, _, value = text.partition(":")
    for option in options(kind):
        if option.field == name and (label := dict(option.values).get(value)):
            return Change(kind, name, value, option.label, str(label), dict(option.values))
    return None


def preview_bulk(rows: QuerySet, change: Change, judge: Judge) -> BulkPreview:
    """What the change would do to these rows: one grouping, whatever their number.

    ``judge`` says of a record whether the person may change it.
    """
    columns = _JUDGED_BY[change.kind]
    grouped = _with_old(rows.order_by(), change).values("old", *columns)
    groups: Counter[tuple[str, str]] = Counter()
    refused: Counter[str] = Counter()
    unchanged = 0
    for row in grouped.annotate(n=models.Count("pk")):
        old, count = row.pop("old"), row.pop("n")
        if not (verdict := judge(MODELS[change.kind](**row))):
            refused[verdict.reason] += count
        elif old == _target(change):
            unchanged += count
        else:
            groups[_words(change, old), _words(change, _target(change))] += count
    return BulkPreview(
        change,
        [(old, new, count) for (old, new), count in groups.most_common()],
        unchanged,
        refused.most_common(),
    )


def prepare_bulk(rows: QuerySet, change: Change, judge: Judge, *, actor: Actor | None) -> BulkEdit:
    """Keep which records are to change and which may not, as the person's scope is now."""
    wanted, skipped = [], []
    for row in _with_old(rows, change).only("pk", "name", *_JUDGED_BY[change.kind]):
        if not (verdict := judge(row)):
            skipped.append([str(row), verdict.reason])
        elif row.old != _target(change):
            wanted.append(row.pk)
    if not wanted:
        raise ValidationError("没有需要修改的记录。")
    edit = BulkEdit.objects.create(
        kind=change.kind,
        field=change.field,
        value=change.value,
        words=change.words,
        wanted=wanted,
        skipped=skipped[:_SKIPPED_SHOWN],
        made_by=actor,
    )
    after = {"words": change.words, "count": len(wanted), "skipped": len(skipped)}
    audit.record(edit, actor=actor, action="bulk_edit.prepare", label="提交批量修改", after=after)
    return edit


@transaction.atomic
def apply_bulk(edit: BulkEdit, *, progress: Progress = lambda *_: None) -> int:
    """Write what was prepared, all or nothing; returns how many records changed."""
    made_by = edit.made_by  # in the capacity in which this person acts now
    edit = BulkEdit.objects.select_for_update(of=("self",)).get(pk=edit.pk)
    if edit.applied_at:
        return len(edit.changes)
    edit.made_by = made_by
    change = read_change(edit.kind, f"{edit.field}:{edit.value}")
    if change is None:
        raise ValidationError("这个项目或取值已不存在，请重新选择。")
    groups: Counter[tuple[str, str]] = Counter()
    for rows in _chunks(edit.wanted):
        for row in _write(change, rows, _target(change), edit):
            edit.changes[str(row.pk)] = [row.old, row.version]
            groups[_words(change, row.old), _words(change, _target(change))] += 1
        progress(len(edit.changes), len(edit.wanted), edit.words)
    _follow(change, edit.changes, actor=edit.made_by)
    edit.summary = [[old, new, count] for (old, new), count in groups.most_common()]
    edit.applied_at = clock.now()
    edit.save(update_fields=["changes", "summary", "applied_at"])
    return len(edit.changes)


def against_undoing_bulk(edit: BulkEdit) -> str:
    """Why a bulk edit can no longer be taken back; empty when it can."""
    if edit.undone_at or not edit.applied_at:
        return "已经撤回。" if edit.undone_at else "还没有执行。"
    later = BulkEdit.objects.filter(
        made_by=edit.made_by, pk__gt=edit.pk, applied_at__isnull=False, undone_at=None
    )
    if later.exists():
        return "只能撤回最近一次批量修改。"
    touched = 0
    for pks in _chunks(list(edit.changes)):
        rows = MODELS[edit.kind]._base_manager.filter(pk__in=pks).values_list("pk", "version")
        touched += sum(edit.changes[str(pk)][1] != version for pk, version in rows)
    return f"其中 {touched} 条后来又有改动，不能整批撤回。" if touched else ""


@transaction.atomic
def undo_bulk(edit: BulkEdit, *, actor: Actor | None) -> None:
    """Give every record its value back; ValidationError once one of them was changed again."""
    edit = BulkEdit.objects.select_for_update(of=("self",)).get(pk=edit.pk)
    if reason := against_undoing_bulk(edit):
        raise ValidationError(reason)
    change = read_change(edit.kind, f"{edit.field}:{edit.value}")
    if change is None:
        raise ValidationError("这个项目或取值已不存在，不能撤回。")
    edit.made_by = actor
    by_value: dict[Target, list[str]] = {}
    for pk, (old, _) in edit.changes.items():
        by_value.setdefault(old, []).append(pk)
    for old, pks in by_value.items():
        for part in _chunks(pks):
            for _ in _write(change, part, old, edit, label="撤回批量修改"):
                pass
    _follow(change, edit.changes, actor=actor)
    BulkEdit.objects.filter(pk=edit.pk).update(undone_at=clock.now())


def _write(
    change: Change, pks: Iterable[Key], target: Target, edit: BulkEdit, *, label: str = "批量修改"
) -> list[_Row]:
    """Set these rows, held, to ``target``; returns them with ``old`` and their new version."""
    model = MODELS[change.kind]
    held = model._base_manager.select_for_update(of=("self",)).filter(pk__in=list(pks))
    rows: list[_Row] = [r for r in _with_old(held.order_by("pk"), change) if r.old != target]
    found = model._base_manager.filter(pk__in=[row.pk for row in rows])
    if change.is_domain:
        domains = StandardDomain.objects.filter(standard__in=rows, domain=change.value)
        if target:
            StandardDomain.objects.bulk_create(
                StandardDomain(standard=row, domain=change.value) for row in rows
            )
        else:
            domains.delete()
        keep_earlier([row.pk for row in rows], change.value, was=not target)
        found.update(version=F("version") + 1)
    else:
        column = model._meta.get_field(change.field).attname  # type: ignore[union-attr]
        found.update(**{column: target, "version": F("version") + 1})
    name = change.label if not change.is_domain else "重点领域"
    entries = []
    for row in rows:
        row.version += 1
        entries.append(
            audit.entry(
                row,
                actor=edit.made_by,
                action="registry.bulk_edit",
                label=label,
                before={name: _words(change, row.old)},
                after={name: _words(change, target)},
                note=name,
            )
        )
    audit.AuditEntry.objects.bulk_create(entries, batch_size=CHUNK)
    return rows


def _follow(change: Change, pks: Iterable[Key], *, actor: Actor | None) -> None:
    """Units in another district: what the form of one unit does for it."""
    if change.field == "territorial_authority":
        units = Unit.objects.filter(pk__in=list(pks)).select_related("territorial_authority")
        for unit in units.order_by("pk"):
            unit_moved(unit, actor=actor)


def _with_old(rows: QuerySet, change: Change) -> QuerySet:
    """The rows with the value the change is about, as text or as whether they have the domain."""
    if change.is_domain:
        has = StandardDomain.objects.filter(standard=OuterRef("pk"), domain=change.value)
        return rows.annotate(old=Exists(has))
    column = MODELS[change.kind]._meta.get_field(change.field)
    if column.is_relation:
        return rows.annotate(old=Cast(column.attname, models.CharField()))  # type: ignore[union-attr]
    return rows.annotate(old=F(change.field))


def _target(change: Change) -> Target:
    return change.field == DOMAIN_ADD if change.is_domain else change.value


def _words(change: Change, value: Target | None) -> str:
    if change.is_domain:
        return f"属于{change.value_label}" if value else f"不属于{change.value_label}"
    return str(change.labels.get(str(value), value or "（空）"))


def _keys(rows: Iterable[tuple[int, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(pk), name) for pk, name in rows)


def _chunks(items: list[_T]) -> Iterable[list[_T]]:
    return (items[start : start + CHUNK] for start in range(0, len(items), CHUNK))
