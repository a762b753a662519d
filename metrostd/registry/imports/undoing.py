"""Taking a committed list back: what it created is deleted, what it changed gets its old values."""

from collections import defaultdict
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


def undo_import(batch: ImportBatch, *, actor: Any, note: str) -> None:
    """Take a list back as a whole.

    Raises TransitionError unless it is committed, ValidationError without a reason, ValidationError
    naming the districts that have acknowledged their rows, and ValidationError naming what refers to
    it once anything stands on a row it created or a value it changed was changed again.
    """
    try:
        with transaction.atomic():
            UNDO.apply(batch, actor=actor, note=note)
            hand_overs.withdraw(batch, actor=actor, note=note)
            rows = list(
                batch.rows.defer("values").select_related("unit", "standard__unit").order_by("pk")
            )
            _Undoing(batch, rows, actor=actor).run()
    except Exception:
        batch.refresh_from_db()
        raise


class _Undoing:
    def __init__(self, batch: ImportBatch, rows: list[ImportRow], *, actor: Any) -> None:
        self._batch = batch
        self._actor = actor
        self._rows = rows
        self._register = Register(set(), set())
        self._units = {
            r.unit_id for r in rows if r.unit_change == RowChange.NEW and r.unit_id is not None
        }
        self._standards = {
            r.standard_id for r in rows if r.change == RowChange.NEW and r.standard_id is not None
        }
        self._certificates = self._current_certificates()

    def _current_certificates(self) -> dict[int, StandardCertificate]:
        found: dict[int, StandardCertificate] = {}
        for part in chunks({r.standard_id for r in self._rows if r.standard_id is not None}):
            current = StandardCertificate.objects.filter(is_current=True, standard__in=part)
            found |= {row.standard_id: row for row in current}
        return found

    def run(self) -> None:
        changed = [row for row in self._rows if row.differences]
        self._require_unused(changed)
        self._restore_units([r for r in changed if r.unit and r.unit_change == RowChange.CHANGED])
        self._restore_standards([r for r in changed if r.standard_id not in self._standards])
        self._delete()

    def _require_unused(self, changed: list[ImportRow]) -> None:
        made = {self._certificates[pk].pk for pk in self._standards if pk in self._certificates}
        reasons = references(
            self._batch, units=self._units, standards=self._standards, certificates=made
        )
        reasons += self._changed_again(changed)
        if reasons:
            raise ValidationError(
                f"不能撤回，以下内容已经引用或改动了这份名单的数据：{'；'.join(reasons[:5])}。",
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
            StandardCertificate.objects.filter(standard__in=part).delete()
            StandardDomain.objects.filter(standard__in=part).delete()
            MeasurementStandard.objects.filter(pk__in=part).delete()
        for part in chunks(self._units):
            Unit.objects.filter(pk__in=part).delete()
