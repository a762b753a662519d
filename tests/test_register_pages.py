"""What the stages add to the pages of the register, and to whom it shows."""

import pytest
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.roles import Role
from rectification.models import RectificationOrder
from selfcheck.enums import ReportState
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import FindingFactory
from tests.factories.selfcheck import ReportFactory
from tests.inspections.story import VISIT, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit():
    with clock.pinned(VISIT.replace(hour=16)):
        return make_visit().concluded({})


def page_of_unit(client, membership, unit):
    return (
        sign_in(client, membership).get(reverse("registry:unit", args=[unit.pk])).content.decode()
    )


def test_the_office_sees_past_visits_and_reports_of_a_unit(client, visit):
    task = visit.task
    report = ReportFactory(campaign=task.campaign, unit=task.unit, state=ReportState.NOT_STARTED)
    office = MembershipFactory(role=Role.CITY_ADMIN)

    page = page_of_unit(client, office, task.unit)

    assert "历次检查" in page
    assert task.get_absolute_url() in page
    assert "历次自查" in page
    assert report.get_absolute_url() in page


def test_an_office_without_the_case_sees_the_unit_but_not_the_visit(client, visit):
    approver = MembershipFactory(
        role=Role.DISTRICT_APPROVER, authority=visit.task.unit.territorial_authority
    )

    page = page_of_unit(client, approver, visit.task.unit)

    assert visit.task.unit.name in page
    assert "历次检查" not in page


def facts_of(client, membership, unit):
    page = sign_in(client, membership).get(reverse("registry:unit", args=[unit.pk]))
    return {fact.label: (fact.value, fact.tone) for fact in page.context["facts"]}


def test_the_office_sees_how_honest_the_self_check_was(client):
    finding = FindingFactory(self_check_answer="conform")
    FindingFactory(sheet=finding.sheet, self_check_answer="deficient")
    task = finding.task
    city = MembershipFactory(role=Role.CITY_ADMIN)
    assert "自查不实" not in facts_of(client, city, task.unit)

    ReportFactory(
        campaign=task.campaign, unit=task.unit, state=ReportState.SUBMITTED, submitted_at=clock.now(),
        first_submitted_at=clock.now(),
    )  # fmt: skip

    assert facts_of(client, city, task.unit)["自查不实"] == ("1 项", "bad")
    own = MembershipFactory(as_unit=True, unit=task.unit)
    assert "自查不实" not in facts_of(client, own, task.unit)


def test_a_standard_shows_its_signed_sheets(client, visit):
    sheet = visit.task.sheets.filter(standard__isnull=False).first()
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))

    page = client.get(reverse("registry:standard", args=[sheet.standard.pk])).content.decode()

    assert sheet.get_absolute_url() in page


def test_the_search_finds_an_order_by_number_within_scope(client, visit):
    order = RectificationOrder.objects.create(
        task=visit.task,
        kind="notice",
        number="津示市监整改〔2021〕7号",
        issued_on="2021-06-20",
        due_on="2021-07-20",
        requirement="示例",
    )
    url = reverse("registry:search") + "?q=〔2021〕7号"

    found = sign_in(client, MembershipFactory(role=Role.CITY_ADMIN)).get(url).content.decode()
    stranger = sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN)).get(url)

    assert order.get_absolute_url() in found
    assert order.get_absolute_url() not in stranger.content.decode()
