"""Input at the desk of routing tables."""

from typing import Unpack

from django import forms

from metrostd.common.day_fields import DueDay
from metrostd.common.forms import Refusable, helper_for
from metrostd.common.shapes import Files, FormOptions, Sent


class RoutingFileForm(Refusable, forms.Form):
    """Another version of the table."""

    file = forms.FileField(
        label="任务分工表（.xlsx）", error_messages={"required": "请选择任务分工表文件。"}
    )

    def __init__(
        self, data: Sent = None, files: Files = None, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, files, **kwargs)
        self.helper = helper_for("file")


class RoutingInForceForm(Refusable, forms.Form):
    """From which day a version is asked, and why."""

    day = DueDay(label="启用日期", help_text="今天的立即改派；以后的，到那一天凌晨改派")
    note = forms.CharField(
        label="理由和依据", max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, data: Sent = None, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.helper = helper_for("day", "note")
