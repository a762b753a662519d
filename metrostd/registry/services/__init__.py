"""Writes of the register that touch more than one row, by subject."""

from .bulk_editing import (
    against_undoing_bulk,
    apply_bulk,
    options,
    prepare_bulk,
    preview_bulk,
    read_change,
    undo_bulk,
)
from .capability import (
    add_test,
    restore_test,
    update_test,
    void_test,
)
from .duplicates import DuplicateGroup, find_duplicates
from .editing import (
    create_record,
    decide_scope,
    labelled,
    update_standard,
    update_unit,
    write_changes,
)
from .equipment import add_instrument, add_trace, update_instrument, update_trace
from .merging import MergePreview, merge_units, preview_merge
from .records import (
    add_to_standard,
    stored_scan,
    update_of_standard,
)
from .registering import register_standard, register_unit
from .unmerging import against_undoing, undo_merge

__all__ = (
    "DuplicateGroup",
    "MergePreview",
    "add_instrument",
    "add_test",
    "add_to_standard",
    "add_trace",
    "against_undoing",
    "against_undoing_bulk",
    "apply_bulk",
    "create_record",
    "decide_scope",
    "find_duplicates",
    "labelled",
    "merge_units",
    "options",
    "prepare_bulk",
    "preview_bulk",
    "preview_merge",
    "read_change",
    "register_standard",
    "register_unit",
    "restore_test",
    "stored_scan",
    "undo_bulk",
    "undo_merge",
    "update_instrument",
    "update_of_standard",
    "update_standard",
    "update_test",
    "update_trace",
    "update_unit",
    "void_test",
    "write_changes",
)
