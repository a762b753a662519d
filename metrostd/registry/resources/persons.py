"""Persons, items and public certificates of a standard."""

from typing import Any

from django.db.models import Prefetch
from import_export import fields

from metrostd.registry.enums import RecordState
from metrostd.registry.models import (
    MeasurementStandard,
    PublicStandardCertificate,
    StandardCertificate,
    StandardItem,
    StandardPerson,
)

from .base import RegisterResource, in_chinese
from .organisation import UNIT_CODE, UNIT_NAME
from .standard import NUMBER, STANDARD_NAME, find_standard

STATE = "记录状态"


class StandardRecordResource(RegisterResource):
    """What belongs to a standard, found by its unit and its certificate number or name.

    ``key`` names the columns that tell one record of a standard from another. A void record goes out
    to be seen and does not come in: voiding needs a reason and a person.
    """

    key: tuple[str, ...] = ()
    unit_uscc = fields.Field("standard__unit__uscc", UNIT_CODE, readonly=True)
    unit_name = fields.Field("standard__unit__name", UNIT_NAME, readonly=True)
    standard_name = fields.Field("standard__name", STANDARD_NAME, readonly=True)
    certificate_number = fields.Field(column_name=NUMBER, readonly=True)
    state = fields.Field("state", STATE, readonly=True)
    void_reason = fields.Field("void_reason", "void_reason", readonly=True)

    class Meta(RegisterResource.Meta):
        abstract = True

    def filter_export(self, queryset, **kwargs):
        current = StandardCertificate.objects.filter(is_current=True)
        return (
            queryset.select_related("standard__unit")
            .prefetch_related(Prefetch("standard__certificates", queryset=current, to_attr="now"))
            .order_by("pk")
        )

    def dehydrate_certificate_number(self, record):
        return record.standard.now[0].number if record.standard.now else ""

    def get_instance(self, instance_loader, row):
        wanted = RecordState.VOID if is_void(row) else RecordState.RECORDED
        values = {name: self.fields[name].clean(row) for name in self.key}
        rows = self._meta.model.objects.filter(standard=standard_of(row), state=wanted, **values)
        return rows.order_by("-pk").first()

    def init_instance(self, row=None):
        return self._meta.model(standard=standard_of(row or {}))

    def skip_row(self, instance, original, row, import_validation_errors=None):
        return is_void(row) or super().skip_row(instance, original, row, import_validation_errors)


_STANDARD = ("unit_uscc", "unit_name", "standard_name", "certificate_number")
_END = ("state", "void_reason")


@in_chinese
class PersonResource(StandardRecordResource):
    """The key is the standard with name, kind and number of the proof."""

    key = ("name", "qualification_kind", "cert_no")

    class Meta(StandardRecordResource.Meta):
        model = StandardPerson
        import_id_fields = ("name",)
        fields = (
            *_STANDARD,
            "name",
            "qualification_kind",
            "cert_no",
            "project",
            "valid_until",
            "since",
            "until",
            *_END,
        )


@in_chinese
class ItemResource(StandardRecordResource):
    """The key is the standard with the name of the item, its range and its regulation."""

    key = ("name", "measuring_range", "basis")

    class Meta(StandardRecordResource.Meta):
        model = StandardItem
        import_id_fields = ("name",)
        fields = (*_STANDARD, "name", "measuring_range", "performance", "basis", "until", *_END)


@in_chinese
class PublicCertificateResource(StandardRecordResource):
    """The key is the standard with number and date of the certificate."""

    key = ("number", "issue_date")

    class Meta(StandardRecordResource.Meta):
        model = PublicStandardCertificate
        import_id_fields = ("number",)
        fields = (
            *_STANDARD,
            "number",
            "issuer",
            "issue_date",
            "valid_until",
            "valid_region",
            "authorisation_no",
            *_END,
        )


def standard_of(row: dict[str, Any]) -> MeasurementStandard:
    """The standard a row is about; ValueError when the register has none such."""
    found = find_standard(row)
    if found is None:
        raise ValueError(f"台账中没有这个单位的“{row.get(STANDARD_NAME)}”。")
    return found


def is_void(row: dict[str, Any]) -> bool:
    return row.get(STATE) == RecordState.VOID.label
