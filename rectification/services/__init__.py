"""What is done in rectification: orders, the unit's reports, the office's decisions, consequences."""

from .handling import (
    decide_disposition,
    permitted_actions,
    propose_disposition,
    record_case_result,
    refer_case,
)
from .limits import ask_extension, extend, fail_overdue, refuse_extension
from .objections import correct_on_spot, decide_objection, dispute
from .orders import issue_order, render_confirmation, render_order
from .reports import add_file, save_rectification, submit_rectification, withdraw_file
from .reviews import review_finding

__all__ = (
    "add_file",
    "ask_extension",
    "correct_on_spot",
    "decide_disposition",
    "decide_objection",
    "dispute",
    "extend",
    "fail_overdue",
    "issue_order",
    "permitted_actions",
    "propose_disposition",
    "record_case_result",
    "refer_case",
    "refuse_extension",
    "render_confirmation",
    "render_order",
    "review_finding",
    "save_rectification",
    "submit_rectification",
    "withdraw_file",
)
