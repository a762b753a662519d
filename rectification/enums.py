"""Fixed values of rectification."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class OrderKind(models.TextChoices):
    """责令改正 for breaches of law, a softer notice for plain deficiencies."""

    CORRECTION = "correction", "责令改正通知书"
    NOTICE = "notice", "整改通知书"

    @property
    def mark(self) -> str:
        """What stands for the kind in a document number: 津西青市监责改〔2021〕3号."""
        return {"correction": "责改", "notice": "整改"}[self.value]


class OrderState(StateChoices):
    """The rectification of one unit under one order."""

    PENDING = "pending", "整改中"
    SUBMITTED = "submitted", "已报整改"
    VERIFIED = "verified", "整改合格"
    PARTIALLY_VERIFIED = "partially_verified", "部分合格"
    FAILED = "failed", "整改不合格"
    WITHDRAWN = "withdrawn", "已撤回"

    tones = nonmember(
        {
            "pending": "running",
            "submitted": "info",
            "verified": "ok",
            "partially_verified": "warn",
            "failed": "bad",
            "withdrawn": "muted",
        }
    )
    turns = nonmember(
        {
            Turn.UNIT: frozenset({"pending", "partially_verified"}),
            Turn.OFFICE: frozenset({"submitted"}),
            Turn.NOBODY: frozenset({"verified", "failed", "withdrawn"}),
        }
    )
    #: Still waiting for the unit or for the office.
    open = nonmember(frozenset({"pending", "submitted", "partially_verified"}))


class ReviewMethod(models.TextChoices):
    """How a rectification was confirmed."""

    DOCUMENTS = "documents", "材料核查"
    ON_SITE = "on_site", "现场复核"


class ReviewResult(StateChoices):
    """The office's decision on one submission."""

    PASSED = "passed", "合格"
    RETURNED = "returned", "退回"
    FAILED = "failed", "整改不合格"

    tones = nonmember({"passed": "ok", "returned": "warn", "failed": "bad"})


class ExtensionState(StateChoices):
    """A unit may ask once for a later day, before the due day has passed."""

    ASKED = "asked", "待批准"
    GRANTED = "granted", "同意延期"
    REFUSED = "refused", "不同意延期"
    LAPSED = "lapsed", "随文书撤回失效"

    tones = nonmember({"asked": "warn", "granted": "ok", "refused": "muted", "lapsed": "muted"})
    turns = nonmember(
        {
            Turn.OFFICE: frozenset({"asked"}),
            Turn.NOBODY: frozenset({"granted", "refused", "lapsed"}),
        }
    )
    #: A finding has at most one request in these states.
    standing = nonmember(frozenset({"asked", "granted"}))


class DispositionAction(models.TextChoices):
    """What an office may propose; 撤销（计量标准） is for the unit to apply for, in the register."""

    SEALED = "sealed", "封存"
    DEREGISTERED = "deregistered", "注销"
    REVOKED = "revoked", "吊销"
    ANNULLED = "annulled", "撤销（行政许可）"


class DispositionState(StateChoices):
    """A proposal to the issuing authority."""

    PROPOSED = "proposed", "已提出"
    DECIDED = "decided", "已决定"
    REJECTED = "rejected", "不采纳"

    tones = nonmember({"proposed": "warn", "decided": "ok", "rejected": "muted"})
    turns = nonmember(
        {Turn.OFFICE: frozenset({"proposed"}), Turn.NOBODY: frozenset({"decided", "rejected"})}
    )


class ReferralRecipient(models.TextChoices):
    """Who a case is handed to (通知抄送委综合行政执法总队); others are named in the case."""

    CORPS = "corps", "委综合行政执法总队"
    DISTRICT = "district", "区局执法机构"
    ISSUER = "issuer", "发证机关"
    OTHER = "other", "其他机关"


class ReferralState(StateChoices):
    """A case handed to enforcement."""

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
    turns = nonmember(
        {
            Turn.ENFORCEMENT: frozenset({"sent", "received", "filed", "not_filed", "decided"}),
            Turn.NOBODY: frozenset({"result_returned"}),
        }
    )
    #: The case has an outcome that settles the finding.
    settled = nonmember(frozenset({"decided", "result_returned"}))
    #: Filed, or come back filed: a result that came back without a case number was not.
    filed_cases = nonmember(frozenset({"filed", "decided", "result_returned"}))
