"""Fixed values of the self-check."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices


class SubjectKind(models.TextChoices):
    UNIT = "unit", "建标单位自查"
    BUREAU = "bureau", "区局考核工作自查"


class ReportState(StateChoices):
    NOT_STARTED = "not_started", "未开始"
    DRAFT = "draft", "填报中"
    OVERDUE = "overdue", "逾期未报"
    SUBMITTED = "submitted", "已报送"
    RETURNED = "returned", "退回补正"
    ACCEPTED = "accepted", "已接收"
    REOPENED = "reopened", "补充"
    EXEMPTED = "exempted", "免报"

    tones = nonmember(
        {
            "not_started": "muted",
            "draft": "running",
            "overdue": "bad",
            "submitted": "info",
            "returned": "warn",
            "accepted": "ok",
            "reopened": "warn",
            "exempted": "muted",
        }
    )
    editable = nonmember(frozenset({"not_started", "draft", "overdue", "returned", "reopened"}))
    #: Counts as a received report (Annex 3 u_sc_in).
    received = nonmember(frozenset({"submitted", "returned", "accepted", "reopened"}))
    #: Readable by the inspecting authority.
    readable = nonmember(frozenset({"submitted", "returned", "accepted", "reopened"}))
