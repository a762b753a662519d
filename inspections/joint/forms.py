"""Input of a proposal to come together."""

from typing import cast

from django import forms

from inspections.models import InspectionTask
from metrostd.common.day_fields import DueDay
from metrostd.common.forms import LaidForm

from .queries import possible_partners


class Partner(forms.ModelChoiceField):
    def label_from_instance(self, obj: InspectionTask) -> str:  # type: ignore[override]
        return f"{obj.authority}：{obj.get_kind_display()}（{obj.get_state_display()}）"


class JointForm(LaidForm):
    partner = Partner(label="与哪项检查一次进行", queryset=InspectionTask.objects.none())
    planned_on = DueDay(label="联合检查日期")
    place = forms.CharField(label="检查地点", max_length=200, required=False)
    note = forms.CharField(
        label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, task: InspectionTask, **kwargs):
        super().__init__(*args, **kwargs)
        choice = cast(Partner, self.fields["partner"])
        choice.queryset = possible_partners(task)
        self.fields["planned_on"].initial = task.planned_on
        self.fields["place"].initial = task.place
