"""Taking a list (Annex 4 and its like) into the register: read, preview, commit, undo."""

from metrostd.lists.moves.imports import discard

from .batches import BIG_ROWS, commit_import, is_big, reparse, start_import, store_list
from .previews import Preview, open_workbook, preview
from .queueing import is_long, queue_commit, queue_read, queue_reread, queue_undo
from .reporting import preview_report, to_report
from .undoing import undo_import

__all__ = (
    "BIG_ROWS",
    "Preview",
    "commit_import",
    "discard",
    "is_big",
    "is_long",
    "open_workbook",
    "preview",
    "preview_report",
    "queue_commit",
    "queue_read",
    "queue_reread",
    "queue_undo",
    "reparse",
    "start_import",
    "store_list",
    "to_report",
    "undo_import",
)
