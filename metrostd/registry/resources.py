"""Plain import and export of register tables in the administration site, by business key.

All rows or none, validated like forms; importing an export changes nothing. States are exported and
never imported: they move by transitions only.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from import_export import fields, resources, widgets

from metrostd.common import clock

from .annex4.text import escape_formula, name_key, unescape_formula
from .imports.bulk import set_keys
from .imports.values import state_of
from .models import Authority, MeasurementStandard, ProfessionalField, StandardCertificate, Unit
from .numbers import number_fields

UNIT_CODE, UNIT_NAME = "统一社会信用代码", "单位名称"
STANDARD_NAME, NUMBER, UNTIL = "计量标准名称", "考核证书号", "有效期至"


class ChoiceWidget(widgets.Widget):
    """The word people read for each value; the value itself is accepted too."""

    def __init__(self, choices):
        super().__init__()
        self._words = {str(value): str(word) for value, word in choices}
        self._values = {word: value for value, word in self._words.items()}

    def clean(self, value, row=None, **kwargs):
        text = str(value or "")
        return self._values.get(text, text)

    def render(self, value, obj=None, **kwargs):
        return self._words.get(str(value or ""), "")


class YesNoWidget(widgets.BooleanWidget):
    """是 and 否."""

    TRUE_VALUES = ["是", "1", 1, True]
    FALSE_VALUES = ["否", "0", 0, False]

    def render(self, value, obj=None, **kwargs):
        return "是" if value else "否"


class UnitWidget(widgets.Widget):
    """A unit by its credit code, or by its exact name where it has none."""

    def clean(self, value, row=None, **kwargs):
        found = find_unit(str(value or ""), str((row or {}).get(UNIT_NAME) or ""))
        if found is None:
            raise ValueError(
                f"台账中没有信用代码“{value}”或名称“{(row or {}).get(UNIT_NAME)}”的单位。"
            )
        return found

    def render(self, value, obj=None, **kwargs):
        return value.uscc if value else ""


def find_unit(uscc: str, name: str) -> Unit | None:
    """By code when there is one, else the only unit of that name; ValueError when there are several."""
    if uscc:
        return Unit.objects.filter(uscc=uscc).first()
    named = list(Unit.objects.filter(name_key=name_key(name))[:2]) if name else []
    if len(named) > 1:
        raise ValueError(f"台账中有多个名为“{name}”的单位，请填写信用代码。")
    return named[0] if named else None


def in_chinese(resource):
    """Name the columns of a resource as the model names its fields, and its choices in words."""
    for name, field in resource.fields.items():
        try:
            column = resource._meta.model._meta.get_field(name)
        except FieldDoesNotExist:
            continue
        if field.column_name == name:
            field.column_name = str(column.verbose_name)
        if column.choices:
            field.widget = ChoiceWidget(column.flatchoices)
        elif isinstance(field.widget, widgets.BooleanWidget):
            field.widget = YesNoWidget()
    return resource


class RegisterResource(resources.ModelResource):
    """Columns are named in Chinese. Cells that could run as formulas are quoted on the way out and unquoted on the way in."""

    class Meta:
        abstract = True
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True

    def import_data(self, dataset, dry_run=False, **kwargs):
        kwargs["rollback_on_validation_errors"] = True
        return super().import_data(dataset, dry_run=dry_run, **kwargs)

    def export_field(self, field, instance, **kwargs):
        value = super().export_field(field, instance, **kwargs)
        return escape_formula(value) if isinstance(value, str) else value

    def before_import_row(self, row, **kwargs):
        for column, value in row.items():
            if value is None:
                row[column] = ""
            elif isinstance(value, str):
                row[column] = unescape_formula(value.strip())

    def before_save_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        if instance.pk and hasattr(instance, "version"):
            instance.version += 1


@in_chinese
class AuthorityResource(RegisterResource):
    parent = fields.Field("parent", "parent", widgets.ForeignKeyWidget(Authority, "code"))

    class Meta(RegisterResource.Meta):
        model = Authority
        import_id_fields = ("code",)
        fields = (
            "code",
            "name",
            "short_name",
            "region_name",
            "level",
            "parent",
            "office",
            "document_prefix",
            "address",
            "phone",
            "approval_split",
            "approval_body_name",
        )


@in_chinese
class ProfessionalFieldResource(RegisterResource):
    class Meta(RegisterResource.Meta):
        model = ProfessionalField
        import_id_fields = ("code",)
        fields = ("code", "name", "is_special_industry")


@in_chinese
class UnitResource(RegisterResource):
    territorial_authority = fields.Field(
        "territorial_authority",
        "territorial_authority",
        widgets.ForeignKeyWidget(Authority, "code"),
    )

    class Meta(RegisterResource.Meta):
        model = Unit
        import_id_fields = ("uscc", "name")
        fields = (
            "uscc",
            "name",
            "uscc_missing_reason",
            "unit_type",
            "territorial_authority",
            "registered_address",
            "actual_address",
            "competent_department",
            "legal_representative",
            "contact_name",
            "contact_phone",
            "contact_email",
            "operating_status",
        )

    def get_instance(self, instance_loader, row):
        return find_unit(str(row.get(UNIT_CODE) or ""), str(row.get(UNIT_NAME) or ""))

    def before_save_instance(self, instance, row, **kwargs):
        set_keys(instance)
        super().before_save_instance(instance, row, **kwargs)


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
    state = fields.Field("state", "state", readonly=True)

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
            raise ValueError("缺少证书号。")
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
        standard = find_standard({**row, NUMBER: ""})
        if standard is None:
            raise ValueError(f"台账中没有这个单位的“{row.get(STANDARD_NAME)}”。")
        state = state_of(number["identity"], until, expired=False, on=clock.today())
        return StandardCertificate(standard=standard, state=state, **number)

    def before_save_instance(self, instance, row, **kwargs):
        for name, value in number_fields(instance.number).items():
            if name != "number_raw" or not instance.number_raw:
                setattr(instance, name, value)


def find_standard(row: dict[str, Any]) -> MeasurementStandard | None:
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
