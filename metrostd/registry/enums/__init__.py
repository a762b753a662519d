"""Fixed values of the register, by subject."""

from .capability import LimitBasis, Reassessment, TestKind, TestMethod, TestOutcome
from .changes import (
    ChangeCause,
    ChangeEffect,
    ChangeKind,
    ChangeSituation,
    ChangeState,
    LineSide,
)
from .equipment import (
    InstrumentRole,
    InstrumentState,
    TraceKind,
    TraceResult,
    TracingState,
)
from .hand_overs import HandOverState, ReturnDecision, ReturnReason, ReturnState
from .imports import ImportState, RowChange
from .organisation import Level, OperatingStatus, UnitType
from .persons import PersonState, QualificationKind
from .records import RecordState
from .standard import (
    Category,
    CertificateActKind,
    CertificateState,
    IssueKind,
    PerformanceKind,
    PriorityDomain,
    Regime,
)

__all__ = (
    "Category",
    "CertificateActKind",
    "CertificateState",
    "ChangeCause",
    "ChangeEffect",
    "ChangeKind",
    "ChangeSituation",
    "ChangeState",
    "HandOverState",
    "ImportState",
    "InstrumentRole",
    "InstrumentState",
    "IssueKind",
    "Level",
    "LimitBasis",
    "LineSide",
    "OperatingStatus",
    "PerformanceKind",
    "PersonState",
    "PriorityDomain",
    "QualificationKind",
    "Reassessment",
    "RecordState",
    "Regime",
    "ReturnDecision",
    "ReturnReason",
    "ReturnState",
    "RowChange",
    "TestKind",
    "TestMethod",
    "TestOutcome",
    "TraceKind",
    "TraceResult",
    "TracingState",
    "UnitType",
)
