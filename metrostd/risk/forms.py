"""Input of risk to clean values."""

from typing import Unpack

from django import forms
from django.db.models import QuerySet

from metrostd.accounts.models import Membership
from metrostd.common.day_fields import DueDay, PastDay
from metrostd.common.forms import LaidForm, field_of
from metrostd.common.outside import VersionField
from metrostd.common.shapes import FormOptions, Sent
from metrostd.common.uploads import SIZE_LIMIT

from .enums import RiskLevel
from .indicators import INDICATORS

_POINTS = 20
_YEARS = 10


class TableForm(LaidForm):
    """A new version of the table of levels."""

    medium_from = forms.IntegerField(label="中风险起点（分）", min_value=1, max_value=99)
    high_from = forms.IntegerField(label="高风险起点（分）", min_value=2, max_value=99)
    starts_on = DueDay(label="执行日期")
    reason = forms.CharField(
        label="修订理由", max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )
    base_version = VersionField()

    def __init__(self, data: Sent = None, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        points = {
            f"points_{each.code}": forms.IntegerField(
                label=each.label, min_value=0, max_value=_POINTS
            )
            for each in INDICATORS
        }
        years = {
            f"years_{level.value}": forms.IntegerField(
                label=f"{level.label}风险：几年检查一次", min_value=0, max_value=_YEARS,
                help_text="填0的只参加随机抽取",
            )
            for level in RiskLevel
        }  # fmt: skip
        self.fields = points | years | self.fields

    def words(self) -> dict[str, object]:
        """What a table holds."""
        given = self.cleaned_data
        return {
            "points": {each.code: given[f"points_{each.code}"] for each in INDICATORS},
            "years": {level.value: given[f"years_{level.value}"] for level in RiskLevel},
            "medium_from": given["medium_from"],
            "high_from": given["high_from"],
            "starts_on": given["starts_on"],
            "reason": given["reason"],
        }


class _PersonField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Membership) -> str:
        return f"{obj.user}（{obj.get_role_display()}）"


class AssignForm(LaidForm):
    """Who deals with it, by when."""

    member = _PersonField(Membership.objects.none(), label="承办人", empty_label="请选择")
    due_on = DueDay(label="处置期限", help_text="含当日")

    def __init__(
        self, data: Sent = None, *, people: QuerySet, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **kwargs)
        field_of(self, "member", forms.ModelChoiceField).queryset = people


class HandleForm(LaidForm):
    measure = forms.CharField(
        label="处置情况", max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text="采取了什么措施，效果如何",
    )  # fmt: skip


class CloseForm(LaidForm):
    again_on = DueDay(
        label="再次核查日期",
        required=False,
        help_text="台账中原因尚未消除的必填，到期仍在的重新预警",
    )
    note = forms.CharField(label="办结意见", max_length=300, required=False)


class ProcedureForm(LaidForm):
    title = forms.CharField(label="文件名称", max_length=120)
    adopted_on = PastDay(label="印发日期")
    file = forms.FileField(
        label="文件",
        help_text=f"PDF、Word，{SIZE_LIMIT}",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.docx"}),
    )
