"""Fixed values of work plans."""

from enum import nonmember

from metrostd.common.enums import StateChoices, Turn


class PlanState(StateChoices):
    """Filed, not approved: the city takes note of it, or gives it back when it contradicts the campaign."""

    DRAFT = "draft", "待报送"
    SUBMITTED = "submitted", "已报送"
    FILED = "filed", "已备案"

    tones = nonmember({"draft": "warn", "submitted": "info", "filed": "ok"})
    turns = nonmember(
        {
            Turn.DISTRICT: frozenset({"draft"}),
            Turn.CITY: frozenset({"submitted"}),
            Turn.NOBODY: frozenset({"filed"}),
        }
    )
    #: The district has handed it in.
    handed_in = nonmember(frozenset({"submitted", "filed"}))
