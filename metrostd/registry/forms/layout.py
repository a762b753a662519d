"""How forms of the register are laid out."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django import forms


def helper_for(*fields: str | Field) -> FormHelper:
    """Fields in this order, inside a form the page writes itself."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*fields)
    return helper


def day_input(css: str = "") -> forms.DateInput:
    """A date the browser helps with, kept when the form comes back."""
    return forms.DateInput(
        attrs={"type": "date"} | ({"class": css} if css else {}), format="%Y-%m-%d"
    )
