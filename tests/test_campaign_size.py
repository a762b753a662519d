"""The desk and the page of a campaign ask the same number of questions whatever the campaign's size."""

import pytest
from django.urls import reverse

from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import DutyFactory
from tests.factories.inspections import FindingFactory, TaskFactory
from tests.factories.reporting import small_city
from tests.factories.selfcheck import ReportFactory
from tests.queries import cost_of

pytestmark = pytest.mark.django_db


def _grow(campaign, offices):
    """Twenty more of each thing that is counted, for every office."""
    for office in offices:
        of = {"campaign": campaign, "authority": office}
        for state in ("reviewed", "planned", "not_performed", "in_progress"):
            TaskFactory.create_batch(5, **of, state=state)
        FindingFactory.create_batch(
            20, sheet__task__campaign=campaign, sheet__task__authority=office
        )
        ReportFactory.create_batch(20, campaign=campaign, receiver=office, state="submitted")
        DutyFactory.create_batch(20, **of)


@pytest.mark.parametrize("role", [Role.CITY_ADMIN, Role.DISTRICT_ADMIN])
def test_no_statement_more_in_a_campaign_of_any_size(client, role):
    city = small_city(units=8, seed=5)
    district = city.districts[0]
    shared = TaskFactory(campaign=city.campaign, authority=district)  # a unit two offices visit
    TaskFactory(campaign=city.campaign, authority=city.organiser, unit=shared.unit)
    DutyFactory.create_batch(25, campaign=city.campaign, authority=city.organiser)
    DutyFactory.create_batch(25, campaign=city.campaign, authority=district)
    place = city.organiser if role == Role.CITY_ADMIN else district
    sign_in(client, MembershipFactory(role=role, authority=place))
    pages = [
        reverse("desk"),
        reverse("campaigns:detail", args=[city.campaign.pk]),
        reverse("campaigns:progress", args=[city.campaign.pk]),
    ]
    small = [cost_of(client, page) for page in pages]

    _grow(city.campaign, (city.organiser, *city.districts))

    assert [cost_of(client, page) for page in pages] == small
