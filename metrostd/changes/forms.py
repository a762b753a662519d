"""更换、封存、撤销、恢复使用: what a unit fills in and how the hosting office answers."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms
from django.forms import BaseFormSet, formset_factory

from metrostd.common.day_fields import AnyDay, PastDay, late_reason_field
from metrostd.common.forms import Refusable, day_input, field_of, helper_for
from metrostd.common.outside import VersionField
from metrostd.common.sayings import Named
from metrostd.registry.enums import (
    ChangeCause,
    ChangeEffect,
    ChangeKind,
    ChangeSituation,
    InstrumentRole,
    InstrumentState,
    TraceKind,
)
from metrostd.registry.forms.records import RecordForm
from metrostd.registry.models import (
    ChangeLine,
    ChangeRecord,
    MeasurementStandard,
    StandardInstrument,
)

_OPINION = ("unit_opinion", "unit_opinion_by", "unit_opinion_on")
_DEPARTMENT = ("department_opinion", "department_opinion_by", "department_opinion_on")
#: The fields of each form, in the order of the official one, before the opinions.
_FIELDS = {
    ChangeKind.REPLACE: ("situations", "situation_note", "causes", "reason", "effect"),
    ChangeKind.SEAL: ("reason", "stop_from", "stop_until"),
    ChangeKind.WITHDRAW: ("reason", "stop_from"),
    ChangeKind.RESUME: ("reexamined_on", "reason"),
}
_INLINE = frozenset({"situations", "causes"})
_WIDE = frozenset(
    {"situations", "causes", "reason", "effect", "unit_opinion", "department_opinion"}
)
_MAX_LINES = 20
#: What a standard holds, by primary key, with the last tracing.
Held = dict[int, StandardInstrument]


def _part(*names: str) -> FormHelper:
    helper = helper_for()
    helper.layout = Layout(
        *(
            Field(name, wrapper_class="wide inline-ticks" if name in _INLINE else "wide")
            if name in _WIDE
            else name
            for name in names
        )
    )
    return helper


class ChangeForm(RecordForm):
    """The form of one kind; what is missing is said when it is submitted, a draft may have gaps."""

    situations = forms.MultipleChoiceField(
        label="情况",
        choices=ChangeSituation.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    causes = forms.MultipleChoiceField(
        label="更换原因",
        choices=ChangeCause.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    effect = forms.ChoiceField(
        label="更换后计量特性、测量范围和项目",
        choices=ChangeEffect.choices,
        required=False,
        widget=forms.RadioSelect,
        help_text="几方面都有变化的，选影响最大的一项（最后一项）。",
    )

    class Meta:
        model = ChangeRecord
        fields = [
            "situations",
            "situation_note",
            "causes",
            "reason",
            "effect",
            "stop_from",
            "stop_until",
            "reexamined_on",
            *_OPINION,
            *_DEPARTMENT,
        ]
        widgets = {
            "reason": forms.Textarea(attrs={"rows": 3}),
            "unit_opinion": forms.Textarea(attrs={"rows": 2}),
            "department_opinion": forms.Textarea(attrs={"rows": 2}),
            "stop_from": day_input(),
            "stop_until": day_input(),
            "reexamined_on": day_input(),
            "unit_opinion_on": day_input(),
            "department_opinion_on": day_input(),
        }
        field_classes = {
            "stop_from": AnyDay,
            "stop_until": AnyDay,
            "reexamined_on": PastDay,
            "unit_opinion_on": PastDay,
            "department_opinion_on": PastDay,
        }

    def __init__(self, *args, kind: str, **kwargs):
        super().__init__(*args, **kwargs)
        kind = ChangeKind(kind)
        department = _DEPARTMENT if kind in ChangeKind.through_department else ()
        for name in {*self.Meta.fields} - {*_FIELDS[kind], *_OPINION, *department}:
            del self.fields[name]
        if kind != ChangeKind.REPLACE:
            self.fields["reason"].label = f"{kind.label}原因"
        if kind == ChangeKind.WITHDRAW:
            self.fields["stop_from"].label = "停用日期"
        if department and not self.instance.standard.unit.competent_department:
            self.fields["department_opinion"].help_text = "台账中没有登记主管部门的，可以不填。"
        self.helper = _part("base_version", *_FIELDS[kind])
        self.opinions = _part(*_OPINION, *department)

    def changes(self):
        return {name: self.cleaned_data[name] for name in self.fields if name != "base_version"}

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("stop_from"), cleaned.get("stop_until")
        if start and end and end < start:
            self.add_error("stop_until", "停用日期止不能早于停用日期起。")
        return cleaned


class _LineForm(Named, forms.ModelForm):
    """One row of a table of instruments; a row left empty is no row."""

    role = forms.ChoiceField(
        label="类别", choices=InstrumentRole.choices, initial=InstrumentRole.MAIN
    )

    class Meta:
        model = ChangeLine
        fields = [
            "role",
            "name",
            "model",
            "measuring_range",
            "performance",
            "manufacturer",
            "serial_no",
            "trace_org",
            "trace_cert_no",
        ]

    def __init__(self, *args, held: Held, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["performance"].label = "技术指标"
        self.fields["trace_org"].label = "溯源机构"
        self.fields["trace_cert_no"].label = "溯源证书编号"

    @property
    def helper(self) -> FormHelper:
        """Made on demand: the formset adds its box for removing a row after the form is built."""
        return helper_for(*self.fields)


class BeforeLineForm(_LineForm):
    """An instrument that goes: chosen from the register, or written down when it is not there."""

    class Meta(_LineForm.Meta):
        fields = ["instrument", *_LineForm.Meta.fields]

    def __init__(self, *args, held: Held, **kwargs):
        super().__init__(*args, held=held, **kwargs)
        # Not a choice of models: each row of the table would ask the database for the list again.
        self.fields["instrument"] = forms.TypedChoiceField(
            label="台账中的设备",
            choices=[("", "不在台账中，在右侧填写"), *((pk, str(row)) for pk, row in held.items())],
            coerce=lambda pk: held[int(pk)],
            empty_value=None,
            required=False,
            help_text="选了台账中的设备，其余各栏自动带出。",
        )
        self.fields["name"].required = False

    def clean(self):
        cleaned = super().clean()
        chosen = cleaned.get("instrument")
        if chosen is None:
            if not cleaned.get("name"):
                self.add_error("name", "请选择台账中的设备，或者填写名称。")
            return cleaned
        for name in self._meta.fields[1:8]:
            cleaned[name] = getattr(chosen, name)[: _length(name)]
        cleaned["trace_org"] = cleaned.get("trace_org") or chosen.last_trace_org or ""
        cleaned["trace_cert_no"] = cleaned.get("trace_cert_no") or chosen.last_trace_cert_no or ""
        return cleaned


class AfterLineForm(_LineForm):
    """An instrument that comes, with the certificate that traces it."""

    class Meta(_LineForm.Meta):
        fields = [*_LineForm.Meta.fields, "trace_kind", "traced_on", "trace_until"]
        widgets = {"traced_on": day_input(), "trace_until": day_input()}
        field_classes = {"traced_on": PastDay, "trace_until": AnyDay}

    def __init__(self, *args, held: Held, **kwargs):
        super().__init__(*args, held=held, **kwargs)
        field_of(self, "trace_kind", forms.ChoiceField).choices = [
            ("", "未注明"),
            *TraceKind.choices,
        ]


class LineFormSet(BaseFormSet):
    """A table of instruments without JavaScript: two empty rows are always there."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].label = "去掉这一台"

    def rows(self) -> list[dict[str, object]]:
        """What was entered, without empty and removed rows."""
        return [
            {name: value for name, value in form.cleaned_data.items() if name != "DELETE"}
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]


def held_by(standard: MeasurementStandard) -> Held:
    """The instruments that may be replaced, read once for all rows of the table."""
    rows = standard.instruments.filter(state__in=InstrumentState.held)
    return {row.pk: row for row in rows.with_last_trace().for_list()}


def line_formset(form: type[_LineForm]):
    return formset_factory(
        form,
        formset=LineFormSet,
        extra=2,
        max_num=_MAX_LINES,
        validate_max=True,
        can_delete=True,
        can_delete_extra=False,
    )


def _length(name: str) -> int | None:
    return getattr(ChangeLine._meta.get_field(name), "max_length", None)


class DecisionForm(Refusable, forms.Form):
    """How the hosting office answers: approve, refuse, or return to be completed."""

    outcome = forms.ChoiceField(
        label="决定",
        choices=[("approve", "批准"), ("refuse", "不予批准"), ("send_back", "退回补正")],
        widget=forms.RadioSelect,
    )
    opinion = forms.CharField(
        label="主持考核部门意见",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="不予批准和退回补正的，请写明理由；批准的可以不填。",
    )
    opinion_by = forms.CharField(label="负责人", required=False, max_length=40)
    decided_on = PastDay(label="决定日期", required=False)
    late_reason = late_reason_field("决定日期")
    new_issue_date = PastDay(label="新证书发证日期", required=False)
    new_valid_until = AnyDay(label="新证书有效期至", required=False)
    certificate_returned_on = PastDay(label="原证书交回日期", required=False)
    base_version = VersionField(min_value=1)

    _OWN = {
        "new_issue_date": ChangeKind.RESUME,
        "new_valid_until": ChangeKind.RESUME,
        "certificate_returned_on": ChangeKind.WITHDRAW,
    }

    def __init__(self, *args, record: ChangeRecord, **kwargs):
        super().__init__(*args, **kwargs)
        for name, kind in self._OWN.items():
            if record.kind != kind:
                del self.fields[name]
        self.fields["base_version"].initial = record.version
        self.helper = helper_for(*self.fields)

    def clean(self):
        cleaned = super().clean()
        outcome = cleaned.get("outcome")
        if outcome in ("refuse", "send_back") and not (cleaned.get("opinion") or "").strip():
            self.add_error("opinion", "请写明理由。")
        if outcome in ("approve", "refuse"):
            if not (cleaned.get("opinion_by") or "").strip():
                self.add_error("opinion_by", "请填写负责人姓名。")
            if not cleaned.get("decided_on") and "decided_on" not in self.errors:
                self.add_error("decided_on", "请填写决定日期。")
        return cleaned
