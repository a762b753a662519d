"""A person's own addresses."""

import re

from django import forms
from django.core.exceptions import ValidationError

from metrostd.common.forms import LaidForm

_MOBILE = re.compile(r"1[3-9]\d{9}")


def clean_mobile(text: str) -> str:
    """A mobile number of the mainland in eleven figures. Raises ValidationError."""
    figures = re.sub(r"[\s()（）-]", "", text).removeprefix("+86")
    if figures and not _MOBILE.fullmatch(figures):
        raise ValidationError("手机号码应当是11位数字，以1开头，例如13800138000。")
    return figures


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
