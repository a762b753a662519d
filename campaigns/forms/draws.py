"""Input about lists and draws to clean values."""

import datetime as dt
from typing import Unpack

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Field, Layout, Row
from django import forms
from django.db.models import QuerySet

from campaigns.enums import AnnulGround, StrikeGround
from campaigns.models import DrawnUnit
from campaigns.protocol import lottery
from campaigns.terms import BEFORE, known_at
from campaigns.witnessing import reveal_from
from metrostd.accounts.models import Membership
from metrostd.accounts.querysets import MembershipQuerySet
from metrostd.common import clock
from metrostd.common.day_fields import PastDay
from metrostd.common.forms import Refusable, field_of, helper_for
from metrostd.common.shapes import Files, FormOptions, Sent
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.models import MeasurementStandard

from .directing import StandardsField


def _evenings() -> list[tuple[str, str]]:
    """The next draws of the lottery that leave those above time to acknowledge."""
    days = lottery.next_days(clock.today(), 12)
    return [
        (day.isoformat(), f"{cn_date(day)} 星期{'一二三四五六日'[day.weekday()]}")
        for day in days
        if known_at(day) - BEFORE > clock.now()
    ]


class MomentForm(Refusable, forms.Form):
    """Which draw of the public lottery counts: its evening and the number of its issue."""

    day = forms.ChoiceField(
        label="以哪天晚上的双色球为准",
        help_text="每周二、四、日晚开奖。上级须在24小时之前收悉，请留出时间。",
    )
    issue = forms.CharField(
        label="期号",
        max_length=7,
        help_text="七位数字，例如2021061；投注站和福彩网站公布有各期的日期。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        field_of(self, "day", forms.ChoiceField).choices = _evenings()
        self.helper = helper_for(*self.rows(), self.when())

    def rows(self) -> list[str | Row]:
        """What stands before the moment."""
        return []

    @staticmethod
    def when() -> Row:
        return Row(Column("day", css_class="col-md-6"), Column("issue", css_class="col-md-6"))

    def clean_issue(self) -> str:
        issue = str(self.cleaned_data["issue"]).strip()
        if not lottery.is_issue(issue):
            raise forms.ValidationError("期号由年份和三位序号组成，例如2021061。")
        return issue

    def clean(self) -> dict[str, object]:
        """An issue whose numbers are long known is no source of chance."""
        data = super().clean() or {}
        if data.get("day") and data.get("issue"):
            low, high = lottery.issues_about(dt.date.fromisoformat(str(data["day"])))
            if not low <= str(data["issue"]) <= high:
                self.add_error(
                    "issue", f"那天晚上开奖的应在第{low}期至第{high}期之间，请核对期号。"
                )
        return data

    def moment(self) -> dt.datetime:
        """The moment chosen; only after the form was found valid."""
        return known_at(dt.date.fromisoformat(self.cleaned_data["day"]))


class _WitnessField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.user}　{obj.label}"


class AnnounceForm(MomentForm):
    """The terms of a draw: how much, and which public draw decides."""

    source = forms.ChoiceField(
        label="公开来源",
        choices=[("lottery", "双色球"), ("witness", "见证人（各自提交承诺后一起公布）")],
        initial="lottery",
        required=False,
        widget=forms.RadioSelect,
    )
    witnesses = _WitnessField(
        Membership.objects.none(),
        label="见证人",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="选“见证人”的，指定2至4名，至少一名来自纪检监督；在约定那天9:00至21:30当面公布，届时有人没有公布的，以当晚双色球为准。",
    )
    ratio = forms.IntegerField(label="抽查比例（%）", min_value=1, max_value=100)
    ratio_reason = forms.CharField(
        label="低于建议比例的理由",
        max_length=200,
        required=False,
        help_text="比例低于方案规定时必填，例如：按疫情防控要求调整。",
    )

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        floor: int,
        witnesses: MembershipQuerySet,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.floor = floor
        field_of(self, "witnesses", forms.ModelMultipleChoiceField).queryset = witnesses
        self.fields["ratio"].initial = floor

    def rows(self) -> list[str | Row]:
        return [
            Row(
                Column("ratio", css_class="col-md-4"),
                Column("ratio_reason", css_class="col-md-8"),
            ),
            "source",
            "witnesses",
        ]

    def is_witnessed(self) -> bool:
        """Whether witnesses were chosen as the source."""
        return self.cleaned_data.get("source") == "witness"

    def begins(self) -> dt.datetime:
        """The moment of the terms: the evening of the lottery, or the morning of the witnesses."""
        day = dt.date.fromisoformat(self.cleaned_data["day"])
        return reveal_from(day) if self.is_witnessed() else self.moment()

    def fallback_at(self) -> dt.datetime | None:
        """When the lottery counts after all; only with witnesses."""
        return self.moment() if self.is_witnessed() else None

    def clean(self) -> dict[str, object]:
        data = super().clean()
        low = self.cleaned_data.get("ratio", self.floor) < self.floor
        if low and not self.cleaned_data.get("ratio_reason"):
            self.add_error("ratio_reason", f"抽查比例低于{self.floor}%，请说明理由。")
        return data


class BureauListForm(Refusable, forms.Form):
    """From which day on the certificates of the bureaus were issued whose files are drawn."""

    issued_from = PastDay(
        label="案卷起始日期", help_text="这一天以来签发的考核证书，其案卷列入名单，供抽取。"
    )

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.fields["issued_from"].initial = dt.date(clock.today().year - 2, 1, 1)
        self.helper = helper_for("issued_from")


class ValueForm(Refusable, forms.Form):
    """What was announced in public: issue and numbers, as they stand in the announcement."""

    issue = forms.CharField(
        label="期号",
        max_length=7,
        help_text="约定的期停开或者延期的，填写其后第一期的期号。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    numbers = forms.CharField(
        label="开奖号码",
        max_length=60,
        help_text="先6个红球，后1个蓝球，用空格隔开，例如 01 07 12 18 25 33 09。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = helper_for("issue", "numbers")


class RehearseForm(Refusable, forms.Form):
    """Only the ratio: the seed of a rehearsal is made by the portal and thrown away."""

    ratio = forms.IntegerField(label="抽查比例（%）", min_value=1, max_value=100)

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = helper_for("ratio")


class AnnulForm(Refusable, forms.Form):
    """On which of the two grounds a frozen list is given up, and what shows it."""

    ground = forms.ChoiceField(label="原因", choices=AnnulGround.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label="经过和依据", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = helper_for("ground", "note")


class _DrawnField(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: DrawnUnit) -> str:
        return f"{obj.order}　{obj.name_then}"


class StrikeForm(MomentForm):
    """Which drawn units may not be inspected, why, and which public draw gives the substitutes."""

    units = _DrawnField(
        DrawnUnit.objects.none(), label="划除的单位", widget=forms.CheckboxSelectMultiple
    )
    ground = forms.ChoiceField(label="原因", choices=StrikeGround.choices)
    evidence = forms.CharField(
        label="依据",
        max_length=200,
        help_text="证明文件的名称和文号，例如：西青区市场监管局准予注销登记通知书，（2021）第123号。",
    )

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        drawn: QuerySet,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        field_of(self, "units", forms.ModelMultipleChoiceField).queryset = drawn

    def rows(self) -> list[str | Row]:
        return ["units", "ground", "evidence"]


class DirectedForm(Refusable, forms.Form):
    """Standards of one unit to be checked by direction, with the reason."""

    reason = forms.CharField(
        label="定向检查的理由",
        max_length=200,
        help_text="例如：投诉举报较多、有严重违法违规记录、重点领域。",
    )
    standards = StandardsField(
        MeasurementStandard.objects.none(),
        label="检查的计量标准",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        standards: QuerySet,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        field_of(self, "standards", forms.ModelMultipleChoiceField).queryset = standards
        self.fields["standards"].initial = standards
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout(Field("reason"), Field("standards"))


class FurtherForm(Refusable, forms.Form):
    """Further standards of a drawn unit, with the reason."""

    standards = StandardsField(
        MeasurementStandard.objects.none(),
        label="增加的计量标准",
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label="增加的理由",
        max_length=200,
        help_text="例如：该领域另有重点领域的计量标准、自查反映问题较多。",
    )

    def __init__(
        self,
        data: Sent = None,
        files: Files = None,
        *,
        standards: QuerySet,
        **kwargs: Unpack[FormOptions],
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.fields["standards"].queryset = standards  # type: ignore[attr-defined]
        self.helper = helper_for("standards", "reason")
