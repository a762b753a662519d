"""Reading Annex 4 (市级办理的企业最高等级计量标准的单位名单) as offices really send it.

``read_workbook`` turns bytes into sheets of cells, ``parse`` turns sheets into clean rows and a list
of issues. Nothing here knows the database.
"""

from .issues import CATALOGUE, Issue, Severity
from .parse import parse
from .rows import ParsedList, ParsedRow, SheetInfo, Value
from .unreadable import UnreadableFile
from .workbook import Workbook, read_workbook

__all__ = (
    "CATALOGUE",
    "Issue",
    "ParsedList",
    "ParsedRow",
    "Severity",
    "SheetInfo",
    "UnreadableFile",
    "Value",
    "Workbook",
    "parse",
    "read_workbook",
)
