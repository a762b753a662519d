"""Lists of the register narrowed and ordered by the address, by subject."""

from .changes import ChangeFilter
from .register import StandardFilter, UnitFilter

__all__ = ("ChangeFilter", "StandardFilter", "UnitFilter")
