"""Writes of the register that touch more than one row, by subject."""

from .editing import create_record, labelled, update_standard, update_unit, write_changes

__all__ = (
    "create_record",
    "labelled",
    "update_standard",
    "update_unit",
    "write_changes",
)
