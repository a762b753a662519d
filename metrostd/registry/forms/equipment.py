"""Input about instruments and their tracing."""

import datetime as dt

from crispy_forms.bootstrap import InlineRadios
from django import forms
from django.utils.text import format_lazy

from metrostd.common.day_fields import AnyDay, PastDay, late_reason_field
from metrostd.common.forms import Refusable, day_input, field_of, helper_for
from metrostd.common.uploads import SIZE_LIMIT
from metrostd.registry.enums import TraceKind, TraceResult
from metrostd.registry.models import StandardInstrument, TraceRecord
from metrostd.registry.moves.certificate import months_later
from metrostd.registry.moves.equipment import INSTRUMENT_MOVES

from .records import RecordForm


def _inline(names, radios: str) -> list:
    """The fields in their order, the choice of a few words beside each other."""
    return [InlineRadios(name) if name == radios else name for name in names]


class InstrumentForm(RecordForm):
    class Meta:
        model = StandardInstrument
        fields = [
            "role",
            "name",
            "model",
            "serial_no",
            "manufacturer",
            "trace_interval_months",
            "measuring_range",
            "performance",
            "used_from",
        ]
        widgets = {
            "role": forms.RadioSelect,
            "measuring_range": forms.Textarea(attrs={"rows": 2}),
            "performance": forms.Textarea(attrs={"rows": 2}),
            "used_from": day_input(),
        }
        field_classes = {"used_from": PastDay}
        help_texts = {
            "serial_no": "铭牌上的出厂编号，现场检查以此核对实物。",
            "trace_interval_months": "按检定规程或本单位规定的复校间隔，以月计；登记证书时据此推算有效期。",
            "used_from": "作为本项计量标准的组成部分开始使用的日期；不清楚可以不填。",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [c for c in self.fields["role"].choices if c[0]]
        self.helper = helper_for(*_inline(self.fields, "role"))


class TraceForm(RecordForm):
    """``on`` is the day it is filled in; nothing is traced in the future."""

    scan = forms.FileField(
        label="证书扫描件",
        required=False,
        help_text=format_lazy("PDF 或照片（JPEG、PNG），{}。", SIZE_LIMIT),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"empty": "文件是空的，请重新选择。"},
    )

    class Meta:
        model = TraceRecord
        fields = ["kind", "org", "cert_no", "traced_on", "valid_until", "result"]
        widgets = {
            "kind": forms.RadioSelect,
            "traced_on": day_input(),
            "valid_until": day_input(),
        }
        field_classes = {"traced_on": PastDay, "valid_until": AnyDay}
        help_texts = {
            "org": "证书上的检定、校准机构全称。",
            "valid_until": "最后一个有效日。证书没有写明的可以不填，按检定周期或复校间隔推算。",
            "result": "检定填合格或不合格；校准、比对经确认后填是否符合要求。",
        }

    def __init__(self, *args, on: dt.date, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on
        kind = field_of(self, "kind", forms.ChoiceField)
        kind.choices = TraceKind.choices
        self.helper = helper_for(*_inline(self.fields, "kind"))
        self.fields["traced_on"].widget.attrs["max"] = on.isoformat()

    def clean(self):
        cleaned = super().clean()
        traced_on, kind, result = map(cleaned.get, ("traced_on", "kind", "result"))
        if kind and result:
            verified = result in TraceResult.of_verification
            if verified != (kind == TraceKind.VERIFICATION):
                word = "合格或不合格" if not verified else "符合要求、不符合要求或待确认"
                self.add_error("result", f"溯源方式为“{TraceKind(kind).label}”时，结果应为{word}。")
        if traced_on and "valid_until" not in self.errors:
            self._settle_validity(cleaned, traced_on)
        return cleaned

    def refuse(self, error: forms.ValidationError) -> None:
        """What the service says without naming a field is about the scan."""
        if hasattr(error, "error_dict"):
            super().refuse(error)
        else:
            self.add_error("scan", error)

    def _settle_validity(self, cleaned, traced_on):
        until = cleaned.get("valid_until")
        if until is None:
            months = self.instance.instrument.trace_interval_months
            if not months:
                self.add_error(
                    "valid_until", "请填写有效期，或者先在设备资料中填写检定周期或复校间隔。"
                )
            else:
                cleaned["valid_until"] = months_later(traced_on, months) - dt.timedelta(days=1)
        elif until <= traced_on:
            self.add_error("valid_until", "有效期至应当晚于检定或校准日期。")


class MoveForm(Refusable, forms.Form):
    """What becomes of an instrument, from when, and why."""

    move = forms.ChoiceField(label="办理", widget=forms.RadioSelect)
    since = PastDay(label="自何日起")
    late_reason = late_reason_field("办理日期")
    note = forms.CharField(
        label="理由",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例如：送修、量程不再使用、损坏无法修复；更换的写明新设备的编号。",
        error_messages={"required": "请说明理由。"},
    )

    def __init__(self, *args, instrument: StandardInstrument, on: dt.date, **kwargs):
        super().__init__(*args, **kwargs)
        self.on = on
        self.moves = {
            move.name: move for move in INSTRUMENT_MOVES if move.allowed_from(instrument.state)
        }
        field_of(self, "move", forms.ChoiceField).choices = [
            (name, move.label) for name, move in self.moves.items()
        ]
        self.fields["since"].initial = on
        self.fields["since"].widget.attrs["max"] = on.isoformat()
        self.helper = helper_for(*_inline(self.fields, "move"))
