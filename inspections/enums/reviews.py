"""Fixed values of 考核工作监督检查: states of a review, results of problems, papers of a case file."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class ReviewState(StateChoices):
    """考核工作监督检查 of one drawn bureau, from the draw to what became of its problems."""

    DRAWN = "drawn", "已抽取"
    NOTIFIED = "notified", "已通知区局"
    FILES_REQUESTED = "files_requested", "已调取案卷"
    ON_REVIEW = "on_review", "检查中"
    CONCLUDED = "concluded", "检查结束"
    MEASURES_DUE = "measures_due", "待报整改措施"
    MEASURES_SUBMITTED = "measures_submitted", "已报整改措施"
    CONFIRMED = "confirmed", "整改已确认"
    FAILED = "failed", "整改不合格"
    REPORTED_UP = "reported_up", "已上报"

    tones = nonmember(
        {
            "drawn": "muted",
            "notified": "info",
            "files_requested": "info",
            "on_review": "running",
            "concluded": "warn",
            "measures_due": "running",
            "measures_submitted": "warn",
            "confirmed": "ok",
            "failed": "bad",
            "reported_up": "bad",
        }
    )
    turns = nonmember(
        {
            Turn.CITY: frozenset(
                {"drawn", "notified", "concluded", "measures_submitted", "failed"}
            ),
            Turn.DISTRICT: frozenset({"files_requested", "measures_due"}),
            Turn.TEAM: frozenset({"on_review"}),
            Turn.NOBODY: frozenset({"confirmed", "reported_up"}),
        }
    )
    #: The bureau knows of its review from the notice on.
    known_to_bureau = nonmember(
        frozenset(
            {
                "notified",
                "files_requested",
                "on_review",
                "concluded",
                "measures_due",
                "measures_submitted",
                "confirmed",
                "failed",
                "reported_up",
            }
        )
    )
    #: The visit has been made and signed (Annex 3 d_reviewed).
    reviewed = nonmember(
        frozenset(
            {
                "concluded",
                "measures_due",
                "measures_submitted",
                "confirmed",
                "failed",
                "reported_up",
            }
        )
    )
    #: What was found has come to its end.
    over = nonmember(frozenset({"confirmed", "reported_up"}))


#: What the conclusion on a bureau's certification work as a whole is called.
BUREAU_CONCLUSIONS = {
    "conform": "规范",
    "deficient": "基本规范（有问题）",
    "nonconform": "不规范",
}


class ProblemResult(StateChoices):
    """What the municipal office makes of the measures against one problem."""

    CONFIRMED = "confirmed", "整改确认"
    FAILED = "failed", "整改不合格"

    tones = nonmember({"confirmed": "ok", "failed": "bad"})


class CasePaper(models.TextChoices):
    """Papers of an application for examination, by what is asked of a new standard and of one examined again."""

    APPLICATION = "application", "考核（复查）申请书"
    CERTIFICATE = "certificate", "原计量标准考核证书"
    REPORT = "report", "计量标准技术报告"
    TRACING = "tracing", "标准器及主要配套设备有效的检定或校准证书"
    TRACING_ALL = "tracing_all", "证书有效期内连续的检定或校准证书"
    SAMPLES = "samples", "原始记录及相应的模拟证书两套"
    SAMPLES_DRAWN = "samples_drawn", "随机抽取的近期原始记录及相应证书两套"
    REPEATABILITY = "repeatability", "连续的检定或校准结果重复性试验记录"
    STABILITY = "stability", "连续的计量标准稳定性考核记录"
    PERSONS = "persons", "检定或校准人员能力证明"
    ABILITY = "ability", "其他测量能力证明材料"
    REPLACEMENT = "replacement", "更换申请表"
    SEALING = "sealing", "封存（或撤销）申请表"

    of_new = nonmember(("application", "report", "tracing", "samples", "persons"))
    of_again = nonmember(
        (
            "application",
            "certificate",
            "report",
            "tracing_all",
            "samples_drawn",
            "repeatability",
            "stability",
            "persons",
        )
    )
    #: Asked for only where they apply: not missed when they are not there.
    where_they_apply = nonmember(("ability", "replacement", "sealing"))
