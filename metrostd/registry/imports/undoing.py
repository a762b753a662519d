"""Taking a committed list back: what it created is deleted, what it changed gets its old values."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.registry.enums import RowChange
from metrostd.registry.import_moves import RESTORE, UNDO, move_certificates
from metrostd.registry.models import (
    FormerName,
    ImportBatch,
    ImportRow,
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
    Unit,
)
from metrostd.registry.names import set_keys
from metrostd.registry.numbers import number_fields
from metrostd.registry.services import hand_overs

from .bulk import trail, update_rows
from .references import references
from .register import Register, chunks
from .targets import CERTIFICATE, STANDARD_CHANGES, UNIT, assign, stored
from .values import issue_kind
from .writing import Progress, silent

#: Reasons named when a list cannot be taken back.
_SHOWN = 5


def undo_import(
    batch: ImportBatch, *, actor: Any, note: str, progress: Progress | None = None
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
    except Exception:
        batch.refresh_from_db()
        raise


class _Undoing:
    """Works on some hundred rows at a time: of all the others only keys are held."""

    def __init__(self, batch: ImportBatch, *, actor: Any, progress: Progress) -> None:
        self._batch = batch
        self._actor = actor
        self._progress = progress
        self._register = Register(set(), set())
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
                obj = self._owner(row, target)
                if obj is not None and stored(self._register, obj, target) != new:
                    reasons.append(f"入库后修改过的{obj._meta.verbose_name}“{obj}”")
                    break
        return reasons

    def _owner(self, row: ImportRow, target: str) -> Any:
        if target in UNIT:
            return row.unit
        if target in STANDARD_CHANGES:
            return row.standard
        return self._certificates.get(row.standard_id) if row.standard_id else None

    def _restore_units(self, rows: list[ImportRow]) -> None:
        units = []
        names: dict[int, str] = {}
        for row in rows:
            unit = row.unit
            assert unit is not None  # noqa: S101 -- the caller chose those
            self._put_back(row, unit, UNIT)
            set_keys(unit)
            unit.version += 1
            units.append(unit)
            if "unit_name" in row.differences:
                names[unit.pk] = unit.name_key
        for part in chunks(names):
            for former in FormerName.objects.filter(unit__in=part):
                if former.name_key == names[former.unit_id]:
                    former.delete()
        update_rows(Unit, units, (*UNIT.values(), "name_key", "pinyin", "version"))
        self._trail(rows, UNIT, units)

    def _restore_standards(self, rows: list[ImportRow]) -> None:
        standards, kept, gone = [], [], []
        wanted: dict[str, list[StandardCertificate]] = defaultdict(list)
        touched = [r for r in rows if r.standard and r.differences.keys() - UNIT.keys()]
        for row in touched:
            standard = row.standard
            assert standard is not None  # noqa: S101 -- filtered above
            self._put_back(row, standard, STANDARD_CHANGES)
            set_keys(standard)
            standard.version += 1
            standards.append(standard)
            certificate = self._certificates.get(standard.pk)
            if certificate is None or not row.differences.keys() & CERTIFICATE.keys():
                continue
            if row.derived.get("certificate_is_new"):
                gone.append(certificate.pk)
                continue
            self._put_back(row, certificate, CERTIFICATE)
            if "cert_no" in row.differences:
                for name, value in number_fields(certificate.number).items():
                    setattr(certificate, name, value)
            certificate.issue_kind = issue_kind(certificate.first_year, certificate.issue_date)
            kept.append(certificate)
            if before := row.derived.get("state_before"):
                wanted[before].append(certificate)
        update_rows(
            MeasurementStandard,
            standards,
            (*STANDARD_CHANGES.values(), "name_key", "pinyin", "version"),
        )
        update_rows(
            StandardCertificate,
            kept,
            (
                "number_raw",
                "number",
                "identity",
                "first_year",
                "issue_date",
                "valid_until",
                "issue_kind",
            ),
        )
        StandardCertificate.objects.filter(pk__in=gone).delete()
        note = f"名单“{self._batch.filename}”"
        move_certificates(RESTORE, wanted, actor=self._actor, note=note)
        self._trail(touched, STANDARD_CHANGES | CERTIFICATE, standards)

    def _put_back(self, row: ImportRow, obj: Any, attributes: dict[str, str]) -> None:
        for target in attributes:
            if target in row.differences:
                assign(self._register, obj, target, row.differences[target][0])

    def _trail(self, rows: list[ImportRow], attributes: dict[str, str], objects: list[Any]) -> None:
        pairs = []
        for row, obj in zip(rows, objects, strict=True):
            changes = {
                t: [new, old] for t, (old, new) in row.differences.items() if t in attributes
            }
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


def _keys(rows: Any, column: str) -> set[int]:
    return set(rows.exclude(**{column: None}).values_list(column, flat=True))
