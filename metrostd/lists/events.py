"""Where later stages hear of lists handed to districts; the register imports none of them.

``on_hand_over``, ``on_return``: what follows when a list is handed over, acknowledged, taken back, and
when a row of it comes back (duties, messages). ``on_resettled``: what follows when a unit gets another
district (who inspects it). ``campaign_source``: which campaigns a list may belong to.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Protocol

from django.core.exceptions import ValidationError

from metrostd.common.actors import Actor
from metrostd.registry.models import Authority, HandOver, HandOverReturn, Unit


class HandOverEvent(StrEnum):
    """What happened to hand-overs; ENLARGED: a waiting one got further rows."""

    SENT = "sent"
    ENLARGED = "enlarged"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"
    RESCHEDULED = "rescheduled"


class ReturnEvent(StrEnum):
    """What happened to returned rows; SETTLED: nothing is left for the issuing office to decide."""

    RAISED = "raised"
    ANSWERED = "answered"
    SETTLED = "settled"


class HandOverHook(Protocol):
    def __call__(
        self, event: HandOverEvent, hand_overs: list[HandOver], *, actor: Actor | None
    ) -> None: ...


class ReturnHook(Protocol):
    def __call__(
        self, event: ReturnEvent, returns: list[HandOverReturn], *, actor: Actor | None
    ) -> None: ...


#: Told of the unit and its new district; gives sentences for the person who decided it.
ResettledHook = Callable[[Unit, Authority, Actor | None], Iterable[str]]

#: Gives the codes of all campaigns.
CampaignSource = Callable[[], Iterable[str]]

_campaign_sources: list[CampaignSource] = []
_hand_over_hooks: list[HandOverHook] = []
_return_hooks: list[ReturnHook] = []
_resettled_hooks: list[ResettledHook] = []


def on_hand_over(hook: HandOverHook) -> HandOverHook:
    """Register what happens in the transaction in which hand-overs move."""
    _hand_over_hooks.append(hook)
    return hook


def on_return(hook: ReturnHook) -> ReturnHook:
    """Register what happens in the transaction in which returned rows move."""
    _return_hooks.append(hook)
    return hook


def on_resettled(hook: ResettledHook) -> ResettledHook:
    """Register what happens in the transaction in which a unit gets another district."""
    _resettled_hooks.append(hook)
    return hook


def campaign_source(source: CampaignSource) -> CampaignSource:
    """Register who knows the codes of campaigns."""
    _campaign_sources.append(source)
    return source


def require_campaign(code: str) -> None:
    """Raise ValidationError when a list names a campaign that does not exist."""
    known = {known for source in _campaign_sources for known in source()}
    if code and code not in known:
        there = f"现有：{'、'.join(sorted(known))}。" if known else "目前没有任何专项行动。"
        raise ValidationError(f"没有代号为“{code}”的专项行动。{there}")


def tell_hand_overs(
    event: HandOverEvent, hand_overs: list[HandOver], *, actor: Actor | None
) -> None:
    """Tell upper apps; nothing when there are none."""
    for hook in _hand_over_hooks if hand_overs else ():
        hook(event, hand_overs, actor=actor)


def tell_returns(event: ReturnEvent, returns: list[HandOverReturn], *, actor: Actor | None) -> None:
    """Tell upper apps; nothing when there are none."""
    for hook in _return_hooks if returns else ():
        hook(event, returns, actor=actor)


def tell_resettled(unit: Unit, district: Authority, *, actor: Actor | None) -> list[str]:
    """Tell upper apps; what they have to say to the person who gave the unit its new district."""
    return [words for hook in _resettled_hooks for words in hook(unit, district, actor)]
