"""Tables of reporting: what offices hand in, what the municipal office makes of it and publishes."""

from .city import Bulletin, CityReport, CityReportChapter
from .hand_in import (
    Passage,
    ReportChapter,
    ReportTemplate,
    StatEdition,
    StatReport,
    TypicalCase,
)

__all__ = (
    "Bulletin",
    "CityReport",
    "CityReportChapter",
    "Passage",
    "ReportChapter",
    "ReportTemplate",
    "StatEdition",
    "StatReport",
    "TypicalCase",
)
