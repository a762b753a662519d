"""Measurement standards and certificates."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class Category(models.TextChoices):
    """计量标准类别; it decides who inspects, through the routing rules of a campaign."""

    SP_STATUTORY = "sp_statutory", "社会公用计量标准（依法设置机构）"
    SP_AUTHORISED = "sp_authorised", "社会公用计量标准（依法授权）"
    DEPT_HIGHEST = "dept_highest", "部门最高计量标准"
    ENT_HIGHEST = "ent_highest", "企业最高计量标准"
    INST_HIGHEST = "inst_highest", "事业单位最高计量标准"
    OTHER = "other", "其他（授权专项检定等）"

    public = nonmember(frozenset({"sp_statutory", "sp_authorised"}))


class PerformanceKind(models.TextChoices):
    UNCERTAINTY = "uncertainty", "不确定度"
    ACCURACY_CLASS = "accuracy_class", "准确度等级"
    MPE = "mpe", "最大允许误差"


class PriorityDomain(models.TextChoices):
    """重点领域 of the notice, 一、监督检查范围."""

    FOOD = "food", "食品安全"
    WORK_SAFETY = "work_safety", "生产安全"
    ECOLOGY = "ecology", "生态环境"
    HEALTH = "health", "医疗卫生"


class Regime(models.TextChoices):
    CERTIFIED = "certified", "考核发证"
    SELF_MANAGED = "self_managed", "自主管理"


class CertificateState(StateChoices):
    """Five endings, five meanings: 封存, 撤销（计量标准）, 注销, 吊销, 撤销（行政许可）."""

    DRAFT = "draft", "在办（尚无证书号）"
    VALID = "valid", "有效"
    EXPIRING = "expiring", "即将到期"
    REEXAM_APPLIED = "reexam_applied", "已申请复查"
    EXPIRED = "expired", "已过有效期"
    SEALED = "sealed", "封存"
    WITHDRAWN = "withdrawn", "撤销（计量标准）"
    DEREGISTERED = "deregistered", "注销"
    REVOKED = "revoked", "吊销"
    ANNULLED = "annulled", "撤销（行政许可）"

    tones = nonmember(
        {
            "valid": "ok",
            "expiring": "warn",
            "reexam_applied": "info",
            "expired": "bad",
            "sealed": "muted",
            "withdrawn": "muted",
            "deregistered": "muted",
            "revoked": "bad",
            "annulled": "bad",
        }
    )
    #: The clock ends what is valid; what has ended is closed by 注销 or has been given up.
    turns = nonmember(
        {
            Turn.CLOCK: frozenset({"valid"}),
            Turn.UNIT: frozenset({"expiring", "sealed"}),
            Turn.OFFICE: frozenset({"draft", "reexam_applied", "expired", "revoked", "annulled"}),
            Turn.NOBODY: frozenset({"withdrawn", "deregistered"}),
        }
    )
    #: In a sampling frame; expired ones stay in, that is what G01 checks.
    in_frame = nonmember(frozenset({"valid", "expiring", "reexam_applied", "expired"}))
    #: What the end of the validity ends.
    run_out = nonmember(frozenset({"valid", "expiring", "reexam_applied", "sealed"}))
    live = nonmember(frozenset({"valid", "expiring", "reexam_applied", "expired", "sealed"}))
    #: A replacement of equipment still means something: the standard is in use or may be again.
    replaceable = nonmember(frozenset({"valid", "expiring", "reexam_applied", "sealed"}))
    ended = nonmember(frozenset({"withdrawn", "deregistered", "revoked", "annulled"}))


class IssueKind(models.TextChoices):
    NEW = "new", "新建"
    REEXAMINATION = "reexamination", "复查"


class CertificateActKind(models.TextChoices):
    """What is decided about a certificate; Annex 3 counts each (处置)."""

    SEALED = "sealed", "封存"
    WITHDRAWN = "withdrawn", "撤销（计量标准，单位申请）"
    DEREGISTERED = "deregistered", "注销"
    REVOKED = "revoked", "吊销"
    ANNULLED = "annulled", "撤销（行政许可）"
