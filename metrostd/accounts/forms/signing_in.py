"""Signing in, activating an account, passwords, the second factor."""

from typing import Unpack

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from metrostd.accounts import passwords
from metrostd.accounts.doors import guess
from metrostd.accounts.models import User
from metrostd.common.forms import LaidForm, helper_for
from metrostd.common.sayings import Named
from metrostd.common.shapes import FormOptions, Sent


def _secret(label: str, *, new: bool = False, help_text: str = "") -> forms.CharField:
    kind = "new-password" if new else "current-password"
    widget = forms.PasswordInput(attrs={"autocomplete": kind})
    return forms.CharField(
        label=label, strip=False, widget=widget, help_text=help_text, max_length=200
    )


def _code_input(**more: str) -> forms.TextInput:
    return forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false", **more})  # fmt: skip


class SignInForm(Named, AuthenticationForm):
    """One sentence for a wrong name, a wrong password and a closed account alike."""

    error_messages = {
        "invalid_login": "用户名或密码不正确。注意区分大小写。",
        "inactive": "用户名或密码不正确。注意区分大小写。",
    }

    username = UsernameField(label="用户名", widget=forms.TextInput(attrs={"autofocus": True}))
    password = _secret("密码")

    @property
    def helper(self) -> FormHelper:
        return helper_for("username", "password")

    def clean(self) -> dict[str, object]:
        """Ask the password only of a name that need not wait; the wait is the same for any name."""
        if not self.cleaned_data.get("password"):
            return super().clean()  # nothing was guessed
        assert self.request is not None  # noqa: S101 -- the page of signing in gives it
        with guess(self.cleaned_data.get("username", ""), self.request) as tried:
            cleaned = super().clean()
            # With a second factor the attempt counts on until that was right, too.
            person = self.get_user()
            tried.settles = not (isinstance(person, User) and person.has_second_factor)
        return cleaned


class _NewPassword(LaidForm):
    """Two fields for a new password, and the rules of ``passwords``."""

    person: User | None = None

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        first, second = cleaned.get("new_password1"), cleaned.get("new_password2")
        if first and second and first != second:
            self.add_error("new_password2", "两次输入的新密码不一致，请重新输入。")
        return cleaned

    def check_rules(self) -> None:
        """Raise ValidationError for what the password lacks, beside its field."""
        try:
            validate_password(self.cleaned_data["new_password1"], self.person)
        except ValidationError as error:
            raise ValidationError({"new_password1": error.messages}) from error


class PasswordForm(_NewPassword):
    """Change one's own password."""

    old_password = _secret("现在的密码")
    new_password1 = _secret("新密码", new=True, help_text=passwords.RULES)
    new_password2 = _secret("再输一次新密码", new=True)

    def __init__(self, data: Sent = None, *, person: User, **kwargs: Unpack[FormOptions]) -> None:
        super().__init__(data, **kwargs)
        self.person = person


class ActivateForm(_NewPassword):
    """A one-time code and the password its holder wants."""

    username = UsernameField(label="用户名", max_length=150, help_text="印在启用通知单上")
    code = forms.CharField(
        label="一次性验证码",
        max_length=20,
        help_text="10位，大小写和短横不论",
        widget=_code_input(),
    )
    new_password1 = _secret("设置密码", new=True, help_text=passwords.RULES)
    new_password2 = _secret("再输一次密码", new=True)


class ForgottenForm(LaidForm):
    username = UsernameField(label="用户名", max_length=150)


class CodeForm(LaidForm):
    """The six figures of an authenticator, or a recovery code."""

    code = forms.CharField(
        label="动态口令",
        max_length=20,
        help_text="手机验证器上显示的6位数字；手机不在身边时填一个恢复码",
        widget=_code_input(inputmode="text", autofocus="autofocus"),
    )


class ConfirmForm(CodeForm):
    code = forms.CharField(
        label="验证器上显示的6位数字", max_length=20, widget=_code_input(inputmode="numeric")
    )


class OwnPasswordForm(LaidForm):
    """One's own password again, before something that a stolen session must not do."""

    password = _secret("您的密码")
