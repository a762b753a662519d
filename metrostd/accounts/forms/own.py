"""A person's own addresses."""

from django import forms
from django.core.exceptions import ValidationError

from metrostd.accounts import mobile
from metrostd.common.forms import LaidForm


def clean_mobile(text: str) -> str:
    """A mobile number of the mainland in eleven figures. Raises ValidationError."""
    number = mobile.figures(text)
    if number and not mobile.is_mobile(number):
        raise ValidationError(mobile.WRONG)
    return number


class AddressForm(LaidForm):
    phone = forms.CharField(
        label="手机", required=False, max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    email = forms.EmailField(
        label="邮箱", required=False, max_length=120, help_text="核实后可以用来找回密码"
    )

    def clean_phone(self) -> str:
        return clean_mobile(self.cleaned_data["phone"])


class MailCodeForm(LaidForm):
    code = forms.CharField(
        label="邮件中的验证码", max_length=20, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )  # fmt: skip


class PhoneCodeForm(LaidForm):
    prefix = "phone"
    code = forms.CharField(
        label="短信中的验证码", max_length=20, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )  # fmt: skip
