"""Writes of the register that touch more than one row, by subject."""

from .editing import update_standard, update_unit

__all__ = (
    "update_standard",
    "update_unit",
)
