"""Fixed values of complaints and tip-offs."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class ComplaintKind(models.TextChoices):
    """Two procedures (市场监督管理投诉举报处理暂行办法第三条): a dispute of one's own, a breach of law."""

    COMPLAINT = "complaint", "投诉"
    TIP_OFF = "tip_off", "举报"


class ComplaintChannel(models.TextChoices):
    """How it reached the office."""

    WEB = "web", "网页"
    PHONE = "phone", "电话"
    LETTER = "letter", "来信来访"
    HOTLINE = "hotline", "12315转办"
    TRANSFER = "transfer", "其他部门转来"

    #: What an office enters for somebody who is not at the keyboard.
    entered = nonmember(("phone", "letter", "hotline", "transfer"))


class ComplaintState(StateChoices):
    """From the day it came to the answer (domain §7.9)."""

    RECEIVED = "received", "待决定受理"
    ACCEPTED = "accepted", "已受理"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    HANDLING = "handling", "办理中"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已办结"

    tones = nonmember(
        {
            "received": "warn",
            "accepted": "info",
            "not_accepted": "muted",
            "handling": "running",
            "answered": "ok",
            "closed": "ok",
        }
    )
    turns = nonmember(
        {
            Turn.OFFICE: frozenset({"received", "accepted", "handling", "answered"}),
            Turn.NOBODY: frozenset({"not_accepted", "closed"}),
        }
    )
    #: Taken up and not answered yet.
    in_hand = nonmember(frozenset({"accepted", "handling"}))
    #: Whoever may be told about it has been told all there is.
    settled = nonmember(frozenset({"not_accepted", "closed"}))


class MeasureKind(models.TextChoices):
    """What an office does about it."""

    VERIFY = "verify", "核查"
    CHECK = "check", "列为定向检查"
    REFER = "refer", "移送"


class Recipient(models.TextChoices):
    """Who a matter is handed to (通知抄送委综合行政执法总队)."""

    CORPS = "corps", "委综合行政执法总队"
    OTHER = "other", "其他机关"
