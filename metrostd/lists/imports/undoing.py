"""Taking a committed list back: what it created is deleted, what it changed gets its old values.

Where one connection writes at a time, a long list is taken back in slices, so that nobody waits for the
whole of it. A worker that dies leaves it begun (``ImportBatch.undo_begun``): the next goes on from there.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet

from metrostd.common import audit, table_statistics, turns
from metrostd.common.actors import Actor
from metrostd.lists.moves.imports import RESTORE, UNDO, move_certificates
from metrostd.lists.services import hand_overs
from metrostd.registry.enums import RowChange
from metrostd.registry.extension import units_moved
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

from . import aside
from .bulk import trail
from .references import references
from .register import CHUNK, Register, chunks
from .resources import ListResource
from .tables import Tables
from .writing import Progress, silent

#: Reasons named when a list cannot be taken back.
_SHOWN = 5
#: Lists of more rows than this are taken back in slices.
LONG = 2000
#: Rows of a slice: few enough for a machine that has other work, too.
SLICE = 200


def undo_import(
    batch: ImportBatch, *, actor: Actor | None, note: str, progress: Progress | None = None
) -> None:
    """Take a list back as a whole; ``progress`` is told how far it is.

    A long one on SQLite in slices: what somebody refers to meanwhile stops it where it is, and the
    next attempt goes on.
    Raises TransitionError unless it is committed, ValidationError without a reason, ValidationError
    naming the districts that have acknowledged their rows, and ValidationError naming what refers to
    it once anything stands on a row it created or a value it changed was changed again.
    """
    try:
        if note.strip() and aside.is_needed() and batch.rows.count() > LONG:
            _undo_in_slices(batch, actor=actor, note=note, progress=progress or silent)
        else:
            _undo(batch, actor=actor, note=note, progress=progress or silent)
    except Exception:
        batch.refresh_from_db()
        raise


@transaction.atomic
def _undo(batch: ImportBatch, *, actor: Actor | None, note: str, progress: Progress) -> None:
    begun = batch.undo_begun
    _end(batch, actor=actor, note=note)
    if not begun:
        hand_overs.withdraw(batch, actor=actor, note=note)
    undoing = _Undoing(batch, actor=actor, progress=progress, resumed=begun)
    if not begun:
        undoing.require_unused()
    undoing.run()
    _follow(batch, actor=actor)


def _undo_in_slices(
    batch: ImportBatch, *, actor: Actor | None, note: str, progress: Progress
) -> None:
    UNDO.check(batch)
    with turns.only_reading():
        undoing = _Undoing(
            batch, actor=actor, progress=progress, slices=turns.turn, resumed=batch.undo_begun
        )
        if not batch.undo_begun:
            undoing.require_unused()
    if not batch.undo_begun:
        _begin(batch, actor=actor, note=note)
    undoing.run()
    with transaction.atomic():
        _end(batch, actor=actor, note=note)
        _follow(batch, actor=actor)


@transaction.atomic
def _begin(batch: ImportBatch, *, actor: Actor | None, note: str) -> None:
    """From here on nobody signs for its rows, and whoever takes it back goes on with this."""
    batch.refresh_from_db()
    UNDO.check(batch)
    hand_overs.withdraw(batch, actor=actor, note=note)
    batch.summary["undo_begun"] = True
    batch.save(update_fields=["summary"])
    audit.record(batch, actor=actor, action="import.undo_begin", label="开始撤回", note=note)


def _end(batch: ImportBatch, *, actor: Actor | None, note: str) -> None:
    summary = {key: value for key, value in batch.summary.items() if key != "undo_begun"}
    UNDO.apply(batch, actor=actor, note=note, summary=summary)


def _follow(batch: ImportBatch, *, actor: Actor | None) -> None:
    moved = batch.rows.filter(differences__has_key="district").values("unit")
    units_moved(Unit.objects.filter(pk__in=moved), actor=actor)
    table_statistics.refresh_soon()


class _Undoing:
    """Works on some hundred rows at a time: of all the others only keys are held.

    ``slices`` commits each of these parts; then each is looked at again before it is worked on.
    """

    def __init__(
        self,
        batch: ImportBatch,
        *,
        actor: Actor | None,
        progress: Progress,
        slices: Callable[[], AbstractContextManager[None]] = nullcontext,
        resumed: bool = False,
    ) -> None:
        self._batch = batch
        self._actor = actor
        self._progress = progress
        self._slices = slices
        self._looks_again = resumed or slices is not nullcontext
        self._size = CHUNK if slices is nullcontext else SLICE
        self._tables = Tables.of(Register(set(), set()))
        new = batch.rows.order_by()
        self._units = _keys(new.filter(unit_change=RowChange.NEW), "unit_id")
        self._standards = _keys(new.filter(change=RowChange.NEW), "standard_id")
        self._changed = list(
            batch.rows.exclude(differences={}).order_by("pk").values_list("pk", flat=True)
        )
        #: The current certificates of the rows worked on, by standard.
        self._certificates: dict[int, StandardCertificate] = {}

    def run(self) -> None:
        self._total = len(self._changed) + len(self._standards) + len(self._units)
        self._done = 0
        for part in chunks(self._changed, self._size):
            self._tell("恢复变更的内容", 0)
            with self._slices():
                self._restore(self._rows(part))
            self._tell("恢复变更的内容", len(part))
        self._delete()

    def _restore(self, rows: list[ImportRow]) -> None:
        if self._looks_again:
            rows = [row for row in rows if not self._is_as_before(row)]
            _require_none(self._changed_again(rows))
        self._restore_units([r for r in rows if r.unit and r.unit_change == RowChange.CHANGED])
        self._restore_standards([r for r in rows if r.standard_id not in self._standards])

    def _is_as_before(self, row: ImportRow) -> bool:
        """Whether an earlier attempt has brought back all this row had changed."""
        owned = (
            (self._owner(row, target), target, old) for target, (old, _) in row.differences.items()
        )
        return all(
            obj is None or (table.text(obj, target) or "") == (old or "")
            for (table, obj), target, old in owned
        )

    def _rows(self, part: list[int]) -> list[ImportRow]:
        """Rows that changed something, with what they changed."""
        rows = self._batch.rows.defer("values").select_related("unit", "standard__unit")
        found = list(rows.filter(pk__in=part).order_by("pk"))
        standards = {r.standard_id for r in found if r.standard_id is not None}
        current = StandardCertificate.objects.filter(is_current=True, standard__in=standards)
        self._certificates = {row.standard_id: row for row in current}
        return found

    def _tell(self, step: str, more: int) -> None:
        self._done += more
        self._progress(self._done, self._total, step)

    def require_unused(self) -> None:
        self._progress(0, 0, "核对台账")
        reasons = self._references(self._units, self._standards)
        for part in chunks(self._changed):
            if len(reasons) >= _SHOWN:
                break
            reasons += self._changed_again(self._rows(part))
        _require_none(reasons)

    def _references(self, units: set[int], standards: set[int]) -> list[str]:
        made: set[int] = set()
        for part in chunks(standards):
            current = StandardCertificate.objects.filter(is_current=True, standard__in=part)
            made.update(current.values_list("pk", flat=True))
        return references(self._batch, units=units, standards=standards, certificates=made)

    def _changed_again(self, changed: list[ImportRow]) -> list[str]:
        reasons = []
        for row in changed:
            for target, (_, new) in row.differences.items():
                table, obj = self._owner(row, target)
                if obj is not None and table.text(obj, target) != new:
                    reasons.append(f"入库后修改过的{obj._meta.verbose_name}“{obj}”")
                    break
        return reasons

    def _owner(self, row: ImportRow, target: str) -> tuple[ListResource, models.Model | None]:
        """The table a target belongs to, and its object of this row."""
        tables = self._tables
        if target in tables.units.fields:
            return tables.units, row.unit
        if target in tables.standards.fields:
            return tables.standards, row.standard
        current = self._certificates.get(row.standard_id) if row.standard_id else None
        return tables.certificates, current

    def _restore_units(self, rows: list[ImportRow]) -> None:
        table = self._tables.units
        units = table.write((None, row.unit, _old_texts(row)) for row in rows)
        names = {
            unit.pk: unit.name_key
            for row, unit in zip(rows, units, strict=True)
            if "unit_name" in row.differences
        }
        for part in chunks(names):
            for former in FormerName.objects.filter(unit__in=part):
                if former.name_key == names[former.unit_id]:
                    former.delete()
        self._trail(rows, units, table)

    def _restore_standards(self, rows: list[ImportRow]) -> None:
        tables = self._tables
        touched = [
            r for r in rows if r.standard and r.differences.keys() - tables.units.fields.keys()
        ]
        standards = tables.standards.write((None, r.standard, _old_texts(r)) for r in touched)
        kept, gone = [], []
        for row in touched:
            certificate = self._certificates.get(row.standard_id or 0)
            if (
                certificate is None
                or not row.differences.keys() & tables.certificates.fields.keys()
            ):
                continue
            if row.derived.get("certificate_is_new"):
                gone.append(certificate.pk)
            else:
                kept.append((row, certificate))
        written = tables.certificates.write((None, c, _old_texts(row)) for row, c in kept)
        StandardCertificate.objects.filter(pk__in=gone).delete()
        wanted: dict[str, list[StandardCertificate]] = defaultdict(list)
        for (row, _), certificate in zip(kept, written, strict=True):
            if before := row.derived.get("state_before"):
                wanted[before].append(certificate)
        note = f"名单“{self._batch.filename}”"
        move_certificates(RESTORE, wanted, actor=self._actor, note=note)
        self._trail(touched, standards, tables.standards, tables.certificates)

    def _trail(
        self, rows: list[ImportRow], objects: Sequence[models.Model], *tables: ListResource
    ) -> None:
        targets = {target for table in tables for target in table.targets()}
        pairs = []
        for row, obj in zip(rows, objects, strict=True):
            changes = {t: [new, old] for t, (old, new) in row.differences.items() if t in targets}
            if changes:
                pairs.append((obj, changes))
        note = f"名单“{self._batch.filename}”"
        trail(
            pairs, actor=self._actor, action="import.undo_change", label="撤回名单导入", note=note
        )

    def _delete(self) -> None:
        for part in chunks(self._standards, self._size):
            self._tell("删除新增的计量标准", 0)
            with self._slices():
                if self._looks_again:
                    _require_none(self._references(set(), set(part)))
                StandardCertificate.objects.filter(standard__in=part).delete()
                StandardDomain.objects.filter(standard__in=part).delete()
                EarlierDomain.objects.filter(standard__in=part).delete()
                MeasurementStandard.objects.filter(pk__in=part).delete()
            self._tell("删除新增的计量标准", len(part))
        for part in chunks(self._units, self._size):
            self._tell("删除新增的单位", 0)
            with self._slices():
                if self._looks_again:
                    _require_none(self._references(set(part), set()))
                Unit.objects.filter(pk__in=part).delete()
            self._tell("删除新增的单位", len(part))


def _require_none(reasons: list[str]) -> None:
    if reasons:
        raise ValidationError(
            f"不能撤回，以下内容已经引用或改动了这份名单的数据：{'；'.join(reasons[:_SHOWN])}。",
            code="import_in_use",
        )


def _keys(rows: QuerySet, column: str) -> set[int]:
    return set(rows.exclude(**{column: None}).values_list(column, flat=True))


def _old_texts(row: ImportRow) -> dict[str, str]:
    """What a row would say to bring back what was there before it; an empty text erases."""
    return {target: old or "" for target, (old, _) in row.differences.items()}
