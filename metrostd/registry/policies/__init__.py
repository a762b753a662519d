"""Who may change the register. Roles are named by value: accounts stands above this app."""

from .imports import can_commit, can_discard, can_import, can_reread, can_undo
from .records import (
    can_edit_standard,
    can_edit_unit,
    can_look_for_duplicates,
    can_maintain,
    can_merge,
    can_undo_merge,
)

__all__ = (
    "can_commit",
    "can_discard",
    "can_edit_standard",
    "can_edit_unit",
    "can_import",
    "can_look_for_duplicates",
    "can_maintain",
    "can_merge",
    "can_reread",
    "can_undo",
    "can_undo_merge",
)
