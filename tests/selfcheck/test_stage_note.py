"""How far the self-check is, as the stage strip says it."""

import pytest

from campaigns.models import Campaign
from metrostd.common.roles import Role
from selfcheck.enums import ReportState
from selfcheck.hooks import handed_in
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return CampaignFactory()


def note(campaign, **membership):
    row = MembershipFactory(**membership)
    row.user.acting = row
    return handed_in(campaign, row.user)


def test_an_office_counts_what_is_owed_to_it(campaign):
    office = campaign.organiser
    for state in (ReportState.SUBMITTED, ReportState.RETURNED, ReportState.OVERDUE):
        ReportFactory(campaign=campaign, state=state)
    ReportFactory(campaign=campaign, state=ReportState.EXEMPTED)
    ReportFactory(state=ReportState.SUBMITTED)

    assert note(campaign, role=Role.CITY_ADMIN, authority=office) == "报送 2/3"


def test_a_unit_counts_its_own(campaign):
    own = ReportFactory(campaign=campaign)
    ReportFactory(campaign=campaign, state=ReportState.ACCEPTED)

    assert note(campaign, as_unit=True, unit=own.unit) == "报送 0/1"


def test_nothing_owed_nothing_said(campaign):
    ReportFactory(campaign=campaign)

    assert note(campaign, role=Role.DISTRICT_INSPECTOR) == ""
