"""Correcting a unit or a standard."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from metrostd.annex4 import CATALOGUE
from metrostd.annex4.uscc import read_uscc
from metrostd.common.forms import Refusable, field_of, helper_for
from metrostd.common.outside import VersionField
from metrostd.common.policies import YES, Verdict
from metrostd.registry.enums import PerformanceKind, PriorityDomain
from metrostd.registry.models import Authority, MeasurementStandard, Unit


class RecordForm(Refusable, forms.ModelForm):
    """Knows which version the person saw."""

    base_version = VersionField(min_value=1)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["base_version"].initial = self.instance.version
        for field in self.fields.values():
            _name_the_empty_choice(field)
        self.helper = helper_for(*self.fields)

    def changes(self) -> dict[str, object]:
        """What the person entered, by field of the model."""
        return {name: self.cleaned_data[name] for name in self._meta.fields or ()}


def _name_the_empty_choice(field: forms.Field) -> None:
    """Words instead of the dashes Django puts where nothing is chosen."""
    words = "请选择" if field.required else "未注明"
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label is not None:
            field.empty_label = words
    elif isinstance(field, forms.ChoiceField):
        choices: Iterable[tuple[object, object]] = field.choices  # type: ignore[assignment]
        field.choices = [(value, label if value else words) for value, label in choices]


class UnitForm(RecordForm):
    class Meta:
        model = Unit
        fields = [
            "name",
            "uscc",
            "uscc_missing_reason",
            "unit_type",
            "territorial_authority",
            "operating_status",
            "registered_address",
            "actual_address",
            "competent_department",
            "legal_representative",
            "contact_name",
            "contact_phone",
            "contact_email",
        ]
        help_texts = {
            "name": "改名后原名称自动列为曾用名，旧名单仍能对应。",
            "uscc": "18位，按 GB 32100 校验。",
            "uscc_missing_reason": "没有统一社会信用代码时填写，例如部队单位。",
            "actual_address": "计量标准实际所在地，现场检查以此为准。",
        }

    def __init__(self, *args, place: Verdict = YES, **kwargs):
        """``place``: whether the person may give the unit another district."""
        super().__init__(*args, **kwargs)
        territory = field_of(self, "territorial_authority", forms.ModelChoiceField)
        territory.queryset = Authority.objects.districts()
        territory.empty_label = "尚未确定"
        if not place:
            territory.disabled = True
            territory.help_text = place.reason

    def clean_uscc(self):
        text = self.cleaned_data["uscc"]
        if not text:
            return ""
        reading = read_uscc(text)
        if reading.value is None:
            kind = CATALOGUE[reading.problem]
            raise ValidationError(f"{kind.title}。{kind.advice}。")
        return reading.value


class ScopeForm(RecordForm):
    """Whether a standard is inspected, with the reason; the reason is given anew each time."""

    in_scope = forms.TypedChoiceField(
        label="监督检查范围",
        choices=[
            ("True", "列入：由市、区两级主持考核"),
            ("False", "不列入：由国家或者省级主持考核"),
        ],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = MeasurementStandard
        fields = ["in_scope", "scope_reason"]
        widgets = {"scope_reason": forms.Textarea(attrs={"rows": 3, "maxlength": 200})}
        help_texts = {"scope_reason": "写明依据，例如核对了证书原件上的发证机关。"}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial |= {"in_scope": str(self.instance.in_scope), "scope_reason": ""}
        self.fields["scope_reason"].required = True


class StandardForm(RecordForm):
    priority_domains = forms.MultipleChoiceField(
        label="重点领域",
        choices=PriorityDomain.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = MeasurementStandard
        fields = [
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
        ]
        widgets = {
            "measuring_range": forms.Textarea(attrs={"rows": 3}),
            "performance": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "jjf1022_code": "JJF 1022 规定的8位数字代码。",
            "field": "由代码前两位确定；没有代码时请选择。",
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["field"].empty_label = "尚未确定"
        self.fields["performance_kind"].choices = [("", "未注明"), *PerformanceKind.choices]
        if self.instance.pk:
            self.fields["priority_domains"].initial = [
                row.domain for row in self.instance.priority_domains.all()
            ]

    def clean_jjf1022_code(self):
        code = self.cleaned_data["jjf1022_code"].strip()
        if code and not (len(code) == 8 and code.isascii() and code.isdecimal()):
            raise ValidationError("计量标准代码应为8位数字（JJF 1022）。")
        return code

    def clean(self):
        cleaned = super().clean()
        code, field = cleaned.get("jjf1022_code"), cleaned.get("field")
        if code and field and not code.startswith(field.code):
            self.add_error("field", f"代码前两位{code[:2]}与所选专业领域（{field.code}）不符。")
        return cleaned
