"""The name a view of a list is kept under."""

from typing import Unpack

from django import forms

from .forms import Refusable, helper_for
from .kept_lists import LONGEST_NAME
from .shapes import FormOptions, Sent


class KeptListForm(Refusable, forms.Form):
    name = forms.CharField(
        label="名称", max_length=LONGEST_NAME, help_text="同名的视图会被替换；只有您自己看得到。"
    )

    def __init__(self, data: Sent = None, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.helper = helper_for("name")
