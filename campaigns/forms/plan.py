"""Input about a campaign and its plan to clean values."""

from collections.abc import Mapping
from typing import Any, Unpack

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.db.models import QuerySet

from campaigns.adjusting import PlanValue
from campaigns.dates import Calendar
from campaigns.enums import AdjustmentCause, PlanField, StageKind
from campaigns.models import Campaign
from metrostd.common.day_fields import AnyDay
from metrostd.common.forms import Refusable, field_of, helper_for
from metrostd.common.sayings import Named
from metrostd.common.shapes import Files, FormOptions, ModelFormOptions, Sent
from metrostd.registry.models import Authority

_STAGE_FIELDS = [f"{kind.value}_{side}" for kind in StageKind for side in ("start", "end")]
_DUE_FIELDS = ("bureau_self_check_due", "unit_self_check_due", "summary_due")


def _day(label: str) -> AnyDay:
    return AnyDay(label=label)


class CloseForm(Refusable, forms.Form):
    """The campaign's code typed and a reason, where closing is out of the ordinary."""

    code = forms.CharField(label="输入专项行动编号以确认", max_length=40, required=False)
    note = forms.CharField(
        label="提前结束的理由", required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        unusual: bool,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        if not unusual:
            self.fields.clear()
        self.helper = helper_for(*self.fields)


class CampaignForm(Named, forms.ModelForm):
    """A campaign with its four stages; the dates come filled with the notice's pattern."""

    notice_on = _day("通知日期")
    bureau_self_check_due = _day("区局自查报送期限")
    unit_self_check_due = _day("建标单位自查报送期限")
    summary_due = _day("总结报告和统计表报送期限")

    class Meta:
        model = Campaign
        fields = ["code", "title", "basis", "default_ratio", "district_review_ratio"]
        widgets = {"basis": forms.Textarea(attrs={"rows": 2})}
        labels = {"district_review_ratio": "考核监督抽查比例（%）"}
        help_texts = {
            "district_review_ratio": "随机选取区局的比例。",
            "code": "用于文件和命令，例如 2021；建立后不能修改。",
            "default_ratio": "通知建议不少于建标单位总数的20%。",
            "basis": "上级方案、通知文号。",
        }

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        calendar: Calendar,
        **kwargs: Unpack[ModelFormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        for name in ("notice_on", *_DUE_FIELDS):
            self.fields[name].initial = getattr(calendar, name)
        for kind in StageKind:
            start, end = calendar.stages.get(kind, (None, None))
            self.fields[f"{kind.value}_start"] = _day(f"{kind.label}开始")
            self.fields[f"{kind.value}_end"] = _day(f"{kind.label}结束")
            self.fields[f"{kind.value}_start"].initial = start
            self.fields[f"{kind.value}_end"].initial = end
        if self.instance.pk:
            del self.fields["code"]
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = self._layout()

    def calendar(self) -> Calendar:
        """The dates as one value; only after the form was found valid."""
        data = self.cleaned_data
        return Calendar(
            notice_on=data["notice_on"],
            bureau_self_check_due=data["bureau_self_check_due"],
            unit_self_check_due=data["unit_self_check_due"],
            summary_due=data["summary_due"],
            stages={
                kind: (data[f"{kind.value}_start"], data[f"{kind.value}_end"]) for kind in StageKind
            },
        )

    # Any: each is of the type its field gives, and a number is not a text
    def values(self) -> dict[str, Any]:
        """The remaining values, as the services take them."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name in self.fields}

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if not self.errors:
            for name, problem in self.calendar().problems().items():
                self.add_error(name, problem)
        return data

    def _layout(self) -> Layout:
        head = [Column("title", css_class="col-md-8")]
        if "code" in self.fields:
            head.append(Column("code", css_class="col-md-4"))
        stages = [
            Row(
                Column(f"{kind.value}_start", css_class="col-md-6"),
                Column(f"{kind.value}_end", css_class="col-md-6"),
            )
            for kind in StageKind
        ]
        return Layout(
            Fieldset(
                "基本情况",
                Row(*head),
                "basis",
                Row(
                    Column("notice_on", css_class="col-md-4"),
                    Column("default_ratio", css_class="col-md-4"),
                    Column("district_review_ratio", css_class="col-md-4"),
                ),
            ),
            Fieldset("阶段", *stages),
            Fieldset(
                "报送期限（含当日）",
                Row(*(Column(name, css_class="col-md-4") for name in _DUE_FIELDS)),
            ),
        )


class AdjustForm(Refusable, forms.Form):
    """The plan of a running campaign with the values in force; what is changed needs a reason."""

    cause = forms.ChoiceField(label="原因", choices=[("", "请选择"), *AdjustmentCause.choices])
    note = forms.CharField(
        label="说明", max_length=200, help_text="将告知有关部门，并留存在方案、抽取记录和统计表中。"
    )

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        values: Mapping[PlanField, PlanValue],
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        self._values = values
        for name, value in values.items():
            if isinstance(value, int):
                field: forms.Field = forms.IntegerField(
                    label=f"{name.label}（%）", min_value=1, max_value=100
                )
            else:
                field = _day(name.label)
            field.initial = value
            self.fields[name.value] = field
        columns = [Column(name.value, css_class="col-md-6") for name in values]
        pairs = [Row(*columns[i : i + 2]) for i in range(0, len(columns), 2)]
        self.helper = helper_for(*pairs, "cause", "note")

    def wanted(self) -> dict[PlanField, PlanValue]:
        """What each value is to be; only after the form was found valid."""
        return {name: self.cleaned_data[name.value] for name in self._values}


class ResolveForm(Refusable, forms.Form):
    """Which office inspects a standard the rules left open, and why."""

    authority = forms.ModelChoiceField(
        Authority.objects.none(), label="组织检查的部门", empty_label="请选择"
    )
    note = forms.CharField(label="理由", max_length=200)

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        authorities: QuerySet,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        field_of(self, "authority", forms.ModelChoiceField).queryset = authorities
