"""Authorities, units, measurement standards and what belongs to them; one file per aggregate."""

from .bulk import BulkEdit
from .capability import CapabilityTest
from .changes import ChangeFile, ChangeLine, ChangeRecord
from .equipment import StandardInstrument, TraceRecord
from .hand_overs import HandOver, HandOverReturn
from .imports import ImportBatch, ImportRow
from .legal import LegalBasis
from .merging import UnitMerge
from .organisation import Authority, FormerName, ProfessionalField, Unit
from .persons import PublicStandardCertificate, StandardItem, StandardPerson
from .standard import (
    CertificateAct,
    CertificateIssue,
    EarlierDomain,
    MeasurementStandard,
    StandardCertificate,
    StandardDomain,
)

__all__ = (
    "Authority",
    "BulkEdit",
    "CapabilityTest",
    "CertificateAct",
    "CertificateIssue",
    "ChangeFile",
    "ChangeLine",
    "ChangeRecord",
    "EarlierDomain",
    "FormerName",
    "HandOver",
    "HandOverReturn",
    "ImportBatch",
    "ImportRow",
    "LegalBasis",
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
