"""Sign-in and password forms."""

import datetime as dt

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from metrostd.common import audit
from metrostd.common.sayings import Named

from . import lockout
from .devices import device_of


class SignInForm(Named, AuthenticationForm):
    """One sentence for a wrong name, a wrong password and a closed account alike."""

    error_messages = {
        "invalid_login": "用户名或密码不正确。注意区分大小写。",
        "inactive": "用户名或密码不正确。注意区分大小写。",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "用户名"
        self.fields["password"] = forms.CharField(
            label="密码",
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        )
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("username", "password")

    def clean(self):
        """Ask the password only of a name that need not wait; the wait is the same for any name."""
        if not self.cleaned_data.get("password"):
            return super().clean()  # nothing was guessed
        name = self.cleaned_data.get("username", "")
        device = device_of(self.request)
        try:
            attempt = lockout.reserve(name, address=audit.origin.get(), device=device)
        except lockout.PausedError as paused:
            raise ValidationError(
                f"密码输错次数过多，为保护账户已暂停登录，请在{_clock(paused.until)}后再试。"
                "忘记密码或急需登录请联系系统管理员。",
                code="paused",
            ) from None
        try:
            cleaned = super().clean()
        except ValidationError:
            lockout.note_failure(attempt)
            raise
        lockout.forget(attempt)
        return cleaned


def _clock(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M:%S}"


class PasswordForm(Named, PasswordChangeForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "现在的密码"
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password1"].help_text = "至少10位，不要用姓名、纯数字或常见密码。"
        self.fields["new_password2"].label = "再输一次新密码"
        self.fields["new_password2"].help_text = ""
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = Layout("old_password", "new_password1", "new_password2")
