"""Campaign, duties and routing; frames and draws; checklist templates."""

from .campaign import Campaign, Duty, RoutedStandard, RoutingRule, Stage
from .checklist import ChecklistItem, ChecklistSection, ChecklistTemplate
from .sampling import (
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    FrameExclusion,
    FrameStandard,
    SamplingFrame,
)

__all__ = (
    "Campaign",
    "ChecklistItem",
    "ChecklistSection",
    "ChecklistTemplate",
    "DrawRun",
    "DrawnStandard",
    "DrawnUnit",
    "Duty",
    "FrameExclusion",
    "FrameStandard",
    "RoutedStandard",
    "RoutingRule",
    "SamplingFrame",
    "Stage",
)
