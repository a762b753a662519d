"""What one table covers: a campaign, one office or all of them, and the cut-off moment."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.registry.models import Authority


@dataclass(frozen=True, slots=True)
class Scope:
    """``authority_id`` None means every office of the campaign (全市汇总).

    Honoured as of the cut-off: freezing of frames, draws, signing of sheets, first submission of
    self-checks, rectification dates of self-check problems, issue of orders, the last decision on
    a finding, proposal of stop orders, decision dates of dispositions, dates of referrals. Taken
    as they stand today, because only the trail knows their past: whether a draw was voided later,
    states of tasks that ended without a visit, states and fines of referred cases.
    """

    campaign_id: int
    authority_id: int | None
    as_of: dt.datetime

    @classmethod
    def of(
        cls, campaign: Campaign, authority: Authority | None, as_of: dt.date | dt.datetime
    ) -> "Scope":
        """A plain day means its end: "截至某日" includes that day."""
        return cls(campaign.pk, authority.pk if authority else None, moment(as_of))

    @property
    def day(self) -> dt.date:
        return timezone.localtime(self.as_of).date()

    def by_authority(self, path: str) -> dict[str, int]:
        """The filter on the inspecting office, if the table is one office's."""
        return {path: self.authority_id} if self.authority_id is not None else {}


def moment(as_of: dt.date | dt.datetime) -> dt.datetime:
    """The cut-off as an aware moment; the end of the day when only a day is given."""
    if isinstance(as_of, dt.datetime):
        return as_of if timezone.is_aware(as_of) else timezone.make_aware(as_of)
    return clock.at_time(as_of + dt.timedelta(days=1), 0) - dt.timedelta(microseconds=1)
