"""What one table covers: a campaign, one office or all of them, and the cut-off moment."""

import datetime as dt
from dataclasses import dataclass, replace
from typing import cast

from django.db import models
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.calendar import months_later
from metrostd.common.prepared import Given, key_places
from metrostd.registry.models import Authority
from metrostd.registry.querysets.aging import EXPIRING_MONTHS
from metrostd.registry.tracing import DUE_DAYS

from .past import UNCHANGED, Past, since

KEYS = key_places("campaign", "authority")


def _moment(name: str) -> dt.datetime:
    """The place of a moment; the conditions take it as they take a moment."""
    return cast("dt.datetime", Given(name, models.DateTimeField()))


@dataclass(frozen=True, slots=True)
class Scope:
    """``authority_id`` None means every office of the campaign (全市汇总).

    Whatever is counted, is counted as it was known at the cut-off: the table as of a day is the
    table made on that day. ``past`` says which facts have been written over since. With ``as_one``
    what several offices know of one body is put together: its visits, findings and draws.
    """

    campaign_id: int
    authority_id: int | None
    as_of: dt.datetime
    #: The days of the campaign: from its notice to its end, if it has ended.
    started: dt.datetime
    ended: dt.datetime | None = None
    past: Past = UNCHANGED
    as_one: bool = False
    #: All records are counted at once; otherwise some are listed.
    counting: bool = False

    @classmethod
    def of(
        cls, campaign: Campaign, authority: Authority | None, as_of: dt.date | dt.datetime
    ) -> "Scope":
        """A plain day means its end: "截至某日" includes that day."""
        cut_off = moment(as_of)
        office = authority.pk if authority else None
        closed = campaign.state == CampaignState.CLOSED
        return cls(
            campaign.pk,
            office,
            cut_off,
            started=clock.at_time(campaign.notice_on, 0),
            ended=campaign.state_since if closed else None,
            past=since(campaign, cut_off),
        )

    @property
    def day(self) -> dt.date:
        return timezone.localtime(self.as_of).date()

    @property
    def soon(self) -> dt.date:
        """Until when a certificate that runs out does so soon."""
        return months_later(self.day, EXPIRING_MONTHS)

    @property
    def due(self) -> dt.date:
        """Until when a tracing that ends is due."""
        return self.day + dt.timedelta(days=DUE_DAYS)

    @property
    def last(self) -> dt.datetime:
        """The last moment that belongs to the campaign and is not after the cut-off."""
        return min(self.as_of, self.ended) if self.ended else self.as_of

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first day of the campaign, and its last one up to the cut-off."""
        return timezone.localtime(self.started).date(), timezone.localtime(self.last).date()

    def by_authority(self, path: str) -> dict[str, int]:
        """The filter on the inspecting office, if the table is one office's."""
        return {path: self.authority_id} if self.authority_id is not None else {}

    @property
    def values(self) -> dict[str, int | dt.date | None]:
        """What fills the places of a statement compiled for scopes like this (``AnyScope``)."""
        return {
            "campaign": self.campaign_id,
            "authority": self.authority_id,
            "as_of": self.as_of,
            "started": self.started,
            "day": self.day,
            "soon": self.soon,
            "due": self.due,
            "last": self.last,
            "first_day": self.days[0],
            "last_day": self.days[1],
        }

    def together(self) -> "Scope":
        """The same, with every body counted once over all offices."""
        return replace(self, as_one=True)


@dataclass(frozen=True, slots=True)
class AnyScope(Scope):
    """The places of a scope's values in a statement that is compiled once for all like it."""

    @classmethod
    def like(cls, scope: Scope) -> "AnyScope":
        """The same office or all of them, the same facts different at the cut-off."""
        return cls(
            KEYS["campaign"],
            None if scope.authority_id is None else KEYS["authority"],
            _moment("as_of"),
            started=_moment("started"),
            past=scope.past,
            as_one=scope.as_one,
            counting=scope.counting,
        )

    @property
    def day(self) -> dt.date:
        return cast("dt.date", Given("day", models.DateField()))

    @property
    def soon(self) -> dt.date:
        return cast("dt.date", Given("soon", models.DateField()))

    @property
    def due(self) -> dt.date:
        return cast("dt.date", Given("due", models.DateField()))

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        first, last = (Given(name, models.DateField()) for name in ("first_day", "last_day"))
        return cast("dt.date", first), cast("dt.date", last)

    @property
    def last(self) -> dt.datetime:
        return _moment("last")


def moment(as_of: dt.date | dt.datetime) -> dt.datetime:
    """The cut-off as an aware moment; the end of the day when only a day is given."""
    if isinstance(as_of, dt.datetime):
        return as_of if timezone.is_aware(as_of) else timezone.make_aware(as_of)
    return clock.at_time(as_of + dt.timedelta(days=1), 0) - dt.timedelta(microseconds=1)
