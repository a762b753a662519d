"""Reads of the register. ``visible_to`` decides what a person sees, here and nowhere else."""

from .bulk import BulkEditQuerySet
from .capability import CapabilityTestQuerySet, StandardPersonQuerySet, StandardRecordQuerySet
from .changes import ChangeRecordQuerySet
from .equipment import InstrumentQuerySet, TraceQuerySet
from .hand_overs import HandOverQuerySet, HandOverReturnQuerySet, ImportRowQuerySet
from .imports import ImportBatchQuerySet
from .organisation import AuthorityQuerySet, UnitManager, UnitMergeQuerySet, UnitQuerySet
from .relations import OfStandardQuerySet
from .standard import CertificateQuerySet, StandardQuerySet

__all__ = (
    "AuthorityQuerySet",
    "BulkEditQuerySet",
    "CapabilityTestQuerySet",
    "CertificateQuerySet",
    "ChangeRecordQuerySet",
    "HandOverQuerySet",
    "HandOverReturnQuerySet",
    "ImportBatchQuerySet",
    "ImportRowQuerySet",
    "InstrumentQuerySet",
    "OfStandardQuerySet",
    "StandardPersonQuerySet",
    "StandardQuerySet",
    "StandardRecordQuerySet",
    "TraceQuerySet",
    "UnitManager",
    "UnitMergeQuerySet",
    "UnitQuerySet",
)
