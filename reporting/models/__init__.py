"""Tables of reporting: what offices hand in, what the municipal office makes of it and publishes."""

from .city import Bulletin, CityReport, CityReportChapter
from .disclosure import RecordRequest
from .form import Annex3Form
from .hand_in import (
    Passage,
    ReportChapter,
    ReportTemplate,
    StatEdition,
    StatReport,
    TypicalCase,
)

__all__ = (
    "Annex3Form",
    "Bulletin",
    "CityReport",
    "CityReportChapter",
    "Passage",
    "RecordRequest",
    "ReportChapter",
    "ReportTemplate",
    "StatEdition",
    "StatReport",
    "TypicalCase",
)
