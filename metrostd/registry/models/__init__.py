"""Authorities, units, measurement standards and what belongs to them; one file per aggregate."""

from .equipment import StandardInstrument, TraceRecord
from .imports import ImportBatch, ImportRow
from .merging import UnitMerge
from .organisation import Authority, FormerName, ProfessionalField, Unit
from .standard import MeasurementStandard, StandardCertificate, StandardDomain

__all__ = (
    "Authority",
    "FormerName",
    "ImportBatch",
    "ImportRow",
    "MeasurementStandard",
    "ProfessionalField",
    "StandardCertificate",
    "StandardDomain",
    "StandardInstrument",
    "TraceRecord",
    "Unit",
    "UnitMerge",
)
