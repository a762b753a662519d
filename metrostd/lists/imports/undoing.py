"""Taking a committed list back: what it created is deleted, what it changed gets its old values."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import QuerySet

from metrostd.common import table_statistics
from metrostd.common.actors import Actor
from metrostd.lists.moves.imports import RESTORE, UNDO, move_certificates
from metrostd.lists.services import hand_overs
from metrostd.registry.enums import RowChange
from metrostd.registry.extension import units_moved
from metrostd.registry.models import (
    FormerName,
    ImportBatch,
    ImportRow,
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
    Unit,
)

from .bulk import trail
from .references import references
from .register import Register, chunks
from .resources import ListResource
from .tables import Tables
from .writing import Progress, silent

#: Reasons named when a list cannot be taken back.
_SHOWN = 5


def undo_import(
    batch: ImportBatch, *, actor: Actor | None, note: str, progress: Progress | None = None
) -> None:
    """Take a list back as a whole; ``progress`` is told how far it is.

    Raises TransitionError unless it is committed, ValidationError without a reason, ValidationError
    naming the districts that have acknowledged their rows, and ValidationError naming what refers to
    it once anything stands on a row it created or a value it changed was changed again.
    """
    try:
        with transaction.atomic():
            UNDO.apply(batch, actor=actor, note=note)
            hand_overs.withdraw(batch, actor=actor, note=note)
            _Undoing(batch, actor=actor, progress=progress or silent).run()
            moved = batch.rows.filter(differences__has_key="district").values("unit")
            units_moved(Unit.objects.filter(pk__in=moved), actor=actor)
            table_statistics.refresh_soon()
    except Exception:
        batch.refresh_from_db()
        raise


class _Undoing:
    """Works on some hundred rows at a time: of all the others only keys are held."""

    def __init__(self, batch: ImportBatch, *, actor: Actor | None, progress: Progress) -> None:
        self._batch = batch
        self._actor = actor
        self._progress = progress
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
        self._require_unused()
        self._total = len(self._changed) + len(self._standards) + len(self._units)
        self._done = 0
        for rows in self._parts("恢复变更的内容"):
            self._restore_units([r for r in rows if r.unit and r.unit_change == RowChange.CHANGED])
            self._restore_standards([r for r in rows if r.standard_id not in self._standards])
        self._delete()

    def _parts(self, step: str = "") -> Iterator[list[ImportRow]]:
        """The rows that changed something, with what they changed."""
        for part in chunks(self._changed):
            if step:
                self._tell(step, 0)
            rows = self._batch.rows.defer("values").select_related("unit", "standard__unit")
            found = list(rows.filter(pk__in=part).order_by("pk"))
            standards = {r.standard_id for r in found if r.standard_id is not None}
            current = StandardCertificate.objects.filter(is_current=True, standard__in=standards)
            self._certificates = {row.standard_id: row for row in current}
            yield found
            if step:
                self._tell(step, len(part))

    def _tell(self, step: str, more: int) -> None:
        self._done += more
        self._progress(self._done, self._total, step)

    def _require_unused(self) -> None:
        self._progress(0, 0, "核对台账")
        made: set[int] = set()
        for part in chunks(self._standards):
            current = StandardCertificate.objects.filter(is_current=True, standard__in=part)
            made.update(current.values_list("pk", flat=True))
        reasons = references(
            self._batch, units=self._units, standards=self._standards, certificates=made
        )
        for rows in self._parts():
            if len(reasons) >= _SHOWN:
                break
            reasons += self._changed_again(rows)
        if reasons:
            raise ValidationError(
                f"不能撤回，以下内容已经引用或改动了这份名单的数据：{'；'.join(reasons[:_SHOWN])}。",
                code="import_in_use",
            )

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
        for part in chunks(self._standards):
            self._tell("删除新增的计量标准", 0)
            StandardCertificate.objects.filter(standard__in=part).delete()
            StandardDomain.objects.filter(standard__in=part).delete()
            MeasurementStandard.objects.filter(pk__in=part).delete()
            self._tell("删除新增的计量标准", len(part))
        for part in chunks(self._units):
            self._tell("删除新增的单位", 0)
            Unit.objects.filter(pk__in=part).delete()
            self._tell("删除新增的单位", len(part))


def _keys(rows: QuerySet, column: str) -> set[int]:
    return set(rows.exclude(**{column: None}).values_list(column, flat=True))


def _old_texts(row: ImportRow) -> dict[str, str]:
    """What a row would say to bring back what was there before it; an empty text erases."""
    return {target: old or "" for target, (old, _) in row.differences.items()}
