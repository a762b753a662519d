"""Instruments and their tracing records."""

from import_export import fields

from metrostd.common.shapes import Texts
from metrostd.registry.models import StandardInstrument, TraceRecord

from .base import in_chinese
from .records import END, STANDARD, OfStandardResource, VoidableResource, newest
from .standard import standard_of

NAME, MODEL, SERIAL_NO = "设备名称", "型号", "出厂编号"
ORG, CERT_NO = "检定或校准机构", "证书编号"


@in_chinese
class InstrumentResource(OfStandardResource):
    """The key is the standard with name, model and serial number of the instrument."""

    name = fields.Field("name", NAME)
    since = fields.Field("since", "since", readonly=True)
    state = fields.Field("state", "state", readonly=True)

    class Meta(OfStandardResource.Meta):
        model = StandardInstrument
        import_id_fields = ("name",)
        fields = (
            *STANDARD,
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

    def get_instance(self, instance_loader, row):
        return find_instrument(row)

    def init_instance(self, row=None):
        return StandardInstrument(standard=standard_of(row or {}))

    def before_save_instance(self, instance, row, **kwargs):
        if instance.pk is None:
            instance.since = instance.used_from
        super().before_save_instance(instance, row, **kwargs)


@in_chinese
class TraceResource(VoidableResource):
    """The key is the instrument with organisation and number of the certificate."""

    to_standard = "instrument__standard"
    instrument_name = fields.Field("instrument__name", NAME, readonly=True)
    model = fields.Field("instrument__model", MODEL, readonly=True)
    serial_no = fields.Field("instrument__serial_no", SERIAL_NO, readonly=True)

    class Meta(VoidableResource.Meta):
        model = TraceRecord
        import_id_fields = ("cert_no",)
        fields = (
            *STANDARD,
            "instrument_name",
            "model",
            "serial_no",
            "kind",
            "org",
            "cert_no",
            "traced_on",
            "valid_until",
            "result",
            *END,
        )

    def get_instance(self, instance_loader, row):
        own = _instrument(row).traces
        return newest(own.filter(org=row.get(ORG) or "", cert_no=row.get(CERT_NO) or ""), row)

    def init_instance(self, row=None):
        return TraceRecord(instrument=_instrument(row or {}))


def find_instrument(row: Texts) -> StandardInstrument | None:
    """By standard, name, model and serial number; ValueError when several answer to that."""
    own = standard_of(row).instruments.filter(
        name=row.get(NAME) or "", model=row.get(MODEL) or "", serial_no=row.get(SERIAL_NO) or ""
    )
    found = list(own[:2])
    if len(found) > 1:
        raise ValueError(f"有多台没有编号的“{row.get(NAME)} {row.get(MODEL)}”，无法确定是哪一台。")
    return found[0] if found else None


def _instrument(row: Texts) -> StandardInstrument:
    found = find_instrument(row)
    if found is None:
        number = row.get(SERIAL_NO) or "无编号"
        raise ValueError(f"台账中这项计量标准没有登记“{row.get(NAME)}”（{number}）。")
    return found
