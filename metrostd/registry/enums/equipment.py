"""Instruments of a standard (计量标准器及主要配套设备) and their tracing (溯源)."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices, Turn


class InstrumentRole(models.TextChoices):
    """The two tables of the application form (JJF 1033 4.1)."""

    MAIN = "main", "计量标准器"
    AUXILIARY = "auxiliary", "主要配套设备"


class InstrumentState(StateChoices):
    IN_USE = "in_use", "在用"
    IDLE = "idle", "停用"
    SEALED = "sealed", "封存"
    SCRAPPED = "scrapped", "报废"

    tones = nonmember({"in_use": "ok", "idle": "warn", "sealed": "muted", "scrapped": "muted"})
    turns = nonmember({Turn.NOBODY: frozenset({"in_use", "idle", "sealed", "scrapped"})})
    #: Still belongs to the standard, whether used at present or not.
    held = nonmember(frozenset({"in_use", "idle", "sealed"}))


class TraceKind(models.TextChoices):
    VERIFICATION = "verification", "检定"
    CALIBRATION = "calibration", "校准"
    COMPARISON = "comparison", "比对"


class TraceResult(StateChoices):
    """A verification passes or fails; a calibration meets the needs of the standard, once confirmed."""

    QUALIFIED = "qualified", "合格"
    UNQUALIFIED = "unqualified", "不合格"
    MEETS = "meets", "符合要求"
    FAILS = "fails", "不符合要求"
    UNCONFIRMED = "unconfirmed", "待确认"

    tones = nonmember(
        {
            "qualified": "ok",
            "meets": "ok",
            "unqualified": "bad",
            "fails": "bad",
            "unconfirmed": "warn",
        }
    )
    #: Gives the instrument a validity; a failed one does not.
    passing = nonmember(frozenset({"qualified", "meets", "unconfirmed"}))
    settled = nonmember(frozenset({"qualified", "meets"}))
    of_verification = nonmember(frozenset({"qualified", "unqualified"}))


class TracingState(StateChoices):
    """How an instrument stands on a day; computed, never stored."""

    VALID = "valid", "有效"
    DUE = "due", "30天内到期"
    OVERDUE = "overdue", "超期"
    NONE = "none", "无记录"

    tones = nonmember({"valid": "ok", "due": "warn", "overdue": "bad", "none": "bad"})
