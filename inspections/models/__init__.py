"""Tasks and teams; sheets, answers, evidence, signatures; findings and stop orders."""

from .assigning import AssignmentRun, DeclaredInterest
from .earlier import EarlierFinding, EarlierReviewProblem, EarlierSigning
from .finding import Finding, StopTransferOrder
from .integrity import CostDeclaration, IntegrityFeedback
from .interview import Interview, InterviewSignature
from .joint import JointVisit
from .lease import LeasePiece, LeaseReceipt, TaskLease
from .measured import SiteEnvironment, SiteExperiment
from .review import CaseAppraiser, CaseRecord, CertificationReview, ReviewProblem
from .sheet import ChecklistAnswer, ChecklistSheet, Evidence, Signature
from .single_issue import Opinion, SingleIssueReport
from .task import InspectionTask, NotPerformedRecord, TaskStandard, TeamMember

__all__ = (
    "AssignmentRun",
    "CaseAppraiser",
    "CaseRecord",
    "CertificationReview",
    "ChecklistAnswer",
    "ChecklistSheet",
    "CostDeclaration",
    "DeclaredInterest",
    "EarlierFinding",
    "EarlierReviewProblem",
    "EarlierSigning",
    "Evidence",
    "Finding",
    "InspectionTask",
    "IntegrityFeedback",
    "Interview",
    "InterviewSignature",
    "JointVisit",
    "LeasePiece",
    "LeaseReceipt",
    "NotPerformedRecord",
    "Opinion",
    "ReviewProblem",
    "Signature",
    "SingleIssueReport",
    "SiteEnvironment",
    "SiteExperiment",
    "StopTransferOrder",
    "TaskLease",
    "TaskStandard",
    "TeamMember",
)
