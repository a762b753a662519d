"""Fixed values of the self-check."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


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
    #: A bureau's report on its own work is the bureau's turn where a unit's is the unit's.
    turns = nonmember(
        {
            Turn.UNIT: frozenset({"not_started", "draft", "overdue", "returned", "reopened"}),
            Turn.OFFICE: frozenset({"submitted"}),
            Turn.NOBODY: frozenset({"accepted", "exempted"}),
        }
    )
    editable = nonmember(turns[Turn.UNIT])
    #: Begun, and so far enough to be handed in.
    submittable = nonmember(editable - {"not_started"})
    unfinished = nonmember(editable | turns[Turn.OFFICE])
    #: Handed in before, and with the subject again.
    owed_again = nonmember(frozenset({"returned", "reopened"}))
    #: Nothing was ever handed in, and nobody has been reminded by the clock.
    awaited = nonmember(frozenset({"not_started", "draft"}))
    #: With the office, or accepted: what is said in it stands.
    handed_in = nonmember(frozenset({"submitted", "accepted"}))
    #: Counts as a received report (Annex 3 u_sc_in).
    received = nonmember(frozenset({"submitted", "returned", "accepted", "reopened"}))
    #: Readable by the inspecting authority.
    readable = nonmember(frozenset({"submitted", "returned", "accepted", "reopened"}))
