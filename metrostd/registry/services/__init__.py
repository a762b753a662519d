"""Writes of the register that touch more than one row, by subject."""

from .duplicates import DuplicateGroup, find_duplicates
from .editing import create_record, labelled, update_standard, update_unit, write_changes
from .merging import MergePreview, merge_units, preview_merge
from .unmerging import against_undoing, undo_merge

__all__ = (
    "DuplicateGroup",
    "MergePreview",
    "against_undoing",
    "create_record",
    "find_duplicates",
    "labelled",
    "merge_units",
    "preview_merge",
    "undo_merge",
    "update_standard",
    "update_unit",
    "write_changes",
)
