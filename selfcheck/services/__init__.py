"""Writes of a report's content. A save says what it is based on; the same id twice counts once."""

from .answers import answer_many, copy_section, ensure_answers, save_answer
from .covering import cover, uncover
from .editing import writable
from .material import (
    add_file,
    correctable,
    record_correction,
    remove_file,
    remove_problem,
    save_problem,
)

__all__ = (
    "add_file",
    "answer_many",
    "copy_section",
    "correctable",
    "cover",
    "ensure_answers",
    "record_correction",
    "remove_file",
    "remove_problem",
    "save_answer",
    "save_problem",
    "uncover",
    "writable",
)
