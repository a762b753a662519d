"""Fixed values of reporting."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class Chapter(models.TextChoices):
    """The chapters of 总结报告 in the order of the notice (通知三)."""

    BASICS = "basics", "基本情况"
    PRACTICE = "practice", "主要做法"
    CASES = "cases", "典型案例"
    PROBLEMS = "problems", "发现问题"
    ADVICE = "advice", "工作建议"


class CityChapter(models.TextChoices):
    """The chapters of the city's report: those of the offices, and what the figures say together."""

    BASICS = "basics", "基本情况"
    PRACTICE = "practice", "主要做法"
    CASES = "cases", "典型案例"
    PROBLEMS = "problems", "发现问题"
    ANALYSIS = "analysis", "风险分析"
    ADVICE = "advice", "工作建议"


class CityReportState(StateChoices):
    """The city's report while it is written, and once its words stand still."""

    DRAFT = "draft", "编写中"
    FINISHED = "finished", "已定稿"

    tones = nonmember({"draft": "running", "finished": "ok"})
    turns = nonmember({Turn.CITY: frozenset({"draft"}), Turn.NOBODY: frozenset({"finished"})})


class BulletinKind(models.TextChoices):
    """What is published: words with figures, the result of a draw, results of inspections."""

    BULLETIN = "bulletin", "通报"
    DRAW = "draw", "抽取结果"
    RESULTS = "results", "检查结果"

    #: To be public within the days of 政府信息公开条例第二十六条.
    limited = nonmember(frozenset({"draw", "results"}))


class RequestState(StateChoices):
    """依申请公开: somebody asked to see a record."""

    RECEIVED = "received", "待答复"
    DECIDED = "decided", "已答复"

    tones = nonmember({"received": "warn", "decided": "ok"})
    turns = nonmember({Turn.OFFICE: frozenset({"received"}), Turn.NOBODY: frozenset({"decided"})})


class RequestDecision(models.TextChoices):
    """政府信息公开条例第三十六条、第三十七条."""

    GRANTED = "granted", "予以公开"
    PARTLY = "partly", "部分公开"
    REFUSED = "refused", "不予公开"
    ABSENT = "absent", "信息不存在"
    NOT_OURS = "not_ours", "不属于本机关公开"

    #: The applicant is told why.
    with_reason = nonmember(frozenset({"partly", "refused", "absent", "not_ours"}))


class BulletinState(StateChoices):
    """通报: nothing of it is public but between its publication and its withdrawal."""

    DRAFT = "draft", "拟稿"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已撤回"

    tones = nonmember({"draft": "running", "published": "ok", "withdrawn": "muted"})
    turns = nonmember(
        {Turn.CITY: frozenset({"draft"}), Turn.NOBODY: frozenset({"published", "withdrawn"})}
    )


class StatReportState(StateChoices):
    """附件3 of one office on its way to the municipal office."""

    DRAFT = "draft", "填报中"
    SELF_CHECKED = "self_checked", "已校核"
    SIGNED = "signed", "已签字"
    SUBMITTED = "submitted", "已报送"
    RETURNED = "returned", "退回修改"
    ACCEPTED = "accepted", "已接收"
    LOCKED = "locked", "已锁定"

    tones = nonmember(
        {
            "draft": "running",
            "self_checked": "running",
            "signed": "running",
            "submitted": "info",
            "returned": "warn",
            "accepted": "ok",
            "locked": "ok",
        }
    )
    turns = nonmember(
        {
            Turn.OFFICE: frozenset({"draft", "self_checked", "signed", "returned"}),
            Turn.CITY: frozenset({"submitted", "accepted"}),
            Turn.NOBODY: frozenset({"locked"}),
        }
    )
    #: With the office that has to hand in.
    with_office = nonmember(turns[Turn.OFFICE])
    #: Figures and reasons stand still: the head reads and signs them.
    settled = nonmember(frozenset({"self_checked", "signed"}))
    #: An edition was handed in and not given back.
    handed_in = nonmember(frozenset({"submitted", "accepted", "locked"}))
    #: The municipal office has taken it.
    taken = nonmember(frozenset({"accepted", "locked"}))
