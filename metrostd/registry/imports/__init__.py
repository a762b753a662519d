"""Taking a list (Annex 4 and its like) into the register: read, preview, commit, undo."""

from metrostd.registry.import_moves import discard

from .batches import BIG_ROWS, commit_import, is_big, reparse, start_import, store_list
from .previews import Preview, open_workbook, preview
from .reporting import preview_report, to_report
from .undoing import undo_import

__all__ = (
    "BIG_ROWS",
    "Preview",
    "commit_import",
    "discard",
    "is_big",
    "open_workbook",
    "preview",
    "preview_report",
    "reparse",
    "start_import",
    "store_list",
    "to_report",
    "undo_import",
)
