"""Records that people keep about a standard: tracing, tests, persons, items, public certificates."""

from enum import nonmember

from metrostd.common.enums import StateChoices, Turn


class RecordState(StateChoices):
    """A record of the register that people keep: right, or entered by mistake."""

    RECORDED = "recorded", "已登记"
    VOID = "void", "作废"

    tones = nonmember({"recorded": "ok", "void": "muted"})
    turns = nonmember({Turn.NOBODY: frozenset({"recorded", "void"})})
