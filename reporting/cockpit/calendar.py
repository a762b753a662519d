"""The stages against the calendar: how much of a stage is over on a day, and the bars of the strip."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from campaigns.enums import StageKind
from campaigns.models import Campaign, Stage
from campaigns.stages import stages_for
from metrostd.common import clock
from metrostd.registry.models import Authority

from .counting import Counted

_DONE = "past"
_NOW = "now"


@dataclass(frozen=True, slots=True)
class Step:
    """A stage with how far its work has come."""

    label: str
    starts_on: dt.date
    ends_on: dt.date
    progress: str
    standing: str


def expected(stage: Stage | None, on: dt.date) -> int:
    """The share of a stage that is over by the end of a day, in percent: an even pace."""
    if stage is None or on < stage.starts_on:
        return 0
    if on >= stage.ends_on:
        return 100
    days = (stage.ends_on - stage.starts_on).days + 1
    return round(100 * ((on - stage.starts_on).days + 1) / days)


def visits_stage(campaign: Campaign, authority: Authority | None) -> Stage | None:
    return stages_for(campaign, authority=authority).get(StageKind.ONSITE)


def expected_of(campaign: Campaign, offices: Iterable[Authority], on: dt.date) -> dict[int, int]:
    return {office.pk: expected(visits_stage(campaign, office), on) for office in offices}


def steps(
    campaign: Campaign, authority: Authority | None, counted: Counted, on: dt.date
) -> list[Step]:
    far = _progress(counted)
    return [
        Step(
            stage.get_kind_display(),
            stage.starts_on,
            stage.ends_on,
            far[kind],
            _standing(stage, on),
        )
        for kind, stage in stages_for(campaign, authority=authority).items()
    ]


def _progress(counted: Counted) -> Mapping[str, str]:
    return {
        StageKind.SELF_CHECK: f"{counted.of('u_sc_in')}/{counted.of('u_sc_due')} 家报送",
        StageKind.ONSITE: f"{counted.of('u_insp')}/{counted.of('u_plan')} 家实施",
        StageKind.RECTIFY: f"{counted.of('fd_ok')}/{counted.of('fd_due')} 条合格",
        StageKind.HANDLE_SUMMARY: "",
    }


def _standing(stage: Stage, on: dt.date) -> str:
    if on > stage.ends_on:
        return "已结束"
    return "未开始" if on < stage.starts_on else f"还有 {(stage.ends_on - on).days} 天"


def strip(found: list[Step], on: dt.date) -> dict[str, object]:
    """The strip as charts.js draws it: all stages in one lane, with the mark of the day."""
    first, last = min(s.starts_on for s in found), max(s.ends_on for s in found)
    return {
        "kind": "spans",
        "from": first.isoformat(),
        "to": last.isoformat(),
        "today": on.isoformat() if first <= on <= last else None,
        "todayWord": "今天" if on == clock.today() else "截至",
        "strip": True,
        "lanes": [{"label": ""}],
        "bars": [
            {
                "lane": 0,
                "from": step.starts_on.isoformat(),
                "to": step.ends_on.isoformat(),
                "tone": _NOW if step.starts_on <= on <= step.ends_on else _DONE,
                "label": f"{step.label} {step.progress}".strip(),
                "tip": f"{step.label}：{step.starts_on}—{step.ends_on}，{step.standing}",
            }
            for step in found
        ],
    }
