"""Reads behind the statistics: what is counted, the counting, and the lists behind each figure."""

from .records import records, total_of
from .scope import Scope, moment
from .tally import FAMILIES, Tally, tally, tally_once

__all__ = (
    "FAMILIES",
    "Scope",
    "Tally",
    "moment",
    "records",
    "tally",
    "tally_once",
    "total_of",
)
