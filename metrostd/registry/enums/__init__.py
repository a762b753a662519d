"""Fixed values of the register, by subject."""

from .imports import ImportState, RowChange
from .organisation import Level, OperatingStatus, UnitType
from .standard import Category, CertificateState, IssueKind, PerformanceKind, PriorityDomain, Regime

__all__ = (
    "Category",
    "CertificateState",
    "ImportState",
    "IssueKind",
    "Level",
    "OperatingStatus",
    "PerformanceKind",
    "PriorityDomain",
    "Regime",
    "RowChange",
    "UnitType",
)
