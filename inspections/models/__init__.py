"""Tasks and teams; sheets, answers, evidence, signatures; findings and stop orders."""

from .earlier import EarlierFinding, EarlierSigning
from .finding import Finding, StopTransferOrder
from .sheet import ChecklistAnswer, ChecklistSheet, Evidence, Signature
from .task import InspectionTask, NotPerformedRecord, TaskStandard, TeamMember

__all__ = (
    "ChecklistAnswer",
    "ChecklistSheet",
    "EarlierFinding",
    "EarlierSigning",
    "Evidence",
    "Finding",
    "InspectionTask",
    "NotPerformedRecord",
    "Signature",
    "StopTransferOrder",
    "TaskStandard",
    "TeamMember",
)
