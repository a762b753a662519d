"""How forms of the register are laid out."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout


def helper_for(*fields: str | Field) -> FormHelper:
    """Fields in this order, inside a form the page writes itself."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.layout = Layout(*fields)
    return helper
