"""How much of a campaign is owed: counted stretch by stretch of an index, or once for whoever sees a part."""

import datetime as dt

import pytest

from campaigns.models import Duty
from campaigns.queries import DutyCounts, duty_counts
from metrostd.common import clock
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory, DutyFactory
from tests.factories.rectification import issue
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2021, 7, 15)


@pytest.fixture
def campaign():
    return CampaignFactory()


def _owed(campaign, authority):
    """For one office: two done, one of them late; one running on its last day, three late, one taken back."""
    then, done = clock.at_time(TODAY, 8), {"fulfilled_at": clock.at_time(TODAY, 9)}
    of = {"campaign": campaign, "authority": authority}
    for days, more in (
        (-3, done),
        (5, done),
        (0, {}),
        (-1, {}),
        (-20, {}),
        (-90, {}),
        (-1, {"cancelled_at": then}),
    ):
        DutyFactory(due_on=TODAY + dt.timedelta(days=days), **of, **more)


def _somebody(role, authority):
    member = MembershipFactory(role=role, authority=authority)
    member.user.act_as(member)
    return member.user


@pytest.mark.parametrize("role", [Role.CITY_ADMIN, Role.DISTRICT_ADMIN])
def test_done_running_and_late_are_all_there_is(role, campaign, django_assert_num_queries):
    city = AuthorityFactory(city=True)
    district = AuthorityFactory(parent=city)
    _owed(campaign, district)
    DutyFactory(due_on=TODAY, authority=district)  # in another campaign
    place = city if role == Role.CITY_ADMIN else district
    viewer = _somebody(role, place)
    owed = Duty.objects.by_now(TODAY).within(campaign=campaign).visible_to(viewer)

    with django_assert_num_queries(1):
        found = owed.totals(TODAY)

    assert found == {"done": 2, "running": 1, "overdue": 3}


@pytest.mark.parametrize("days", [0, 1, 400])
def test_what_lapsed_overnight_counts_as_each_row_says(days):
    order = issue()
    campaign = order.task.campaign
    owed_till = order.items.get().finding.due_on
    viewer = _somebody(Role.CITY_ADMIN, AuthorityFactory(city=True))
    on = owed_till + dt.timedelta(days=days)

    with clock.pinned(clock.at_time(on, 8)):
        owed = Duty.objects.by_now(on).within(campaign=campaign)
        found = duty_counts(owed, viewer=viewer, on=on)
        rows = list(owed.visible_to(viewer))

    kept = [row for row in rows if row.cancelled_at is None]
    open_ = [row for row in kept if row.fulfilled_at is None]
    late = sum(row.due_on < on for row in open_)
    assert len(rows) > 0
    assert len(kept) == len(rows) - (days > 0)  # what only failed by delay is owed no more
    assert found == DutyCounts(len(kept), len(kept) - len(open_), len(open_) - late, late)
