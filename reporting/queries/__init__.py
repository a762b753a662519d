"""Reads behind the statistics: what is counted, the counting, and the lists behind each figure."""

from .records import records, total_of
from .scope import Scope, moment
from .tally import FAMILIES, Tally, tally

__all__ = (
    "FAMILIES",
    "Scope",
    "Tally",
    "moment",
    "records",
    "tally",
    "total_of",
)
