"""A rule of reminding; a text; a day to look at."""

from crispy_forms.helper import FormHelper
from django import forms

from metrostd.common.forms import LaidForm, Refusable, helper_for

from .models import ReminderRule
from .wording import OWN, told_variables


class RuleForm(Refusable, forms.ModelForm):
    """The service writes and checks: the record in hand keeps its values until then."""

    class Meta:
        model = ReminderRule
        fields = ("kind", "moment", "days", "audience", "text", "by_law")
        help_texts = {
            "days": "到期前、逾期后填天数（按日历日）；每周汇总填星期几，1是星期一；其他填0",
            "audience": "上级主管处室：对区局是市局，对单位是接收材料的部门，对个人是其所在部门",
            "text": f"不填的用“提醒文字”中的文字。可以用的变量：{told_variables(OWN)}",
            "by_law": "对方关闭了邮件通知也照发",
        }

    @property
    def helper(self) -> FormHelper:
        return helper_for(*self.fields)

    def _post_clean(self) -> None:
        """The service writes and checks."""


class TextForm(LaidForm):
    text = forms.CharField(label="文字", widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: object = None, *, key: str, text: str) -> None:
        super().__init__(data, initial={"text": text})  # type: ignore[arg-type]
        self.fields["text"].help_text = f"可以用的变量：{told_variables(key)}"
