"""Where a campaign stands on a day follows from its dates alone."""

import datetime as dt

import pytest

from campaigns.enums import StageKind
from campaigns.models import Stage
from campaigns.stages import stage_end, stage_steps, stages_for
from tests.factories.campaigns import CampaignFactory
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db


def statuses(campaign, day, authority=None) -> str:
    steps = stage_steps(campaign, authority=authority, on=day)
    return " ".join(step.status for step in steps)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((2021, 4, 22), "future future future future"),
        ((2021, 4, 23), "current future future future"),
        ((2021, 5, 31), "current future future future"),
        ((2021, 6, 1), "past current future future"),
        ((2021, 7, 31), "past current future future"),
        ((2021, 8, 1), "past past current future"),
        ((2021, 8, 31), "past past current future"),
        ((2021, 9, 1), "past past past current"),
        ((2021, 10, 15), "past past past current"),
        ((2021, 10, 16), "past past past past"),
    ],
)
def test_first_and_last_days_belong_to_the_stage(day, expected):
    assert statuses(CampaignFactory(), dt.date(*day)) == expected


def test_days_left_are_told_of_the_current_stage_only():
    steps = stage_steps(CampaignFactory(), authority=None, on=dt.date(2021, 7, 29))

    assert [step.days_left for step in steps] == [None, 2, None, None]
    assert [step.label for step in steps] == ["自查", "现场检查", "整改", "处理总结"]
    assert steps[1].period == "6月1日—7月31日"


def test_the_last_day_has_no_day_left():
    [current] = [
        step
        for step in stage_steps(CampaignFactory(), authority=None, on=dt.date(2021, 5, 31))
        if step.status == "current"
    ]

    assert current.days_left == 0


class TestOwnDates:
    @pytest.fixture
    def campaign(self):
        return CampaignFactory()

    @pytest.fixture
    def district(self, campaign):
        """A district that inspects from 15 June to 15 August."""
        authority = AuthorityFactory()
        Stage.objects.create(
            campaign=campaign,
            kind=StageKind.ONSITE,
            authority=authority,
            starts_on=dt.date(2021, 6, 15),
            ends_on=dt.date(2021, 8, 15),
        )
        return authority

    def test_they_hold_for_the_district_itself(self, campaign, district):
        day = dt.date(2021, 8, 10)

        steps = stage_steps(campaign, authority=district, on=day)

        assert [step.status for step in steps] == ["past", "current", "current", "future"]
        assert steps[1].days_left == 5
        assert stage_end(campaign, StageKind.ONSITE, authority=district) == dt.date(2021, 8, 15)

    @pytest.mark.parametrize("other", [AuthorityFactory, lambda: None])
    def test_and_for_nobody_else(self, campaign, district, other):
        authority = other()

        assert statuses(campaign, dt.date(2021, 8, 10), authority) == "past past current future"
        assert stage_end(campaign, StageKind.ONSITE, authority=authority) == dt.date(2021, 7, 31)

    def test_the_order_stays_that_of_the_notice(self, campaign, district):
        Stage.objects.create(
            campaign=campaign,
            kind=StageKind.SELF_CHECK,
            authority=district,
            starts_on=dt.date(2021, 7, 1),
            ends_on=dt.date(2021, 12, 31),
        )

        assert list(stages_for(campaign, authority=district)) == StageKind.values

    def test_a_campaign_without_stages_ends_with_its_summary(self, campaign):
        campaign.stages.all().delete()

        assert stage_steps(campaign, authority=None, on=dt.date(2021, 6, 1)) == []
        assert stage_end(campaign, StageKind.ONSITE, authority=None) == campaign.summary_due

    def test_the_strip_costs_one_query(self, campaign, district, django_assert_num_queries):
        with django_assert_num_queries(1):
            stage_steps(campaign, authority=district, on=dt.date(2021, 6, 1))
