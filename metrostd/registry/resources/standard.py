"""Standards and their certificates."""

import datetime as dt

from django.core.exceptions import ValidationError
from import_export import fields, widgets

from metrostd.common import clock
from metrostd.common.shapes import Texts
from metrostd.registry.certificate_dates import state_of
from metrostd.registry.models import (
    Authority,
    MeasurementStandard,
    ProfessionalField,
    StandardCertificate,
    StandardDomain,
)
from metrostd.registry.numbers import number_fields

from .base import RegisterResource, in_chinese
from .organisation import UNIT_CODE, UNIT_NAME, UnitWidget, find_unit

STANDARD_NAME, NUMBER, UNTIL = "计量标准名称", "考核证书号", "有效期至"


@in_chinese
class StandardResource(RegisterResource):
    """The key is the unit with the certificate number, or with the name while there is no number."""

    unit = fields.Field("unit", UNIT_CODE, UnitWidget())
    unit_name = fields.Field("unit__name", UNIT_NAME, readonly=True)
    certificate_number = fields.Field(column_name=NUMBER, readonly=True)
    field = fields.Field("field", "field", widgets.ForeignKeyWidget(ProfessionalField, "code"))
    issuing_authority = fields.Field(
        "issuing_authority", "issuing_authority", widgets.ForeignKeyWidget(Authority, "code")
    )
    hosting_authority = fields.Field(
        "hosting_authority", "hosting_authority", widgets.ForeignKeyWidget(Authority, "code")
    )

    class Meta(RegisterResource.Meta):
        model = MeasurementStandard
        import_id_fields = ("unit", "name")
        fields = (
            "unit",
            "unit_name",
            "certificate_number",
            "name",
            "jjf1022_code",
            "field",
            "category",
            "measuring_range",
            "performance_kind",
            "performance",
            "storage_place",
            "original_value",
            "responsible_person",
            "issuing_authority",
            "hosting_authority",
            "in_scope",
            "regime",
        )

    def dehydrate_certificate_number(self, standard):
        number = (
            standard.certificates.filter(is_current=True).values_list("number", flat=True).first()
        )
        return number or ""

    def get_instance(self, instance_loader, row):
        return find_standard(row)


@in_chinese
class CertificateResource(RegisterResource):
    """The key is the number; the standard is named by its unit and its name."""

    standard = fields.Field("standard__name", STANDARD_NAME, readonly=True)
    unit_uscc = fields.Field("standard__unit__uscc", UNIT_CODE, readonly=True)
    unit_name = fields.Field("standard__unit__name", UNIT_NAME, readonly=True)
    state = fields.Field("state_now", "state", readonly=True)

    class Meta(RegisterResource.Meta):
        model = StandardCertificate
        import_id_fields = ("number",)
        fields = (
            "number",
            "unit_uscc",
            "unit_name",
            "standard",
            "is_current",
            "issue_date",
            "valid_until",
            "issue_kind",
            "examined_range",
            "examined_performance",
            "examined_items",
            "state",
        )

    def get_instance(self, instance_loader, row):
        identity = number_fields(str(row.get(NUMBER) or ""))["identity"]
        if not identity:
            return _draft(row)
        rows = StandardCertificate.objects.filter(identity=identity).select_related(
            "standard__unit"
        )
        return rows.order_by("-is_current", "-pk").first()

    def init_instance(self, row=None):
        row = row or {}
        number = number_fields(str(row.get(NUMBER) or ""))
        until = row.get(UNTIL)
        until = until.date() if isinstance(until, dt.datetime) else until
        if isinstance(until, str):
            until = dt.date.fromisoformat(until) if until else None
        standard = standard_of({**row, NUMBER: ""})
        state = state_of(number["identity"], until, expired=False, on=clock.today())
        return StandardCertificate(standard=standard, state=state, **number)

    def before_save_instance(self, instance, row, **kwargs):
        for name, value in number_fields(instance.number).items():
            if name != "number_raw" or not instance.number_raw:
                setattr(instance, name, value)


@in_chinese
class DomainResource(RegisterResource):
    """One priority domain of a standard a row; rows only come in, what is not named stays."""

    unit_uscc = fields.Field("standard__unit__uscc", UNIT_CODE, readonly=True)
    unit_name = fields.Field("standard__unit__name", UNIT_NAME, readonly=True)
    standard = fields.Field("standard__name", STANDARD_NAME, readonly=True)
    certificate_number = fields.Field(column_name=NUMBER, readonly=True)

    class Meta(RegisterResource.Meta):
        model = StandardDomain
        import_id_fields = ("domain",)
        fields = ("unit_uscc", "unit_name", "standard", "certificate_number", "domain")

    def dehydrate_certificate_number(self, row):
        numbers = row.standard.certificates.filter(is_current=True)
        return numbers.values_list("number", flat=True).first() or ""

    def get_instance(self, instance_loader, row):
        standard = standard_of(row)
        domain = self.fields["domain"].clean(row)
        return StandardDomain.objects.filter(standard=standard, domain=domain).first()

    def init_instance(self, row=None):
        return StandardDomain(standard=standard_of(row or {}))


def standard_of(row: Texts) -> MeasurementStandard:
    """The standard a row is about; ValueError when the register has none such."""
    found = find_standard(row)
    if found is None:
        raise ValueError(f"台账中没有这个单位的“{row.get(STANDARD_NAME)}”。")
    return found


def _draft(row: Texts) -> StandardCertificate:
    """The certificate still without number of a standard without number; a new one needs its number."""
    standard = find_standard(row)
    found = standard.certificates.filter(identity="").order_by("-pk").first() if standard else None
    if found is None:
        raise ValueError("缺少证书号。")
    return found


def find_standard(row: Texts) -> MeasurementStandard | None:
    """By current certificate number, else by unit and name among those without number."""
    unit = find_unit(str(row.get(UNIT_CODE) or ""), str(row.get(UNIT_NAME) or ""))
    if unit is None:
        return None
    identity = number_fields(str(row.get(NUMBER) or ""))["identity"]
    own = unit.standards.all()
    if identity:
        found = own.filter(certificates__is_current=True, certificates__identity=identity).first()
        if found is not None:
            return found
    numbered = StandardCertificate.objects.filter(is_current=True).exclude(identity="")
    waiting = own.filter(name=row.get(STANDARD_NAME) or "").exclude(
        pk__in=numbered.values("standard")
    )
    candidates = list(waiting[:2])
    if len(candidates) > 1:
        raise ValidationError(
            f"“{unit}”有多项没有证书号的“{row.get(STANDARD_NAME)}”，无法确定是哪一项。"
        )
    return candidates[0] if candidates else None
