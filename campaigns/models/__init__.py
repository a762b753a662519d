"""Campaign, duties and routing; frames and draws; checklist templates."""

from .adjustment import PlanAdjustment
from .bureaus import DrawnBureau, DrawnCase, FrameBureau, FrameCase
from .campaign import Campaign, Duty, EarlierRouting, RoutedStandard, RoutingRule, Stage
from .checklist import (
    CampaignChecklist,
    ChecklistItem,
    ChecklistSection,
    ChecklistTemplate,
)
from .chosen import ChosenCampaign
from .edition import ClosedEdition
from .pledge import AskedPledge, Pledge, PledgeWords
from .reference import LoadedReference
from .routing import RoutingTable
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
from .witness import DrawWitness

__all__ = (
    "AskedPledge",
    "Campaign",
    "CampaignChecklist",
    "ChecklistItem",
    "ChecklistSection",
    "ChecklistTemplate",
    "ChosenCampaign",
    "ClosedEdition",
    "DrawRun",
    "DrawTerms",
    "DrawWitness",
    "DrawnBureau",
    "DrawnCase",
    "DrawnStandard",
    "DrawnUnit",
    "Duty",
    "EarlierRouting",
    "FrameBureau",
    "FrameCase",
    "FrameExclusion",
    "FrameStandard",
    "LoadedReference",
    "PlanAdjustment",
    "Pledge",
    "PledgeWords",
    "RoutedStandard",
    "RoutingRule",
    "RoutingTable",
    "SamplingFrame",
    "Stage",
    "SupplementaryDraw",
)
