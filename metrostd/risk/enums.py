"""Fixed values of risk."""

from enum import IntEnum, nonmember

from metrostd.common.enums import StateChoices, Turn


class RiskLevel(StateChoices):
    """What the points of a unit come to (通知二(四) 风险分析与研判)."""

    HIGH = "high", "高"
    MEDIUM = "medium", "中"
    LOW = "low", "低"

    tones = nonmember({"high": "bad", "medium": "warn", "low": "ok"})


class WarningState(StateChoices):
    """From the register to what was done about it (通知三(一) 风险监测和预警工作程序)."""

    RAISED = "raised", "待交办"
    ASSIGNED = "assigned", "处置中"
    HANDLED = "handled", "已处置"
    CLOSED = "closed", "已办结"
    LAPSED = "lapsed", "已自行消除"

    tones = nonmember(
        {
            "raised": "warn",
            "assigned": "running",
            "handled": "info",
            "closed": "ok",
            "lapsed": "muted",
        }
    )
    turns = nonmember(
        {
            Turn.OFFICE: frozenset({"raised", "assigned", "handled"}),
            Turn.NOBODY: frozenset({"closed", "lapsed"}),
        }
    )
    #: Not over: at most one of a kind about a standard.
    open = nonmember(turns[Turn.OFFICE])


class Touch(IntEnum):
    """What a mark of a change names: the unit itself, or a row by which the unit is found."""

    UNIT = 1
    STANDARD = 2
    INSTRUMENT = 3
