"""Fixed values of the register, by subject."""

from .equipment import (
    InstrumentRole,
    InstrumentState,
    TraceKind,
    TraceResult,
    TraceState,
    TracingState,
)
from .imports import ImportState, RowChange
from .organisation import Level, OperatingStatus, UnitType
from .standard import Category, CertificateState, IssueKind, PerformanceKind, PriorityDomain, Regime

__all__ = (
    "Category",
    "CertificateState",
    "ImportState",
    "InstrumentRole",
    "InstrumentState",
    "IssueKind",
    "Level",
    "OperatingStatus",
    "PerformanceKind",
    "PriorityDomain",
    "Regime",
    "RowChange",
    "TraceKind",
    "TraceResult",
    "TraceState",
    "TracingState",
    "UnitType",
)
