"""Authorities, units, measurement standards and what belongs to them; one file per aggregate."""

from .capability import CapabilityTest
from .equipment import StandardInstrument, TraceRecord
from .imports import ImportBatch, ImportRow
from .merging import UnitMerge
from .organisation import Authority, FormerName, ProfessionalField, Unit
from .persons import PublicStandardCertificate, StandardItem, StandardPerson
from .standard import MeasurementStandard, StandardCertificate, StandardDomain

__all__ = (
    "Authority",
    "CapabilityTest",
    "FormerName",
    "ImportBatch",
    "ImportRow",
    "MeasurementStandard",
    "ProfessionalField",
    "PublicStandardCertificate",
    "StandardCertificate",
    "StandardDomain",
    "StandardInstrument",
    "StandardItem",
    "StandardPerson",
    "TraceRecord",
    "Unit",
    "UnitMerge",
)
