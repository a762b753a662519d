"""Decisions on a certificate, and what a standard or a unit needs to be registered by hand."""

from crispy_forms.layout import Field, Layout
from django import forms
from django.core.exceptions import ValidationError

from metrostd.common.day_fields import AnyDay, PastDay, late_reason_field
from metrostd.common.forms import Refusable, helper_for
from metrostd.registry.certificate_dates import check_dates
from metrostd.registry.enums import IssueKind, Level
from metrostd.registry.models import Authority

from .records import StandardForm, UnitForm


def _text(label: str, *, required: bool = True, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text,
    )


class _ActForm(Refusable, forms.Form):
    """One decision, its long texts over the whole width."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = helper_for()
        self.helper.layout = Layout(
            *(
                Field(name, wrapper_class="wide")
                if isinstance(field.widget, forms.Textarea)
                else name
                for name, field in self.fields.items()
            )
        )


class ReexaminationForm(_ActForm):
    """申请复查考核: when the certificate is still far from its end, why."""

    note = _text("说明")

    def __init__(self, *args, early: bool, **kwargs):
        super().__init__(*args, **kwargs)
        note = self.fields["note"]
        note.required = early
        if early:
            note.label = "变化情况"
            note.help_text = (
                "证书离届满还早，只有测量范围或者开展的项目有变化时才提前申请复查，请写明变化。"
            )
        else:
            note.help_text = "例如受理日期、受理编号；可以不填。"


class RenewalForm(_ActForm):
    """换证: the dates of the new certificate; what was approved, when it has changed."""

    issue_date = PastDay(label="新证书发证日期")
    valid_until = AnyDay(label="新证书有效期至")
    examined_range = _text("核准的测量范围", required=False)
    examined_performance = _text("核准的不确定度或准确度等级或最大允许误差", required=False)
    examined_items = _text("核准的检定或校准项目", required=False)
    note = _text("说明", required=False)


class EndForm(_ActForm):
    """Why an application for re-examination comes to nothing."""

    note = _text("终止的理由", help_text="例如：建标单位撤回申请，复查考核不合格，登记有误。")


class DeregistrationForm(_ActForm):
    note = _text("注销理由", help_text="例如：有效期届满未申请延续（行政许可法第七十条）。")


class PenaltyForm(_ActForm):
    """吊销 and 撤销许可 rest on a written decision."""

    decision_no = forms.CharField(label="决定文号", max_length=60)
    decided_on = PastDay(label="决定日期")
    late_reason = late_reason_field("决定日期")
    note = _text("事实和理由")


class NewUnitForm(UnitForm):
    """A unit that no list has brought; a district registers those of its own territory."""

    def __init__(self, *args, reach, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("base_version")
        territory = self.fields["territorial_authority"]
        if not reach.everything:
            territory.queryset = territory.queryset.filter(pk__in=reach.authority_ids)
            territory.required = True
        self.helper = helper_for(*self.fields)


class NewStandardForm(StandardForm):
    """A standard with its first certificate; no number yet means 在办."""

    issuing_authority = forms.ModelChoiceField(label="发证部门", queryset=Authority.objects.none())
    hosting_authority = forms.ModelChoiceField(
        label="主持考核部门", queryset=Authority.objects.none()
    )
    number = forms.CharField(
        label="考核证书号",
        max_length=80,
        required=False,
        help_text="例如〔2021〕津量标企证字第001号；还没有发证的可以不填。",
    )
    issue_date = PastDay(label="发证日期", required=False)
    valid_until = AnyDay(label="有效期至", required=False)
    issue_kind = forms.ChoiceField(
        label="考核类别", choices=IssueKind.choices, initial=IssueKind.NEW
    )

    CERTIFICATE = ("number", "issue_date", "valid_until", "issue_kind")
    AUTHORITIES = ("issuing_authority", "hosting_authority")

    def __init__(self, *args, reach, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields.pop("base_version")
        offices = Authority.objects.exclude(level__in=Level.above_city).order_by("code")
        if not reach.everything:
            offices = offices.filter(pk__in=reach.authority_ids)
        for name in self.AUTHORITIES:
            self.fields[name].queryset = offices
        self.helper = helper_for(*self.fields)

    def clean(self):
        cleaned = super().clean()
        number = cleaned.get("number")
        start, end = cleaned.get("issue_date"), cleaned.get("valid_until")
        if number and not end and "valid_until" not in self.errors:
            self.add_error("valid_until", "填了证书号的，请填写有效期至。")
        if start and end:
            try:
                check_dates(start, end)
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned

    def certificate(self):
        return {name: self.cleaned_data[name] for name in self.CERTIFICATE}

    def changes(self):
        return super().changes() | {name: self.cleaned_data[name] for name in self.AUTHORITIES}
