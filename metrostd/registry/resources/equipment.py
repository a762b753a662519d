"""Instruments and their tracing records."""

from typing import Any

from import_export import fields

from metrostd.registry.enums import RecordState
from metrostd.registry.models import MeasurementStandard, StandardInstrument, TraceRecord

from .base import RegisterResource, in_chinese
from .organisation import UNIT_CODE, UNIT_NAME
from .standard import NUMBER, STANDARD_NAME, find_standard

NAME, MODEL, SERIAL_NO = "设备名称", "型号", "出厂编号"
ORG, CERT_NO, TRACED_ON, STATE = "检定或校准机构", "证书编号", "检定或校准日期", "记录状态"


@in_chinese
class InstrumentResource(RegisterResource):
    """The key is the standard with name, model and serial number of the instrument."""

    unit_uscc = fields.Field("standard__unit__uscc", UNIT_CODE, readonly=True)
    unit_name = fields.Field("standard__unit__name", UNIT_NAME, readonly=True)
    standard_name = fields.Field("standard__name", STANDARD_NAME, readonly=True)
    certificate_number = fields.Field(column_name=NUMBER, readonly=True)
    name = fields.Field("name", NAME)
    since = fields.Field("since", "since", readonly=True)
    state = fields.Field("state", "state", readonly=True)

    class Meta(RegisterResource.Meta):
        model = StandardInstrument
        import_id_fields = ("name",)
        fields = (
            "unit_uscc",
            "unit_name",
            "standard_name",
            "certificate_number",
            "role",
            "name",
            "model",
            "serial_no",
            "manufacturer",
            "measuring_range",
            "performance",
            "trace_interval_months",
            "used_from",
            "state",
            "since",
        )

    def filter_export(self, queryset, **kwargs):
        return queryset.select_related("standard__unit").order_by("pk")

    def dehydrate_certificate_number(self, instrument):
        return _number(instrument.standard)

    def get_instance(self, instance_loader, row):
        return find_instrument(row)

    def init_instance(self, row=None):
        return StandardInstrument(standard=_standard(row or {}))

    def before_save_instance(self, instance, row, **kwargs):
        if instance.pk is None:
            instance.since = instance.used_from
        super().before_save_instance(instance, row, **kwargs)


@in_chinese
class TraceResource(RegisterResource):
    """The key is the instrument with organisation and number of the certificate.

    A void record goes out to be seen and does not come in: voiding needs a reason and a person.
    """

    unit_uscc = fields.Field("instrument__standard__unit__uscc", UNIT_CODE, readonly=True)
    unit_name = fields.Field("instrument__standard__unit__name", UNIT_NAME, readonly=True)
    standard_name = fields.Field("instrument__standard__name", STANDARD_NAME, readonly=True)
    certificate_number = fields.Field(column_name=NUMBER, readonly=True)
    instrument_name = fields.Field("instrument__name", NAME, readonly=True)
    model = fields.Field("instrument__model", MODEL, readonly=True)
    serial_no = fields.Field("instrument__serial_no", SERIAL_NO, readonly=True)
    state = fields.Field("state", STATE, readonly=True)
    void_reason = fields.Field("void_reason", "void_reason", readonly=True)

    class Meta(RegisterResource.Meta):
        model = TraceRecord
        import_id_fields = ("cert_no",)
        fields = (
            "unit_uscc",
            "unit_name",
            "standard_name",
            "certificate_number",
            "instrument_name",
            "model",
            "serial_no",
            "kind",
            "org",
            "cert_no",
            "traced_on",
            "valid_until",
            "result",
            "state",
            "void_reason",
        )

    def filter_export(self, queryset, **kwargs):
        return queryset.select_related("instrument__standard__unit").order_by("pk")

    def dehydrate_certificate_number(self, record):
        return _number(record.instrument.standard)

    def get_instance(self, instance_loader, row):
        instrument = _instrument(row)
        wanted = RecordState.VOID if _is_void(row) else RecordState.RECORDED
        rows = instrument.traces.filter(
            org=row.get(ORG) or "", cert_no=row.get(CERT_NO) or "", state=wanted
        )
        return rows.order_by("-pk").first()

    def init_instance(self, row=None):
        return TraceRecord(instrument=_instrument(row or {}))

    def skip_row(self, instance, original, row, import_validation_errors=None):
        return _is_void(row) or super().skip_row(instance, original, row, import_validation_errors)


def find_instrument(row: dict[str, Any]) -> StandardInstrument | None:
    """By standard, name, model and serial number; ValueError when several answer to that."""
    own = _standard(row).instruments.filter(
        name=row.get(NAME) or "", model=row.get(MODEL) or "", serial_no=row.get(SERIAL_NO) or ""
    )
    found = list(own[:2])
    if len(found) > 1:
        raise ValueError(f"有多台没有编号的“{row.get(NAME)} {row.get(MODEL)}”，无法确定是哪一台。")
    return found[0] if found else None


def _instrument(row: dict[str, Any]) -> StandardInstrument:
    found = find_instrument(row)
    if found is None:
        number = row.get(SERIAL_NO) or "无编号"
        raise ValueError(f"台账中这项计量标准没有登记“{row.get(NAME)}”（{number}）。")
    return found


def _standard(row: dict[str, Any]) -> MeasurementStandard:
    found = find_standard(row)
    if found is None:
        raise ValueError(f"台账中没有这个单位的“{row.get(STANDARD_NAME)}”。")
    return found


def _number(standard: MeasurementStandard) -> str:
    numbers = standard.certificates.filter(is_current=True).values_list("number", flat=True)
    return numbers.first() or ""


def _is_void(row: dict[str, Any]) -> bool:
    return row.get(STATE) == RecordState.VOID.label
