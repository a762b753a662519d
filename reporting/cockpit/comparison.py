"""A campaign beside the one before it, as that one stood on the same day of its course."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from campaigns.models import Campaign
from metrostd.common.actors import Actor
from reporting.queries import Scope

from .counting import Counted, count
from .marks import Address, Rate

#: What is compared: a name, the part, what it is a share of.
_ROWS = (
    ("自查报送率", "u_sc_in", "u_sc_due"),
    ("列入检查比例", "u_plan", "u_total"),
    ("现场实施率", "u_insp", "u_plan"),
    ("问题率（项）", "s_prob", "s_insp"),
    ("存在问题的单位", "u_prob", "u_insp"),
    ("整改合格率（条）", "fd_ok", "fd_due"),
    ("责令停止量值传递（占检查标准）", "s_stop", "s_insp"),
)
FIGURES = tuple(dict.fromkeys(key for _, part, whole in _ROWS for key in (part, whole)))


@dataclass(frozen=True, slots=True)
class Row:
    """A share then and now; counts of unequal campaigns are never compared by themselves."""

    label: str
    now: Rate
    then: Rate

    @property
    def change(self) -> Decimal | None:
        """Percentage points; nothing where either has nothing to divide by."""
        if self.now.percent is None or self.then.percent is None:
            return None
        return self.now.percent - self.then.percent

    @property
    def shown_change(self) -> str:
        return "–" if self.change is None else f"{self.change:+.1f}"


def before(campaign: Campaign, *, viewer: Actor) -> Campaign | None:
    """The campaign of the same organiser whose notice came last before this one's."""
    earlier = Campaign.objects.visible_to(viewer).filter(
        organiser=campaign.organiser_id, notice_on__lt=campaign.notice_on
    )
    return earlier.order_by("-notice_on", "-pk").first()


def same_day(campaign: Campaign, earlier: Campaign, day: dt.date) -> dt.date:
    """The day that was as long after the earlier notice as ``day`` is after this one's."""
    return earlier.notice_on + (day - campaign.notice_on)


def rows(
    now: Scope, then: Scope, category: str, address: Address, address_then: Address
) -> list[Row]:
    """Two countings of the same figures."""
    counted, counted_then = (count(scope, category, FIGURES) for scope in (now, then))
    return [
        Row(
            label,
            _rate(counted, part, whole, address),
            _rate(counted_then, part, whole, address_then),
        )
        for label, part, whole in _ROWS
    ]


def _rate(counted: Counted, part: str, whole: str, address: Callable[..., str]) -> Rate:
    return Rate(counted.of(part), counted.of(whole), address(part))
