"""Input of work plans to clean values."""

from django import forms

from campaigns import together
from metrostd.common.day_fields import AnyDay, DueDay
from metrostd.common.forms import LaidForm
from metrostd.common.outside import VersionField

from .moves import FIELDS


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


class AskForm(LaidForm):
    due_on = DueDay(label="报送期限", help_text="含当日")


class PlanForm(LaidForm):
    """What the district plans."""

    ratio_percent = forms.IntegerField(
        label="抽查比例（%）", min_value=1, max_value=100,
        help_text="低于方案比例的，先在“调整本局安排”中说明理由",
    )  # fmt: skip
    onsite_start = AnyDay(label="现场检查开始")
    onsite_end = AnyDay(label="现场检查结束")
    teams = forms.CharField(
        label="检查组设置", required=False, max_length=2000, widget=_text(3),
        help_text="几个组、每组的组成和分工；是否邀请考评员",
    )  # fmt: skip
    merged_with = forms.CharField(
        label=together.LABEL, required=False, max_length=1000, widget=_text(2),
        help_text="例如：检验检测机构双随机抽查；没有的不填",
    )  # fmt: skip
    measures = forms.CharField(
        label="主要措施", required=False, max_length=4000, widget=_text(5),
        help_text="依法监管、科学公正、风险管理、协同推进",
    )  # fmt: skip
    coordination = forms.CharField(
        label="审批与监管协同", required=False, max_length=2000, widget=_text(3),
        help_text="审批权与监督管理权分开的区局必填",
    )  # fmt: skip
    base_version = VersionField()

    def words(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in FIELDS}
