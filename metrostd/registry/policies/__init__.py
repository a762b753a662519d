"""Who may change the register. Roles are named by value: accounts stands above this app."""

from .capability import (
    can_add_public_certificate,
    can_edit_record,
    can_restore_record,
    can_void_record,
)
from .certificates import (
    can_annul,
    can_deregister,
    can_judge_annulment,
    can_judge_certificate,
    can_record_application,
    can_renew,
    can_revoke,
)
from .equipment import (
    can_add_trace,
    can_edit_instrument,
    can_move_instrument,
)
from .records import (
    can_bulk_edit,
    can_decide_scope,
    can_edit_standard,
    can_edit_unit,
    can_import,
    can_look_for_duplicates,
    can_maintain,
    can_merge,
    can_read_trail,
    can_register,
    can_undo_bulk,
    can_undo_merge,
    may_place,
    may_place_many,
)

__all__ = (
    "can_add_public_certificate",
    "can_add_trace",
    "can_annul",
    "can_bulk_edit",
    "can_decide_scope",
    "can_deregister",
    "can_edit_instrument",
    "can_edit_record",
    "can_edit_standard",
    "can_edit_unit",
    "can_import",
    "can_judge_annulment",
    "can_judge_certificate",
    "can_look_for_duplicates",
    "can_maintain",
    "can_merge",
    "can_move_instrument",
    "can_read_trail",
    "can_record_application",
    "can_register",
    "can_renew",
    "can_restore_record",
    "can_revoke",
    "can_undo_bulk",
    "can_undo_merge",
    "can_void_record",
    "may_place",
    "may_place_many",
)
