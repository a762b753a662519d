"""Carrying a plan out: bulk writes in one transaction, a constant number of queries per thousand rows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import transaction

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

from .bulk import Changes, set_keys, trail, update_rows
from .planning import Plan, StandardPlan, UnitPlan
from .register import chunks
from .targets import CERTIFICATE, STANDARD, UNIT, assign, given
from .values import issue_kind, number_parts, state_of

BATCH = 1000
UNIT_TYPES = {
    Category.SP_STATUTORY: UnitType.STATUTORY_INSTITUTE,
    Category.SP_AUTHORISED: UnitType.AUTHORISED_INSTITUTE,
    Category.DEPT_HIGHEST: UnitType.DEPARTMENT,
    Category.ENT_HIGHEST: UnitType.ENTERPRISE,
    Category.INST_HIGHEST: UnitType.INSTITUTION,
    Category.OTHER: UnitType.OTHER,
}
_ROW_COLUMNS = ("change", "unit_change", "differences", "derived", "unit", "standard")
_NUMBER_COLUMNS = ("number_raw", "number", "identity", "first_year")
_DATE_COLUMNS = ("issue_date", "valid_until", "issue_kind")


class Progress(Protocol):
    """Told how far the work is: ``(done, total, step)``."""

    def __call__(self, done: int, total: int, step: str = "") -> None: ...


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

    @transaction.atomic
    def write(self, rows: list[ImportRow]) -> None:
        self._hold(Unit, self._plan.units)
        self._hold(MeasurementStandard, self._plan.standards)
        steps = (
            ("新增单位", self._new_units),
            ("更新单位", self._changed_units),
            ("新增计量标准", self._new_standards),
            ("更新计量标准", self._changed_standards),
        )
        for place, (title, step) in enumerate(steps):
            self._progress(place, len(steps) + 1, title)
            step()
        self._progress(len(steps), len(steps) + 1, "登记来源单元格")
        update_rows(ImportRow, rows, _ROW_COLUMNS)

    def _hold(self, model: type[Unit] | type[MeasurementStandard], plans: Iterable[Any]) -> None:
        """Keep others from what is to be changed; whole rows are written, so none may have moved on.

        Raises ValidationError naming what somebody edited since the list was compared with it.
        """
        known = {p.match.pk: p.match for p in plans if p.match and p.change == RowChange.CHANGED}
        for part in chunks(known):
            rows = model._base_manager.select_for_update().filter(pk__in=part).order_by("pk")
            for pk, version in rows.values_list("pk", "version"):
                if version != known[pk].version:
                    raise ValidationError(
                        f"“{known[pk]}”刚刚被他人修改，没有入库。请重新检查后再入库。"
                    )

    # Units ---------------------------------------------------------------------------------------

    def _new_units(self) -> None:
        fresh = [p for p in self._plan.units if p.match is None]
        for p in fresh:
            p.match = self._unit(p)
        units = Unit.objects.bulk_create([p.match for p in fresh if p.match], batch_size=BATCH)
        for p in fresh:
            for line in p.lines:
                line.row.unit = p.match
        audit.record_many(
            units, actor=self._actor, action="import.create", label="名单导入新增", note=self._note
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

    def _changed_units(self) -> None:
        changed = [p for p in self._plan.units if p.change == RowChange.CHANGED]
        former = []
        for p in changed:
            unit = p.match
            assert unit is not None  # noqa: S101 -- changed means matched
            if "unit_name" in p.changes:
                former.append(FormerName(unit=unit, name=unit.name, name_key=unit.name_key))
            self._apply(unit, p.changes, UNIT)
            set_keys(unit)
            unit.version += 1
        FormerName.objects.bulk_create(former, batch_size=BATCH, ignore_conflicts=True)
        columns = (*UNIT.values(), "name_key", "pinyin", "version")
        update_rows(Unit, [p.match for p in changed], columns)
        self._trail((p.match, p.changes) for p in changed)

    # Standards -----------------------------------------------------------------------------------

    def _new_standards(self) -> None:
        fresh = [p for p in self._plan.standards if p.match is None]
        for p in fresh:
            p.match = self._standard(p)
        standards = [p.match for p in fresh if p.match]
        MeasurementStandard.objects.bulk_create(standards, batch_size=BATCH)
        for p in fresh:
            p.line.row.standard = p.match
        self._certificates(fresh)
        numbers = {
            p.match.pk: {"计量标准考核证书号": p.line.get("cert_no") or ""}
            for p in fresh
            if p.match
        }
        audit.record_many(
            standards,
            actor=self._actor,
            action="import.create",
            label="名单导入新增",
            note=self._note,
            after=numbers,
        )

    def _standard(self, p: StandardPlan) -> MeasurementStandard:
        standard = MeasurementStandard(
            unit=p.unit.match,
            category=self._batch.category,
            issuing_authority=self._issuer,
            hosting_authority=self._issuer,
            in_scope=self._issuer.level != Level.NATIONAL,
        )
        for target in STANDARD:
            if (value := given(p.line, target)) is not None:
                assign(self._register, standard, target, value)
        return standard

    def _certificates(self, plans: Iterable[StandardPlan]) -> None:
        """The certificate of each standard that has none yet; without number it is a draft."""
        StandardCertificate.objects.bulk_create(
            [self._certificate(p) for p in plans], batch_size=BATCH
        )

    def _certificate(self, p: StandardPlan) -> StandardCertificate:
        line = p.line
        return StandardCertificate(
            standard=p.match,
            **number_parts(line),
            issue_date=line.date("issue_date"),
            valid_until=line.date("valid_until"),
            issue_kind=issue_kind(line.first_year, line.date("issue_date")),
            state=state_of(
                line.identity, line.date("valid_until"), expired=line.expired, on=self._on
            ),
        )

    def _changed_standards(self) -> None:
        changed = [p for p in self._plan.standards if p.change == RowChange.CHANGED]
        certified = [p for p in changed if p.changes.keys() & CERTIFICATE.keys()]
        for p in changed:
            standard = p.match
            assert standard is not None  # noqa: S101 -- changed means matched
            self._apply(standard, p.changes, STANDARD)
            standard.version += 1
        columns = (*STANDARD.values(), "version")
        update_rows(MeasurementStandard, [p.match for p in changed], columns)
        self._changed_certificates([p for p in certified if p.certificate is not None])
        lacking = [p for p in certified if p.certificate is None]
        for p in lacking:
            p.line.row.derived["certificate_is_new"] = True
        self._certificates(lacking)
        self._trail((p.match, p.changes) for p in changed)

    def _changed_certificates(self, plans: list[StandardPlan]) -> None:
        wanted: dict[str, list[StandardCertificate]] = defaultdict(list)
        rows = []
        for p in plans:
            certificate, line = p.certificate, p.line
            assert certificate is not None  # noqa: S101 -- the caller chose those
            self._apply(certificate, p.changes, CERTIFICATE)
            if "cert_no" in p.changes:
                for name, value in number_parts(line).items():
                    setattr(certificate, name, value)
            certificate.issue_kind = issue_kind(certificate.first_year, certificate.issue_date)
            rows.append(certificate)
            state = state_of(
                certificate.identity, certificate.valid_until, expired=line.expired, on=self._on
            )
            if RELIST[state].allowed_from(certificate.state):
                line.row.derived["state_before"] = certificate.state
                wanted[state].append(certificate)
        update_rows(StandardCertificate, rows, (*_NUMBER_COLUMNS, *_DATE_COLUMNS))
        move_certificates(RELIST, wanted, actor=self._actor, note=self._note)

    def _apply(self, obj: Any, changes: Changes, attributes: dict[str, str]) -> None:
        for target in attributes:
            if target in changes:
                assign(self._register, obj, target, changes[target][1])

    def _trail(self, changed: Iterable[tuple[Any, Changes]]) -> None:
        trail(
            changed,
            actor=self._actor,
            action="import.change",
            label="名单导入变更",
            note=self._note,
        )
