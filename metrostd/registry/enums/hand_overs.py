"""A committed list handed to the districts it concerns, and the rows they send back."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class HandOverState(StateChoices):
    SENT = "sent", "待签收"
    ACKNOWLEDGED = "acknowledged", "已签收"
    WITHDRAWN = "withdrawn", "已撤回"

    tones = nonmember({"sent": "warn", "acknowledged": "ok", "withdrawn": "muted"})
    turns = nonmember(
        {
            Turn.DISTRICT: frozenset({"sent"}),
            Turn.NOBODY: frozenset({"acknowledged", "withdrawn"}),
        }
    )


class ReturnState(StateChoices):
    DRAFT = "draft", "拟退回"
    OPEN = "open", "待处理"
    ANSWERED = "answered", "已答复"
    RESOLVED = "resolved", "已处理"
    WITHDRAWN = "withdrawn", "已撤销"

    tones = nonmember(
        {
            "draft": "warn",
            "open": "warn",
            "answered": "info",
            "resolved": "ok",
            "withdrawn": "muted",
        }
    )
    turns = nonmember(
        {
            Turn.DISTRICT: frozenset({"draft", "answered"}),
            Turn.CITY: frozenset({"open"}),
            Turn.NOBODY: frozenset({"resolved", "withdrawn"}),
        }
    )
    #: Still keeps the row from counting as acknowledged; one of these a row at a time.
    pending = nonmember(frozenset({"draft", "open", "answered"}))


class ReturnReason(models.TextChoices):
    ELSEWHERE = "elsewhere", "不在本区"
    ENDED = "ended", "单位已注销"
    MOVED = "moved", "已搬迁至其他区"
    DUPLICATE = "duplicate", "重复"
    WRONG = "wrong", "信息有误"
    OTHER = "other", "其他"

    #: About where the unit is: answered for all of its rows when it gets another district.
    place = nonmember(frozenset({"elsewhere", "moved"}))
    needs_words = nonmember(frozenset({"wrong", "other"}))


class ReturnDecision(models.TextChoices):
    MOVED = "moved", "改由其他区局签收"
    CORRECTED = "corrected", "已更正台账"
    KEPT = "kept", "维持原名单"
