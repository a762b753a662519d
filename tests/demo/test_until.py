"""``simulate --until``: the running campaign stops at every stage, with that stage's work to be done."""

import datetime as dt

import pytest

from campaigns.reference import load_reference
from campaigns.stages import stage_steps
from inspections.enums import TaskState
from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.demo import city, simulator
from metrostd.registry.models import Unit
from rectification.models import RectificationOrder

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 7, 14)
#: The stage the campaign is in when the simulation stops.
STAGE = {
    "opened": "self_check",
    "self_check": "onsite",
    "onsite": "onsite",
    "rectify": "rectify",
    "handle_summary": "handle_summary",
}


@pytest.fixture(params=simulator.UNTIL)
def played(request, monkeypatch, tmp_path):
    """(where it stopped, the running campaign) of a sample town."""
    town = city.Scale(enterprises=18, institutions=2, departments=1, per_unit=(1, 1))
    monkeypatch.setitem(city.SCALES, "town", town)
    monkeypatch.setitem(simulator.SCALES, "town", town)
    load_reference()
    with clock.pinned(clock.at_time(TODAY, 8)):
        (campaign,) = (
            simulator.Simulator(
                scale="town", seed=2021, today=TODAY, folder=tmp_path, until=request.param
            )
            .play(history=False)
            .campaigns
        )
        yield request.param, campaign


def test_it_stops_in_the_stage_that_was_asked_for(played):
    until, campaign = played

    steps = stage_steps(campaign, authority=None, on=TODAY)
    current = [step.kind for step in steps if step.status == "current"]

    assert campaign.state == "open"
    assert current == [STAGE[until]]
    assert Unit.objects.exists()
    _check_work(until)


def _check_work(until: str) -> None:
    """What lies on people's desks fits the stage."""
    tasks = InspectionTask.objects.all()
    if until == "opened":
        assert not tasks.exclude(arrived_at=None).exists()
        return
    late = until in ("rectify", "handle_summary")
    assert tasks.exclude(arrived_at=None).exists()
    # Today's visit of the shown district belongs to the stage of visits.
    assert tasks.filter(state__in=TaskState.under_way).exists() == (not late)
    # An order waits for the days in which the unit may object: among visits there may be one already.
    assert RectificationOrder.objects.exists() or not late
    assert until != "self_check" or not RectificationOrder.objects.exists()
    assert tasks.filter(state__in=TaskState.inspected).exists() == (until != "self_check")
