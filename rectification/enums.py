"""Fixed values of rectification."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices


class OrderKind(models.TextChoices):
    """责令改正 for breaches of law, a softer notice for plain deficiencies."""

    CORRECTION = "correction", "责令改正通知书"
    NOTICE = "notice", "整改通知书"


class OrderState(StateChoices):
    """The rectification of one unit under one order."""

    PENDING = "pending", "整改中"
    SUBMITTED = "submitted", "已报整改"
    VERIFIED = "verified", "整改合格"
    PARTIALLY_VERIFIED = "partially_verified", "部分合格"
    FAILED = "failed", "整改不合格"

    tones = nonmember(
        {
            "pending": "running",
            "submitted": "info",
            "verified": "ok",
            "partially_verified": "warn",
            "failed": "bad",
        }
    )


class ReviewMethod(models.TextChoices):
    DOCUMENTS = "documents", "材料核查"
    ON_SITE = "on_site", "现场复核"


class ReviewResult(StateChoices):
    PASSED = "passed", "合格"
    RETURNED = "returned", "退回"
    FAILED = "failed", "整改不合格"

    tones = nonmember({"passed": "ok", "returned": "warn", "failed": "bad"})


class DispositionAction(models.TextChoices):
    """Four endings an inspection can lead to; each has its own legal meaning."""

    SEALED = "sealed", "封存"
    WITHDRAWN = "withdrawn", "撤销（计量标准，单位申请）"
    DEREGISTERED = "deregistered", "注销"
    REVOKED = "revoked", "吊销"


class DispositionState(StateChoices):
    PROPOSED = "proposed", "已提出"
    DECIDED = "decided", "已决定"
    REJECTED = "rejected", "不采纳"

    tones = nonmember({"proposed": "warn", "decided": "ok", "rejected": "muted"})


class ReferralState(StateChoices):
    SENT = "sent", "已移送"
    RECEIVED = "received", "已接收"
    FILED = "filed", "已立案"
    NOT_FILED = "not_filed", "不予立案"
    DECIDED = "decided", "已决定"
    RETURNED = "result_returned", "结果已反馈"

    tones = nonmember(
        {
            "sent": "info",
            "received": "info",
            "filed": "running",
            "not_filed": "muted",
            "decided": "ok",
            "result_returned": "ok",
        }
    )
    filed_cases = nonmember(frozenset({"filed", "decided", "result_returned"}))
