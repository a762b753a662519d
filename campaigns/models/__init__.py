"""Campaign, duties and routing; frames and draws; checklist templates."""

from .adjustment import PlanAdjustment
from .campaign import Campaign, Duty, EarlierRouting, RoutedStandard, RoutingRule, Stage
from .checklist import ChecklistItem, ChecklistSection, ChecklistTemplate
from .chosen import ChosenCampaign
from .edition import ClosedEdition
from .reference import LoadedReference
from .sampling import (
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    FrameExclusion,
    FrameStandard,
    SamplingFrame,
    SupplementaryDraw,
)
from .terms import DrawTerms

__all__ = (
    "Campaign",
    "ChecklistItem",
    "ChecklistSection",
    "ChecklistTemplate",
    "ChosenCampaign",
    "ClosedEdition",
    "DrawRun",
    "DrawTerms",
    "DrawnStandard",
    "DrawnUnit",
    "Duty",
    "EarlierRouting",
    "FrameExclusion",
    "FrameStandard",
    "LoadedReference",
    "PlanAdjustment",
    "RoutedStandard",
    "RoutingRule",
    "SamplingFrame",
    "Stage",
    "SupplementaryDraw",
)
