"""Carrying a plan out: bulk writes in one transaction, a constant number of queries per thousand rows.

Why no django-import-export here (``benchmarks/list_resources.py``, 10,000 standards on SQLite): a
resource with ``use_bulk``, no validation, no differences and keys looked up in memory takes 1.6 times
``bulk_create`` (0.87 s to 0.54 s), with its row differences 3.9 times, with ``full_clean`` 12 times; three
tables of 100,000 rows would leave the bar of three times the floor. Its differences would also come too
late: planning has them, because questions (a new name, a value corrected by hand) are asked from them.
Values are checked where they come from: by the parser, by ``targets.LIMITS`` and by the constraints of
the database. The resources carry the plain tables of the administration site.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from metrostd.common import audit
from metrostd.registry.enums import Category, Level, RowChange, UnitType
from metrostd.registry.import_moves import RELIST, move_certificates
from metrostd.registry.models import (
    Authority,
    FormerName,
    ImportBatch,
    ImportRow,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)
from metrostd.registry.names import set_keys

from .bulk import trail, update_rows, update_values
from .lines import Differences, Line, as_text
from .plans import Plan, StandardPlan, UnitPlan
from .register import chunks
from .targets import CERTIFICATE, LABELS, STANDARD, STANDARD_CHANGES, UNIT, assign, given
from .values import issue_kind, number_parts, state_of

BATCH = 1000
#: Rows worked on at once: what is held in memory at a time, and how often progress is told.
PART = 2000
UNIT_TYPES = {
    Category.SP_STATUTORY: UnitType.STATUTORY_INSTITUTE,
    Category.SP_AUTHORISED: UnitType.AUTHORISED_INSTITUTE,
    Category.DEPT_HIGHEST: UnitType.DEPARTMENT,
    Category.ENT_HIGHEST: UnitType.ENTERPRISE,
    Category.INST_HIGHEST: UnitType.INSTITUTION,
    Category.OTHER: UnitType.OTHER,
}
_MARKS = ("change", "unit_change", "differences", "unit", "standard", "derived")
_NUMBER_COLUMNS = ("number_raw", "number", "identity", "first_year")
_DATE_COLUMNS = ("issue_date", "valid_until", "issue_kind")


class Progress(Protocol):
    """Told how far the work is: ``(done, total, step)``."""

    def __call__(self, done: int, total: int, step: str = "") -> None: ...


def silent(done: int, total: int, step: str = "") -> None:
    """Nobody watches."""


class Writer:
    """Writes one batch; ``on`` is the day certificates are judged by."""

    def __init__(
        self, batch: ImportBatch, plan: Plan, *, actor: Any, on: dt.date, progress: Progress
    ) -> None:
        self._batch = batch
        self._plan = plan
        self._register = plan.register
        self._actor = actor
        self._on = on
        self._progress = progress
        self._issuer: Authority = batch.issuing_authority
        self._note = f"名单“{batch.filename}”"
        self._derived: set[Line] = set()
        self._done = self._total = 0

    @transaction.atomic
    def write(self, lines: list[Line]) -> None:
        units = {change: [] for change in RowChange} | _by_change(self._plan.units)
        standards = {change: [] for change in RowChange} | _by_change(self._plan.standards)
        new, changed = RowChange.NEW, RowChange.CHANGED
        work = (
            ("新增单位", units[new], self._new_units),
            ("更新单位", units[changed], self._changed_units),
            ("新增计量标准", standards[new], self._new_standards),
            ("更新计量标准", standards[changed], self._changed_standards),
            ("登记来源单元格", lines, self._link),
        )
        self._total = sum(len(plans) for _, plans, _ in work)
        for title, plans, step in work:
            for part in chunks(plans, PART):
                self._progress(self._done, self._total, title)
                step(part)
                self._done += len(part)

    # Units ---------------------------------------------------------------------------------------

    def _new_units(self, plans: list[UnitPlan]) -> None:
        units = Unit.objects.bulk_create([self._unit(p) for p in plans], batch_size=BATCH)
        for p, unit in zip(plans, units, strict=True):
            p.pk = unit.pk
            for line in p.lines:
                if line.change not in (RowChange.SKIPPED, RowChange.CONFLICT):
                    line.unit_id = unit.pk
        for part in chunks([unit.pk for unit in units]):
            self._created(Unit.objects.filter(pk__in=part))

    def _created(self, rows: Any, after: Any = None) -> None:
        audit.record_created(
            rows,
            name="name",
            actor=self._actor,
            action="import.create",
            label="名单导入新增",
            note=self._note,
            after=after,
        )

    def _unit(self, p: UnitPlan) -> Unit:
        line = p.lines[0]
        category = Category(line.get("category") or self._batch.category)
        unit = Unit(unit_type=UNIT_TYPES[category])
        for target in UNIT:
            assign(self._register, unit, target, p.values[target])
        set_keys(unit)
        if not unit.uscc and (code := line.get("org_code")):
            unit.uscc_missing_reason = f"名单中仅有组织机构代码 {code}"
        return unit

    def _changed_units(self, plans: list[UnitPlan]) -> None:
        former, rows = [], []
        for p, unit in self._held(Unit, plans):
            if "unit_name" in p.changes:
                former.append(FormerName(unit=unit, name=unit.name, name_key=unit.name_key))
            self._apply(unit, p.changes, UNIT)
            set_keys(unit)
            unit.version += 1
            rows.append((unit, p.changes))
        FormerName.objects.bulk_create(former, batch_size=BATCH, ignore_conflicts=True)
        columns = (*UNIT.values(), "name_key", "pinyin", "version")
        update_rows(Unit, [unit for unit, _ in rows], columns)
        self._trail(rows)

    def _held(self, model: type[Any], plans: list[Any]) -> Iterator[tuple[Any, Any]]:
        """What is to be changed, kept from others; whole rows are written, so none may have moved on.

        Raises ValidationError naming what somebody edited since the list was compared with it.
        """
        for part in chunks(plans):
            rows = model._base_manager.select_for_update().order_by("pk")
            found = {row.pk: row for row in rows.filter(pk__in=[p.pk for p in part])}
            for p in part:
                row = found.get(p.pk)
                if row is None or row.version != p.match.version:
                    raise ValidationError(
                        f"“{p.match.name}”刚刚被他人修改，没有入库。请重新检查后再入库。"
                    )
                yield p, row

    # Standards -----------------------------------------------------------------------------------

    def _new_standards(self, plans: list[StandardPlan]) -> None:
        standards = MeasurementStandard.objects.bulk_create(
            [self._standard(p) for p in plans], batch_size=BATCH
        )
        for p, standard in zip(plans, standards, strict=True):
            p.pk = p.line.standard_id = standard.pk
        self._certificates(plans)
        number = StandardCertificate.objects.filter(standard=OuterRef("pk"), is_current=True)
        after = JSONObject(**{LABELS["cert_no"]: Subquery(number.values("number")[:1])})
        for part in chunks([standard.pk for standard in standards]):
            self._created(MeasurementStandard.objects.filter(pk__in=part), after)

    def _standard(self, p: StandardPlan) -> MeasurementStandard:
        standard = MeasurementStandard(  # type: ignore[misc]
            unit_id=p.unit.pk,
            category=self._batch.category,
            issuing_authority=self._issuer,
            hosting_authority=self._issuer,
            in_scope=self._issuer.level != Level.NATIONAL,
        )
        for target in STANDARD:
            if (value := given(p.line, target)) is not None:
                assign(self._register, standard, target, value)
        set_keys(standard)
        return standard

    def _certificates(self, plans: list[StandardPlan]) -> None:
        """The certificate of each standard that has none yet; without number it is a draft."""
        StandardCertificate.objects.bulk_create(
            [self._certificate(p) for p in plans], batch_size=BATCH
        )

    def _certificate(self, p: StandardPlan) -> StandardCertificate:
        line = p.line
        issued, until = line.date("issue_date"), line.date("valid_until")
        return StandardCertificate(  # type: ignore[misc]
            standard_id=p.pk,
            **number_parts(line),
            issue_date=issued,
            valid_until=until,
            issue_kind=issue_kind(line.first_year, issued),
            state=state_of(line.identity, until, expired=line.expired, on=self._on),
        )

    def _changed_standards(self, plans: list[StandardPlan]) -> None:
        rows = []
        for p, standard in self._held(MeasurementStandard, plans):
            self._apply(standard, p.changes, STANDARD_CHANGES)
            set_keys(standard)
            standard.version += 1
            rows.append((standard, p.changes))
        columns = (*STANDARD_CHANGES.values(), "name_key", "pinyin", "version")
        update_rows(MeasurementStandard, [standard for standard, _ in rows], columns)
        certified = [p for p in plans if p.changes.keys() & CERTIFICATE.keys()]
        self._changed_certificates([p for p in certified if p.certificate is not None])
        lacking = [p for p in certified if p.certificate is None]
        for p in lacking:
            self._remember(p.line, "certificate_is_new", True)
        self._certificates(lacking)
        self._trail(rows)

    def _changed_certificates(self, plans: list[StandardPlan]) -> None:
        wanted: dict[str, list[StandardCertificate]] = defaultdict(list)
        rows: dict[int, StandardCertificate] = {}
        for part in chunks(plans):
            known = StandardCertificate.objects.select_related("standard")
            rows |= known.in_bulk([p.certificate.pk for p in part if p.certificate])
        for p in plans:
            assert p.certificate is not None  # noqa: S101 -- the caller chose those
            certificate, line = rows[p.certificate.pk], p.line
            self._apply(certificate, p.changes, CERTIFICATE)
            if "cert_no" in p.changes:
                for name, value in number_parts(line).items():
                    setattr(certificate, name, value)
            certificate.issue_kind = issue_kind(certificate.first_year, certificate.issue_date)
            state = state_of(
                certificate.identity, certificate.valid_until, expired=line.expired, on=self._on
            )
            if RELIST[state].allowed_from(certificate.state):
                self._remember(line, "state_before", certificate.state)
                wanted[state].append(certificate)
        update_rows(StandardCertificate, list(rows.values()), (*_NUMBER_COLUMNS, *_DATE_COLUMNS))
        move_certificates(RELIST, wanted, actor=self._actor, note=self._note)

    # Rows ----------------------------------------------------------------------------------------

    def _remember(self, line: Line, name: str, value: Any) -> None:
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

    def _apply(self, obj: Any, changes: Differences, attributes: dict[str, str]) -> None:
        for target in attributes:
            if target in changes:
                assign(self._register, obj, target, changes[target][1])

    def _trail(self, changed: list[tuple[Any, Differences]]) -> None:
        trail(
            changed,
            actor=self._actor,
            action="import.change",
            label="名单导入变更",
            note=self._note,
        )


def _by_change(plans: list[Any]) -> dict[RowChange, list[Any]]:
    found: dict[RowChange, list[Any]] = defaultdict(list)
    for p in plans:
        found[p.change].append(p)
    return found
