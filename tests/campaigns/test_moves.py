"""Every state against every move, written out by hand."""

import itertools

import pytest
from django.core.exceptions import ValidationError

from campaigns.enums import CampaignState, DrawState, FrameState, TermsState
from campaigns.moves import CAMPAIGN_MOVES, DRAW_MOVES, FRAME_MOVES, OPEN, SHOWN_FOR, VOID
from campaigns.terms import TERMS_MOVES
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import UserFactory
from tests.factories.campaigns import CampaignFactory, DrawRunFactory, FrameFactory, TermsFactory
from tests.factories.registry import StandardFactory

ALLOWED = {
    ("draft", "campaign.open"): "open",
    ("open", "campaign.close"): "closed",
    ("closed", "campaign.reopen"): "open",
    ("open", "campaign.adjust"): "open",
    ("valid", "draw.void"): "void",
    ("shown", "frame.freeze"): "frozen",
    ("shown", "frame.withdraw"): "lifted",
    ("frozen", "frame.lift"): "lifted",
    ("announced", "terms.acknowledge"): "acknowledged",
    ("announced", "terms.lapse"): "lapsed",
    ("announced", "terms.annul"): "annulled",
    ("acknowledged", "terms.enter"): "entered",
    ("acknowledged", "terms.annul"): "annulled",
    ("entered", "terms.dispute"): "acknowledged",
    ("entered", "terms.draw"): "drawn",
    ("entered", "terms.annul"): "annulled",
    ("drawn", "terms.correct"): "acknowledged",
    ("drawn", "terms.annul"): "annulled",
}


def check(obj, move):
    seen = obj.state
    if target := ALLOWED.get((seen, move.name)):
        move.apply(obj, actor=UserFactory(), note="理由")
        obj.refresh_from_db()
        assert obj.state == target
        assert AuditEntry.objects.get().before["state"] == seen
    else:
        with pytest.raises(TransitionError):
            move.apply(obj, actor=UserFactory(), note="理由")
        assert not AuditEntry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(CampaignState.values, CAMPAIGN_MOVES)), ids=str
)
def test_every_campaign_state_against_every_move(state, move):
    campaign = CampaignFactory(state=state)
    StandardFactory(hosting_authority=campaign.organiser)

    check(campaign, move)


@pytest.mark.django_db
def test_a_campaign_without_standards_is_not_opened():
    campaign = CampaignFactory(state="draft")

    with pytest.raises(ValidationError, match="请先导入名单"):
        OPEN.apply(campaign, actor=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(DrawState.values, DRAW_MOVES)), ids=str
)
def test_every_draw_state_against_every_move(state, move):
    check(DrawRunFactory(state=state), move)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(FrameState.values, FRAME_MOVES)), ids=str
)
def test_every_frame_state_against_every_move(state, move):
    check(FrameFactory(state=state, shown_at=clock.now() - SHOWN_FOR), move)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(TermsState.values, TERMS_MOVES)), ids=str
)
def test_every_terms_state_against_every_move(state, move):
    check(TermsFactory(state=state), move)


@pytest.mark.django_db
def test_voiding_needs_a_reason():
    run = DrawRunFactory()

    with pytest.raises(ValidationError, match="请说明理由"):
        VOID.apply(run, actor=None, note=" ")
