"""Which standards of a unit are to be checked when it is added to a draw by direction."""

from typing import Unpack

from django import forms
from django.db.models import QuerySet

from metrostd.common.forms import LaidForm, field_of
from metrostd.common.shapes import Files, FormOptions, Sent
from metrostd.registry.models import MeasurementStandard


class StandardsField(forms.ModelMultipleChoiceField):
    """Standards of one unit to tick, each with its professional field."""

    def label_from_instance(self, obj: MeasurementStandard) -> str:
        return f"{obj.name}（{obj.field or '未归类'}）"


class DirectForm(LaidForm):
    """Which standards of the unit are to be checked."""

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
