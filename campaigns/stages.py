"""Where a campaign stands on a day: derived from its dates, never stored."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from metrostd.registry.models import Authority

from .enums import StageKind
from .models import Campaign, Stage


@dataclass(frozen=True, slots=True)
class StageStep:
    """One step of the strip: label, dates, past / current / future, days left while current."""

    kind: str
    label: str
    period: str
    note: str
    status: str
    days_left: int | None


def stages_for(campaign: Campaign, *, authority: Authority | None) -> dict[str, Stage]:
    """The four stages with the authority's own dates where it adjusted them (通知三)."""
    chosen: dict[str, Stage] = {}
    for stage in campaign.stages.all():
        if stage.authority_id is None:
            chosen.setdefault(stage.kind, stage)
        elif authority is not None and stage.authority_id == authority.pk:
            chosen[stage.kind] = stage
    return {kind: chosen[kind] for kind in StageKind.values if kind in chosen}


def stage_end(campaign: Campaign, kind: StageKind, *, authority: Authority | None) -> dt.date:
    """The last day of a stage for an authority; the summary's due day if the stage is missing."""
    stage = stages_for(campaign, authority=authority).get(kind)
    return stage.ends_on if stage else campaign.summary_due


def stage_steps(
    campaign: Campaign,
    *,
    authority: Authority | None,
    on: dt.date,
    notes: Mapping[str, str] | None = None,
) -> list[StageStep]:
    """The strip shown on a day; ``notes`` says how far each stage has come."""
    said = notes or {}
    return [
        StageStep(
            kind=stage.kind,
            label=stage.get_kind_display(),
            period=f"{_day(stage.starts_on)}—{_day(stage.ends_on)}",
            note=said.get(stage.kind, ""),
            status=_status(stage, on),
            days_left=(stage.ends_on - on).days if _status(stage, on) == "current" else None,
        )
        for stage in stages_for(campaign, authority=authority).values()
    ]


def _day(day: dt.date) -> str:
    return f"{day.month}月{day.day}日"


def _status(stage: Stage, on: dt.date) -> str:
    if on < stage.starts_on:
        return "future"
    return "past" if on > stage.ends_on else "current"
