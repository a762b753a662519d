"""A second campaign hides nothing of the first: own lists span, empty ones say where the rows are."""

import pytest
from django.urls import reverse

from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory, DutyFactory
from tests.factories.inspections import FindingFactory, TaskFactory
from tests.factories.registry import AuthorityFactory, UnitFactory
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaigns():
    """Two that run, the newer one chosen by nobody but looked at by everybody."""
    first = CampaignFactory(title="第一次专项行动")
    return first, CampaignFactory(title="第二次专项行动")


@pytest.fixture
def district():
    return AuthorityFactory(level="district")


def test_a_unit_sees_its_reports_and_visits_of_every_running_campaign(client, campaigns, district):
    unit = UnitFactory(territorial_authority=district)
    for campaign in campaigns:
        ReportFactory(campaign=campaign, unit=unit)
        TaskFactory(campaign=campaign, unit=unit, authority=district, state="notified")
    sign_in(client, MembershipFactory(role=Role.UNIT_USER, authority=None, unit=unit))

    for name in ("selfcheck:index", "inspections:index"):
        text = client.get(reverse(name)).content.decode().split('id="main"')[1]
        assert all(text.count(campaign.title) == 1 for campaign in campaigns), name


def test_an_inspector_sees_the_findings_of_every_running_campaign(client, campaigns, district):
    found = [
        FindingFactory(task=TaskFactory(campaign=campaign, authority=district), state="raised")
        for campaign in campaigns
    ]
    member = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=district)
    for finding in found:
        finding.task.team.create(membership=member, role="leader")
    sign_in(client, member)

    page = client.get(reverse("rectification:index")).context["page"]

    assert {row.pk for row in page} == {row.pk for row in found}


def test_duties_span_running_campaigns_and_narrow_to_one(client, campaigns, district):
    mine = [DutyFactory(campaign=campaign, authority=district) for campaign in campaigns]
    ended = DutyFactory(campaign=CampaignFactory(state="closed"), authority=district)
    sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district))
    url = reverse("campaigns:duties")

    assert list(client.get(url).context["page"]) == mine
    assert list(client.get(url, {"campaign": campaigns[0].pk}).context["page"]) == [mine[0]]
    assert list(client.get(url, {"campaign": ended.campaign_id}).context["page"]) == [ended]


@pytest.mark.parametrize("name", ["inspections:index", "rectification:index", "selfcheck:index"])
def test_an_empty_list_of_an_office_leads_to_the_campaign_with_rows(
    client, campaigns, district, name
):
    full, empty = campaigns
    task = TaskFactory(campaign=full, authority=district)
    FindingFactory(task=task, state="raised")
    ReportFactory(campaign=full, receiver=district)
    draft = CampaignFactory(state="draft")
    TaskFactory(campaign=draft, authority=district)
    sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district))
    client.post(reverse("campaigns:choose", args=[empty.pk]))
    url = reverse(name)

    page = client.get(url)
    (other,) = page.context["elsewhere"]
    choose = reverse("campaigns:choose", args=[other.campaign.pk])
    answer = client.post(choose, {"next": url}, follow=True)

    assert (other.campaign, other.rows) == (full, 1)
    assert f"“{full.title}”中有 1 条，去看" in page.content.decode()
    assert answer.request["PATH_INFO"] == url
    assert (answer.context["elsewhere"], len(answer.context["page"].object_list)) == ([], 1)
