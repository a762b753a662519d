"""Carrying a plan out: bulk writes in one transaction, a constant number of queries per thousand rows.

The rows go through the resources of ``tables.py``, some hundred to two thousand at a time, so that no more
than those are held as objects. Here stands what no table knows alone: the order, what is kept from others
meanwhile, keys of new rows for what follows, the trail, the moves of states and the cells of origin.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.expressions import Expression
from django.db.models.functions import JSONObject

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.lists.moves.imports import RELIST, move_certificates
from metrostd.registry.certificate_dates import state_of
from metrostd.registry.enums import RowChange
from metrostd.registry.models import (
    FormerName,
    ImportBatch,
    ImportRow,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)

from .bulk import BATCH, trail, update_values
from .columns import ISSUER, LABELS
from .lines import Differences, Line, as_text
from .plans import Plan, StandardPlan, UnitPlan
from .register import chunks
from .tables import CertificateRows, StandardRows, Tables

#: Rows worked on at once: what is held in memory at a time, and how often progress is told.
PART = 2000
#: What a list says of a new standard.
_STANDARD = [t for t in StandardRows.targets() if t != ISSUER]
_MARKS = ("change", "unit_change", "differences", "unit", "standard", "derived")


_P = TypeVar("_P", UnitPlan, StandardPlan)
_T = TypeVar("_T")
_M = TypeVar("_M", Unit, MeasurementStandard)


class Progress(Protocol):
    """Told how far the work is: ``(done, total, step)``."""

    def __call__(self, done: int, total: int, step: str = "") -> None: ...


def silent(done: int, total: int, step: str = "") -> None:
    """Nobody watches."""


class Writer:
    """Writes one batch; ``on`` is the day certificates are judged by."""

    def __init__(
        self,
        batch: ImportBatch,
        plan: Plan,
        lines: list[Line],
        *,
        actor: Actor | None,
        on: dt.date,
        progress: Progress,
    ) -> None:
        self._batch = batch
        self.plan = plan
        self._lines = lines
        self._tables = Tables.of(plan.register, batch=batch, on=on)
        self._actor = actor
        self._on = on
        self._progress = progress
        self._note = f"名单“{batch.filename}”"
        self._derived: set[Line] = set()
        self._done = 0

        self._units, self._standards = _by_change(plan.units), _by_change(plan.standards)
        self._total = len(lines) + sum(
            len(plans[change])
            for plans in (self._units, self._standards)
            for change in (RowChange.NEW, RowChange.CHANGED)
        )

    @transaction.atomic
    def write(self) -> None:
        self.create()
        self.change()

    def creates(self) -> dict[type[models.Model], int]:
        """How many rows of each kind ``create`` writes at most."""
        units, standards = len(self._units[RowChange.NEW]), len(self._standards[RowChange.NEW])
        return {
            Unit: units,
            MeasurementStandard: standards,
            StandardCertificate: standards,
            audit.AuditEntry: units + standards,
        }

    def create(self) -> None:
        """What the list brings that the register does not have; nothing else is touched."""
        self._each("新增单位", self._units[RowChange.NEW], self._new_units)
        self._each("新增计量标准", self._standards[RowChange.NEW], self._new_standards)

    def change(self) -> None:
        """What the list changes, and on each of its rows what became of it."""
        self._each("更新单位", self._units[RowChange.CHANGED], self._changed_units)
        self._each("更新计量标准", self._standards[RowChange.CHANGED], self._changed_standards)
        self._each("登记来源单元格", self._lines, self._link)

    def _each(self, title: str, plans: list[_T], step: Callable[[list[_T]], None]) -> None:
        for part in chunks(plans, PART):
            self._progress(self._done, self._total, title)
            step(part)
            self._done += len(part)

    # Units ---------------------------------------------------------------------------------------

    def _new_units(self, plans: list[UnitPlan]) -> None:
        units = self._tables.units.write((p, None, p.values) for p in plans)
        for p, unit in zip(plans, units, strict=True):
            p.pk = unit.pk
            for line in p.lines:
                if line.change not in (RowChange.SKIPPED, RowChange.CONFLICT):
                    line.unit_id = unit.pk
        for part in chunks([unit.pk for unit in units]):
            self._created(Unit.objects.filter(pk__in=part))

    def _created(self, rows: QuerySet, after: Expression | None = None) -> None:
        audit.record_created(
            rows,
            name="name",
            actor=self._actor,
            action="import.create",
            label="名单导入新增",
            note=self._note,
            after=after,
        )

    def _changed_units(self, plans: list[UnitPlan]) -> None:
        held = list(self._held(Unit, plans))
        former = [
            FormerName(unit=unit, name=unit.name, name_key=unit.name_key)
            for p, unit in held
            if "unit_name" in p.changes
        ]
        units = self._tables.units.write((p, unit, new_texts(p.changes)) for p, unit in held)
        FormerName.objects.bulk_create(former, batch_size=BATCH, ignore_conflicts=True)
        self._trail(plans, units)

    def _held(self, model: type[_M], plans: list[_P]) -> Iterator[tuple[_P, _M]]:
        """What is to be changed, kept from others; whole rows are written, so none may have moved on.

        Raises ValidationError naming what somebody edited since the list was compared with it.
        """
        for part in chunks(plans):
            rows = model._base_manager.select_for_update().order_by("pk")
            found: dict[int | None, _M] = {
                row.pk: row for row in rows.filter(pk__in=[p.pk for p in part])
            }
            for p in part:
                row, known = found.get(p.pk), p.match
                assert known is not None  # noqa: S101 -- only what was matched is changed
                if row is None or row.version != known.version:
                    raise ValidationError(
                        f"“{known.name}”刚刚被他人修改，没有入库。请重新检查后再入库。"
                    )
                yield p, row

    # Standards -----------------------------------------------------------------------------------

    def _new_standards(self, plans: list[StandardPlan]) -> None:
        standards = self._tables.standards.write(
            (p, None, {t: p.line.says(t) for t in _STANDARD}) for p in plans
        )
        for p, standard in zip(plans, standards, strict=True):
            p.pk = p.line.standard_id = standard.pk
        self._new_certificates(plans)
        number = StandardCertificate.objects.filter(standard=OuterRef("pk"), is_current=True)
        after = JSONObject(**{LABELS["cert_no"]: Subquery(number.values("number")[:1])})
        for part in chunks([standard.pk for standard in standards]):
            self._created(MeasurementStandard.objects.filter(pk__in=part), after)

    def _new_certificates(self, plans: list[StandardPlan]) -> None:
        """The certificate of each standard that has none yet; without number it is a draft."""
        self._tables.certificates.write(
            (p, None, {t: p.line.says(t) for t in CertificateRows.targets()}) for p in plans
        )

    def _changed_standards(self, plans: list[StandardPlan]) -> None:
        held = self._held(MeasurementStandard, plans)
        standards = self._tables.standards.write(
            (p, standard, new_texts(p.changes)) for p, standard in held
        )
        certified = [p for p in plans if p.changes.keys() & self._tables.certificates.fields.keys()]
        self._changed_certificates(
            [(p, p.certificate.pk) for p in certified if p.certificate is not None]
        )
        lacking = [p for p in certified if p.certificate is None]
        for p in lacking:
            self._remember(p.line, "certificate_is_new", True)
        self._new_certificates(lacking)
        self._trail(plans, standards)

    def _changed_certificates(self, plans: list[tuple[StandardPlan, int]]) -> None:
        """``plans`` come with the key of the certificate each changes."""
        known: dict[int, StandardCertificate] = {}
        for part in chunks(pk for _, pk in plans):
            known |= StandardCertificate.objects.select_related("standard").in_bulk(part)
        written = self._tables.certificates.write(
            (p, known[pk], new_texts(p.changes)) for p, pk in plans
        )
        wanted: dict[str, list[StandardCertificate]] = defaultdict(list)
        for (p, _), certificate in zip(plans, written, strict=True):
            state = state_of(
                certificate.identity, certificate.valid_until, expired=p.line.expired, on=self._on
            )
            if RELIST[state].allowed_from(certificate.state):
                self._remember(p.line, "state_before", certificate.state)
                wanted[state].append(certificate)
        move_certificates(RELIST, wanted, actor=self._actor, note=self._note)

    # Rows ----------------------------------------------------------------------------------------

    def _remember(self, line: Line, name: str, value: object) -> None:
        """Something an undo will need."""
        line.note(name, value)
        self._derived.add(line)

    def _link(self, lines: list[Line]) -> None:
        """Note on each row what it became; mostly only what it created is new."""
        linked, marked = [], []
        for line in lines:
            assert line.stored is not None  # noqa: S101 -- the batch gave it
            pk, *before = line.stored
            marks = line.marks()
            if list(marks[:3]) != before[:3] or line in self._derived:
                change, unit_change, differences, unit, standard = marks
                derived = as_text(line.derived)
                marked.append(
                    (pk, change, unit_change, as_text(differences), unit, standard, derived)
                )
            elif list(marks) != before:
                linked.append((pk, line.unit_id, line.standard_id))
        update_values(ImportRow, ("unit", "standard"), linked)
        update_values(ImportRow, _MARKS, marked)

    def _trail(
        self, plans: Sequence[UnitPlan | StandardPlan], objects: Sequence[models.Model]
    ) -> None:
        trail(
            ((obj, p.changes) for p, obj in zip(plans, objects, strict=True)),
            actor=self._actor,
            action="import.change",
            label="名单导入变更",
            note=self._note,
        )


def new_texts(changes: Differences) -> dict[str, str | None]:
    """What a row says of the columns that change, and of no other."""
    return {target: new for target, (_, new) in changes.items()}


def _by_change(plans: list[_P]) -> dict[RowChange, list[_P]]:
    found: dict[RowChange, list[_P]] = defaultdict(list)
    for p in plans:
        found[p.change].append(p)
    return found
