"""The moves of a self-check report: from where, to where, whether a reason is needed."""

from metrostd.common.transitions import Transition

from .enums import ReportState

START = Transition(
    "start", "开始填报", frozenset({ReportState.NOT_STARTED.value}), ReportState.DRAFT.value
)
SUBMIT = Transition(
    "submit",
    "报送",
    frozenset({"draft", "overdue", "returned", "reopened"}),
    ReportState.SUBMITTED.value,
)
ACCEPT = Transition("accept", "接收", frozenset({"submitted"}), ReportState.ACCEPTED.value)
SEND_BACK = Transition(
    "send_back",
    "退回补正",
    frozenset({"submitted"}),
    ReportState.RETURNED.value,
    needs_note=True,
)
EXEMPT = Transition(
    "exempt",
    "免报",
    frozenset({"not_started", "draft", "overdue", "submitted", "returned", "reopened"}),
    ReportState.EXEMPTED.value,
    needs_note=True,
)
REOPEN = Transition(
    "reopen",
    "允许补充",
    frozenset({"accepted"}),
    ReportState.REOPENED.value,
    needs_note=True,
)
MARK_OVERDUE = Transition(
    "mark_overdue",
    "逾期未报",
    frozenset({"not_started", "draft"}),
    ReportState.OVERDUE.value,
)
