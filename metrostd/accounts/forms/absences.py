"""Who stands in, and from when until when."""

from typing import Unpack

from django import forms

from metrostd.accounts.absences import candidates
from metrostd.accounts.models import Membership
from metrostd.common.day_fields import AnyDay, DueDay
from metrostd.common.forms import LaidForm, field_of
from metrostd.common.shapes import FormOptions, Sent


class AbsenceForm(LaidForm):
    deputy = forms.ModelChoiceField(Membership.objects.none(), label="代办人", empty_label="请选择")
    first_on = AnyDay(label="开始")
    last_on = DueDay(label="结束（含当日）")

    def __init__(
        self, data: Sent = None, *, membership: Membership, **kwargs: Unpack[FormOptions]
    ) -> None:
        super().__init__(data, **kwargs)
        field_of(self, "deputy", forms.ModelChoiceField).queryset = candidates(membership)
