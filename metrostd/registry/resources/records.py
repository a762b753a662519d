"""What all tables share whose rows belong to a standard."""

from typing import TypeVar

from django.db.models import Prefetch, QuerySet
from import_export import fields

from metrostd.common.shapes import Texts
from metrostd.registry.enums import RecordState
from metrostd.registry.models import StandardCertificate
from metrostd.registry.models.records import VoidableRecord

from .base import RegisterResource
from .organisation import UNIT_CODE, UNIT_NAME
from .standard import NUMBER, STANDARD_NAME, standard_of

STATE = "记录状态"
#: The first columns of every such table, and the last ones of those whose rows may be void.
STANDARD = ("unit_uscc", "unit_name", "standard_name", "certificate_number")
END = ("state", "void_reason")


class OfStandardResource(RegisterResource):
    """Rows of a standard, which is found by its unit and its certificate number or name.

    ``to_standard`` leads from a row to the standard, as the database sees it.
    """

    to_standard = "standard"
    unit_uscc = fields.Field("standard__unit__uscc", UNIT_CODE, readonly=True)
    unit_name = fields.Field("standard__unit__name", UNIT_NAME, readonly=True)
    standard_name = fields.Field("standard__name", STANDARD_NAME, readonly=True)
    certificate_number = fields.Field(column_name=NUMBER, readonly=True)

    class Meta(RegisterResource.Meta):
        abstract = True

    def filter_export(self, queryset, **kwargs):
        current = Prefetch(
            f"{self.to_standard}__certificates",
            queryset=StandardCertificate.objects.filter(is_current=True),
            to_attr="now",
        )
        rows = queryset.select_related(f"{self.to_standard}__unit").prefetch_related(current)
        return rows.order_by("pk")

    def dehydrate_certificate_number(self, record):
        return record.standard.now[0].number if record.standard.now else ""


class VoidableResource(OfStandardResource):
    """A void record goes out to be seen and does not come in: voiding needs a reason and a person."""

    state = fields.Field("state", STATE, readonly=True)
    void_reason = fields.Field("void_reason", "void_reason", readonly=True)

    class Meta(OfStandardResource.Meta):
        abstract = True

    def skip_row(self, instance, original, row, import_validation_errors=None):
        return _is_void(row) or super().skip_row(instance, original, row, import_validation_errors)


class StandardRecordResource(VoidableResource):
    """``key`` names the columns that tell one record of a standard from another."""

    key: tuple[str, ...] = ()

    class Meta(VoidableResource.Meta):
        abstract = True

    def get_instance(self, instance_loader, row):
        values = {name: self.fields[name].clean(row) for name in self.key}
        return newest(self._meta.model.objects.filter(standard=standard_of(row), **values), row)

    def init_instance(self, row=None):
        return self._meta.model(standard=standard_of(row or {}))


_M = TypeVar("_M", bound=VoidableRecord)


def newest(rows: QuerySet[_M], row: Texts) -> _M | None:
    """The record a row of a file is about: the last one that is void, or not, as the file says."""
    wanted = RecordState.VOID if _is_void(row) else RecordState.RECORDED
    return rows.filter(state=wanted).order_by("-pk").first()


def _is_void(row: Texts) -> bool:
    return row.get(STATE) == RecordState.VOID.label
