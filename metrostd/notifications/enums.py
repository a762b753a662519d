"""The ways a message reaches a person, and how far one has come."""

from enum import nonmember

from metrostd.common.enums import StateChoices


class Channel(StateChoices):
    """通知渠道. The inbox is always there; the others need an address that was verified."""

    INBOX = "inbox", "收件箱"
    MAIL = "mail", "邮件"
    SMS = "sms", "短信"
    MESSENGER = "messenger", "工作通信软件"

    #: What leaves the portal: in one digest a person and day, by workers.
    outward = nonmember(frozenset({"mail", "sms", "messenger"}))
    #: Used unless the person says otherwise.
    usual = nonmember(frozenset({"inbox", "mail"}))
    #: Sent again by the clock when it is not known whether it arrived: a mail says who it is by its Message-ID.
    repeatable = nonmember(frozenset({"mail"}))


class Progress(StateChoices):
    """How far a digest has come; read from its times, never written."""

    WAITING = "waiting", "待发送"
    SENDING = "sending", "发送中"
    UNSURE = "unsure", "送达不明"
    SENT = "sent", "已发送"
    RETURNED = "returned", "已退信"
    FAILED = "failed", "发送失败"
    VOID = "void", "不再发送"

    tones = nonmember(
        {
            "waiting": "info",
            "sending": "running",
            "unsure": "warn",
            "sent": "ok",
            "returned": "bad",
            "failed": "bad",
            "void": "muted",
        }
    )
    #: What a person has to see to.
    unsuccessful = nonmember(frozenset({"failed", "returned"}))


class Reply(StateChoices):
    """What the other side said to one try."""

    TAKEN = "taken", "已接收"
    LATER = "later", "暂时不收"
    REFUSED = "refused", "拒绝"
    AWAY = "away", "连不上"
    UNSURE = "unsure", "送达不明"
    RETURNED = "returned", "退信"

    tones = nonmember(
        {
            "taken": "ok",
            "later": "warn",
            "refused": "bad",
            "away": "warn",
            "unsure": "warn",
            "returned": "bad",
        }
    )
