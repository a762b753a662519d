"""Input of 廉政: amounts, what was settled, the unit's word."""

from decimal import Decimal

from django import forms

from inspections.enums import Manner
from inspections.models import IntegrityFeedback
from metrostd.common.forms import LaidForm


def _amount(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        min_value=Decimal(0),
        max_digits=9,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal"}),
    )


class CostForm(LaidForm):
    """What the unit bore, kind by kind; each is written down, also a 0."""

    lodging = _amount("住宿，由被检查单位承担（元）")
    meals = _amount("用餐，由被检查单位承担（元）")
    transport = _amount("交通，由被检查单位承担（元）")
    other = _amount("其他，由被检查单位承担（元）")
    note = forms.CharField(label="说明", max_length=200, required=False)


class SettleForm(LaidForm):
    note = forms.CharField(
        label="核实情况",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如：费用已于某月某日退还，收据见某号；或者系误填。",
    )


def _sign(name: str) -> forms.BooleanField:
    label = str(IntegrityFeedback._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return forms.BooleanField(label=label, required=False)


class FeedbackForm(LaidForm):
    """What the unit says of the conduct of those who came."""

    costs_borne = _sign("costs_borne")
    gifts = _sign("gifts")
    meals = _sign("meals")
    favours = _sign("favours")
    manner = forms.ChoiceField(label="工作作风", choices=Manner.choices, widget=forms.RadioSelect)
    comment = forms.CharField(
        label="具体情况和意见",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="有上述情形或者作风不好的，请写明时间、地点、人员和经过。",
    )

    def signs(self) -> dict[str, bool]:
        """The misconduct that is named."""
        return {name: self.cleaned_data[name] for name in IntegrityFeedback.SIGNS}
