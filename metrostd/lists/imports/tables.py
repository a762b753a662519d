"""The three tables a list fills, each a resource: its columns, and what follows from a row beside them."""

import datetime as dt
from dataclasses import dataclass
from typing import TypeVar

from metrostd.lists.imports.resources import Cells, Faults
from metrostd.registry.certificate_dates import issue_kind, state_of
from metrostd.registry.enums import Category, UnitType
from metrostd.registry.models import ImportBatch, MeasurementStandard, StandardCertificate, Unit
from metrostd.registry.names import set_keys
from metrostd.registry.numbers import number_fields
from metrostd.registry.scope import read_scope

from .columns import column, refused
from .register import Register
from .resources import PLAN, ListResource
from .values import number_parts

UNIT_TYPES = {
    Category.SP_STATUTORY: UnitType.STATUTORY_INSTITUTE,
    Category.SP_AUTHORISED: UnitType.AUTHORISED_INSTITUTE,
    Category.DEPT_HIGHEST: UnitType.DEPARTMENT,
    Category.ENT_HIGHEST: UnitType.ENTERPRISE,
    Category.INST_HIGHEST: UnitType.INSTITUTION,
    Category.OTHER: UnitType.OTHER,
}


_N = TypeVar("_N", Unit, MeasurementStandard)


class _Named(ListResource[_N]):
    """What units and standards share."""

    derived = ("name_key", "pinyin", "version")

    def before_save_instance(self, instance: _N, row: Cells, **kwargs: object) -> None:
        set_keys(instance)
        if instance.pk is not None:
            instance.version += 1


class UnitRows(_Named[Unit]):
    unit_name = column(Unit, "name", is_name=True)
    uscc = column(Unit, "uscc")
    district = column(Unit, "territorial_authority")
    address = column(Unit, "actual_address")
    contact_name = column(Unit, "contact_name", is_name=True)
    contact_phone = column(Unit, "contact_phone")

    class Meta:
        model = Unit

    def init_instance(self, row: Cells) -> Unit:
        line = row[PLAN].lines[0]
        category = Category(line.get("category") or self.batch.category)
        unit = Unit(unit_type=UNIT_TYPES[category])
        if not row["uscc"] and (code := line.get("org_code")):
            unit.uscc_missing_reason = f"名单中仅有组织机构代码 {code}"
        return unit


class StandardRows(_Named[MeasurementStandard]):
    standard_name = column(MeasurementStandard, "name", is_name=True)
    jjf1022_code = column(MeasurementStandard, "jjf1022_code")
    field_name = column(MeasurementStandard, "field")
    category = column(MeasurementStandard, "category")
    measuring_range = column(MeasurementStandard, "measuring_range")
    performance = column(MeasurementStandard, "performance")
    storage_place = column(MeasurementStandard, "storage_place")
    responsible_person = column(MeasurementStandard, "responsible_person")
    #: No column of a list: the issuing authority of the list as a whole, when somebody decides so.
    issuer = column(MeasurementStandard, "issuing_authority")

    class Meta:
        model = MeasurementStandard

    def init_instance(self, row: Cells) -> MeasurementStandard:
        issuer = self.batch.issuing_authority
        return MeasurementStandard(
            unit_id=row[PLAN].unit.pk,
            category=self.batch.category,
            issuing_authority_id=issuer.pk,
            hosting_authority_id=issuer.pk,
            in_scope=read_scope(row[PLAN].line.raw_number, issuer, issuer).in_scope,
        )


class CertificateRows(ListResource[StandardCertificate]):
    """The current certificate of a standard. Its state moves by transitions, never by a column."""

    cert_no = column(StandardCertificate, "number")
    issue_date = column(StandardCertificate, "issue_date")
    valid_until = column(StandardCertificate, "valid_until")

    class Meta:
        model = StandardCertificate

    derived = ("number_raw", "identity", "first_year", "issue_kind")

    def init_instance(self, row: Cells) -> StandardCertificate:
        """Without number it is a draft."""
        plan = row[PLAN]
        line = plan.line
        until = line.date("valid_until")
        return StandardCertificate(
            standard_id=plan.pk,
            **number_parts(line),
            state=state_of(line.identity, until, expired=line.expired, on=self.on),
        )

    def validate_instance(
        self,
        instance: StandardCertificate,
        import_validation_errors: Faults | None = None,
        validate_unique: bool = True,
    ) -> None:
        errors = dict(import_validation_errors or {})
        issued, until = instance.issue_date, instance.valid_until
        if issued and until and until <= issued:
            errors["valid_until"] = [refused("DATE_ORDER", f"{issued} 至 {until}")]
        super().validate_instance(instance, errors, validate_unique)

    def before_save_instance(
        self, instance: StandardCertificate, row: Cells, **kwargs: object
    ) -> None:
        if instance.pk is not None and row["cert_no"] is not None:
            plan = row[PLAN]
            parts = number_parts(plan.line) if plan else number_fields(instance.number)
            for name, value in parts.items():
                setattr(instance, name, value)
        instance.issue_kind = issue_kind(instance.first_year, instance.issue_date)


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables of a list over one register."""

    units: UnitRows
    standards: StandardRows
    certificates: CertificateRows

    @classmethod
    def of(
        cls, register: Register, *, batch: ImportBatch | None = None, on: dt.date | None = None
    ) -> "Tables":
        return cls(
            UnitRows(register, batch=batch, on=on),
            StandardRows(register, batch=batch, on=on),
            CertificateRows(register, batch=batch, on=on),
        )
