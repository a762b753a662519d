"""Input of witnesses and of the envelope."""

from django import forms

from metrostd.common.forms import LaidForm


class RevealForm(LaidForm):
    """What a device has kept; filled in by its script."""

    number = forms.CharField(label="您的数", max_length=12)
    salt = forms.CharField(label="随机盐", max_length=32, help_text="由提交承诺的设备填好。")


class CodeForm(LaidForm):
    code = forms.CharField(label="启封码", max_length=40)
