"""Fields for a day: what has happened lies in the past, what is owed in the future, every year is plausible.

A form uses these and no other (``tests/test_days.py``); what a day has to follow is asked by the act.
"""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError

from . import act_dates
from .forms import day_input
from .templatetags.formats import local_day


class AnyDay(forms.DateField):
    """A day of a plan or the end of a validity: before or after today, in a plausible year."""

    widget = day_input()

    def clean(self, value: object) -> dt.date | None:
        day: dt.date | None = super().clean(value)
        if day is not None and (wrong := self.against(day)):
            raise ValidationError(wrong)
        return day

    def against(self, day: dt.date) -> str:
        """What speaks against a day, or nothing."""
        return act_dates.implausible(day, what=str(self.label or ""))


class PastDay(AnyDay):
    """A day on which something has happened: today at the latest."""

    def against(self, day: dt.date) -> str:
        return super().against(day) or act_dates.out_of_bounds(day, what=str(self.label or ""))


class DueDay(AnyDay):
    """A day by which something is owed: today at the earliest."""

    def against(self, day: dt.date) -> str:
        return super().against(day) or act_dates.not_owed_by(day, what=str(self.label or ""))


class PastMoment(forms.DateTimeField):
    """A time at which something has happened: now at the latest."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def clean(self, value: object) -> dt.datetime | None:
        moment: dt.datetime | None = super().clean(value)
        if moment is not None:
            what = str(self.label or "")
            wrong = act_dates.implausible(local_day(moment), what=what)
            if wrong := wrong or act_dates.out_of_bounds(moment, what=what):
                raise ValidationError(wrong)
        return moment


def late_reason_field(what: str) -> forms.CharField:
    """Why an act is entered more than a day late (``act_dates.REASON_FIELD``)."""
    return forms.CharField(
        label="补录理由",
        max_length=200,
        required=False,
        help_text=f"{what}在一天以前的，说明当时没有登记的理由",
    )
