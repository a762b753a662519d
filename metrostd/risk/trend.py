"""Risk over campaigns: the levels of each as of its last day, or of today while it runs.

Every day is counted from the records of now by the table in force on that day, as everywhere in 风险分析.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.registry.querysets import UnitQuerySet

from .columns import Key
from .enums import RiskLevel
from .parts import Dimension
from .queries import Picture, picture, places_of

#: So many campaigns stand beside each other, the latest last.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Period:
    """A campaign and the risk of the units asked about at its end."""

    campaign: Campaign
    found: Picture

    @property
    def day(self) -> dt.date:
        return self.found.on


@dataclass(frozen=True, slots=True)
class Line:
    """A district, field or domain: its units by level in each period."""

    key: Key
    name: str
    levels: tuple[dict[RiskLevel, int], ...]

    @property
    def cells(self) -> list[tuple[int, int, int]]:
        """Units of high and of medium risk, and all."""
        return [
            (of[RiskLevel.HIGH], of[RiskLevel.MEDIUM], sum(of.values())) for of in self.levels
        ]  # fmt: skip

    @property
    def change(self) -> int | None:
        """Units of high risk more or fewer than the campaign before; nothing beside a first one."""
        if len(self.levels) < 2:
            return None
        return self.levels[-1][RiskLevel.HIGH] - self.levels[-2][RiskLevel.HIGH]


def periods(units: UnitQuerySet, *, viewer: Actor, quickly: bool = False) -> list[Period]:
    """The latest campaigns a person sees, in the order of their notices; a picture for each.

    ``quickly`` raises NotCountedError as ``picture`` does.
    """
    places = places_of(units)
    return [
        Period(each, picture(units, _end(each), viewer=viewer, quickly=quickly, places=places))
        for each in reversed(_latest(Campaign.objects.visible_to(viewer)))
    ]


def days() -> set[dt.date]:
    """Today and the ends of the latest campaigns: what is counted beforehand for everybody."""
    return {clock.today(), *(_end(each) for each in _latest(Campaign.objects.all()))}


def _latest(rows: QuerySet[Campaign]) -> list[Campaign]:
    begun = rows.exclude(state=CampaignState.DRAFT).filter(notice_on__lte=clock.today())
    return list(begun.order_by("-notice_on", "-pk")[:SHOWN])


def _end(campaign: Campaign) -> dt.date:
    return min(campaign.summary_due, clock.today())


def lines(found: Sequence[Period], by: Dimension) -> list[Line]:
    """Parts with what they had in each period, those with most units of high risk now first."""
    levels = [by.levels(period.found) for period in found]
    keys = {key for each in levels for key in each}
    nothing = dict.fromkeys(RiskLevel, 0)
    made = [
        Line(key, by.name(key), tuple(each.get(key, nothing) for each in levels)) for key in keys
    ]
    return sorted(made, key=lambda line: (-line.cells[-1][0], -line.cells[-1][2], line.name))


def chart(found: Iterable[Period]) -> dict[str, object]:
    """Units by level, campaign beside campaign, as charts.js draws them."""
    shown = list(found)
    return {
        "kind": "stack",
        "labels": [period.campaign.title for period in shown],
        "series": [
            {
                "name": f"{level.label}风险",
                "tone": level.tone,
                "values": [period.found.levels[level] for period in shown],
            }
            for level in RiskLevel
        ],
    }
