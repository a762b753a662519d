"""Input of a draw of teams and of a declaration."""

import datetime as dt
from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError

from inspections.deadlines import check_planned_day
from inspections.enums import InterestKind
from inspections.models import InspectionTask
from metrostd.common.day_fields import AnyDay
from metrostd.common.forms import LaidForm, Refusable, day_input


class DrawTeamsForm(Refusable, forms.Form):
    """A day for each visit that takes part; visits without a day stay on the list."""

    def __init__(self, *args, tasks: Iterable[InspectionTask], **kwargs):
        super().__init__(*args, **kwargs)
        self.tasks = {task.pk: task for task in tasks}
        for task in self.tasks.values():
            self.fields[f"day-{task.pk}"] = AnyDay(
                label="计划检查日期",
                required=False,
                initial=task.planned_on,
                widget=day_input("form-control"),
            )

    def clean(self) -> dict:
        data = super().clean() or {}
        for pk, task in self.tasks.items():
            if day := data.get(f"day-{pk}"):
                try:
                    check_planned_day(task, day)
                except ValidationError as error:
                    self.add_error(f"day-{pk}", error.message_dict["planned_on"])
        return data

    def rows(self) -> list[tuple[InspectionTask, forms.BoundField]]:
        """Each visit with the field of its day."""
        return [(task, self[f"day-{pk}"]) for pk, task in self.tasks.items()]

    def days(self) -> dict[int, dt.date]:
        """The day of each visit that takes part, by its key."""
        return {pk: day for pk in self.tasks if (day := self.cleaned_data.get(f"day-{pk}"))}


class InterestForm(LaidForm):
    unit = forms.CharField(label="单位", max_length=120, help_text="单位全称或者统一社会信用代码")
    kind = forms.ChoiceField(label="关系", choices=InterestKind.choices)
    detail = forms.CharField(label="具体情况", max_length=200)
