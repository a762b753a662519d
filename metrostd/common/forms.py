"""What forms of every app share: how they are laid out and how they take a refusal by the domain."""

from typing import TypeVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, LayoutObject
from django import forms
from django.core.exceptions import ValidationError

from .sayings import Named


def plain_helper() -> FormHelper:
    """All fields in their order, inside a form the page writes itself."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


def helper_for(*fields: str | LayoutObject) -> FormHelper:
    """These fields in this order, inside a form the page writes itself."""
    helper = plain_helper()
    helper.layout = Layout(*fields)
    return helper


def day_input(css: str = "") -> forms.DateInput:
    """A date the browser helps with, kept when the form comes back."""
    return forms.DateInput(
        attrs={"type": "date"} | ({"class": css} if css else {}), format="%Y-%m-%d"
    )


_F = TypeVar("_F", bound=forms.Field)


def field_of(form: forms.BaseForm, name: str, kind: type[_F]) -> _F:
    """A field of a form as the kind it was declared as; TypeError when it is another."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is a {type(field).__name__}")
    return field


class Refusable(Named):
    """A form whose input the domain may refuse after the form itself found it valid."""

    def refuse(self, error: ValidationError) -> None:
        """Show what the domain says beside the field it names, the rest above the form."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for field, errors in error.error_dict.items():
            self.add_error(field if field in self.fields else None, errors)


class LaidForm(Refusable, forms.Form):
    """A plain form: all its fields in their order, inside a form the page writes itself."""

    @property
    def helper(self) -> FormHelper:
        return helper_for(*self.fields)
