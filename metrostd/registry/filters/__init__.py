"""Lists of the register narrowed and ordered by the address, by subject."""

from .register import StandardFilter, UnitFilter

__all__ = ("StandardFilter", "UnitFilter")
