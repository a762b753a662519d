"""Fixed values of accounts: states of an account, what a one-time code is for."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class AccountState(StateChoices):
    NEW = "new", "未启用"
    OPEN = "open", "在用"
    ASLEEP = "asleep", "休眠"
    CLOSED = "closed", "停用"

    tones = nonmember({"new": "warn", "open": "ok", "asleep": "muted", "closed": "muted"})
    turns = nonmember(
        {
            Turn.PERSON: frozenset({"new"}),
            Turn.CLOCK: frozenset({"open"}),
            Turn.OFFICE: frozenset({"asleep"}),
            Turn.NOBODY: frozenset({"closed"}),
        }
    )
    #: May sign in, once there is a password.
    live = nonmember(frozenset({"new", "open"}))


class CodePurpose(models.TextChoices):
    """What a one-time code lets its holder do."""

    ACTIVATE = "activate", "启用账户"
    RESET = "reset", "重设密码"
    MAIL = "mail", "验证邮箱"
    PHONE = "phone", "验证手机"

    #: Gives a new password.
    password = nonmember(frozenset({"activate", "reset"}))
