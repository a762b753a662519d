"""Authorities, fields and units."""

from import_export import fields, widgets

from metrostd.common.text import name_key
from metrostd.registry.models import Authority, FormerName, ProfessionalField, Unit

from .base import RegisterResource, in_chinese

UNIT_CODE, UNIT_NAME = "统一社会信用代码", "单位名称"


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


@in_chinese
class FormerNameResource(RegisterResource):
    """The key is the unit with the name; a name that is not named stays."""

    unit = fields.Field("unit", UNIT_CODE, UnitWidget())
    unit_name = fields.Field("unit__name", UNIT_NAME, readonly=True)

    class Meta(RegisterResource.Meta):
        model = FormerName
        import_id_fields = ("unit", "name")
        fields = ("unit", "unit_name", "name")

    def get_instance(self, instance_loader, row):
        unit = self.fields["unit"].clean(row)
        key = name_key(str(row.get(self.fields["name"].column_name) or ""))
        return FormerName.objects.filter(unit=unit, name_key=key).first()

    def before_save_instance(self, instance, row, **kwargs):
        instance.name_key = name_key(instance.name)
