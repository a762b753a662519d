"""Mails of accounts: short, plain, to one address, without a link that does anything."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from metrostd.common.templatetags.formats import cn_datetime

from .codes import shown
from .enums import CodePurpose
from .models import OneTimeCode, User

_WORDS = {
    CodePurpose.RESET: ("重设密码的验证码", "accounts:activate", "在页面上填写用户名和验证码，设置新密码。"),
    CodePurpose.MAIL: ("核实邮箱的验证码", "accounts:own", "登录后在“我的账户”页面填写验证码。"),
}  # fmt: skip


def send_code(person: User, row: OneTimeCode, code: str, address: str) -> None:
    """The code in words, and the page where it is entered. Raises what the mail server says."""
    what, name, then = _WORDS[CodePurpose(row.purpose)]
    body = (
        f"{person.display_name}：\n\n"
        f"您的用户名是 {person.username}，{what}是 {shown(code)}，有效至{cn_datetime(row.expires_at)}。\n"
        f"页面：{settings.PORTAL_URL}{reverse(name)}\n{then}\n\n"
        "没有要求过验证码的，不必理会这封邮件，也不要把验证码告诉别人。\n"
        "——计量标准专项监督检查系统\n"
    )
    EmailMessage(f"【计量标准监督检查】{what}", body, to=[address]).send()


def send_notice(address: str, *, subject: str, body: str) -> None:
    """Tell an address something about its account; its owner may not be the one who acts."""
    text = f"{body}\n\n——计量标准专项监督检查系统\n"
    EmailMessage(f"【计量标准监督检查】{subject}", text, to=[address]).send()
