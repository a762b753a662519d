"""What opening a campaign makes by the thousand: in slices before it is open, told in slices afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from metrostd.common import audit, clock, turns
from metrostd.common.actors import Actor
from metrostd.common.transitions import Transition

from . import extension
from .enums import CampaignState
from .models import Campaign

#: The plan stands still once reports with its days are being made.
BEGUN = "专项行动已经开始开启，不能再修改方案。"


def make_ahead(
    campaign: Campaign, move: Transition, *, actor: Actor | None, progress: Callable[..., None]
) -> dict[str, int]:
    """Let every stage make its rows while the campaign is a draft; returns how many, by step.

    TransitionError when somebody else has opened the campaign meanwhile.
    """
    steps = [step for step in extension.opening_steps() if step.ahead]
    if not steps:
        return {}
    with turns.turn():
        _begin(campaign, actor=actor)
    turn = partial(_turn, campaign, move)
    return {
        step.title: step.ahead(campaign, actor=actor, progress=progress, turn=turn)
        for step in steps
        if step.ahead
    }


def tell_afterwards(campaign: Campaign, *, actor: Actor | None) -> int:
    """Tell everybody the stages have something to say to about an open campaign, each once; returns how many."""
    steps = extension.opening_steps()
    return sum(
        step.afterwards(campaign, sender=actor, turn=turns.turn)
        for step in steps
        if step.afterwards
    )


def _begin(campaign: Campaign, *, actor: Actor | None) -> None:
    now = clock.now()
    drafts = Campaign.objects.filter(state=CampaignState.DRAFT, opening_begun_at=None)
    if drafts.filter(pk=campaign.pk).update(opening_begun_at=now):
        audit.record(campaign, actor=actor, action="campaign.open_begin", label="开始开启")
    campaign.refresh_from_db()


@contextmanager
def _turn(campaign: Campaign, move: Transition) -> Iterator[None]:
    """A slice of somebody who holds the campaign: another one who opens it waits, and finds what is there."""
    with turns.turn():
        move_from = Campaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)
        if not move.allowed_from(move_from.state):
            raise move.refusal(move_from)
        yield
