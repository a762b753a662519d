"""The lists of reports: what they cost, how they are narrowed, what an export holds."""

import datetime as dt
import io

import openpyxl
import pytest

from metrostd.common import keyed
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory, RoutedStandardFactory
from tests.factories.registry import AuthorityFactory
from tests.factories.selfcheck import (
    CoveredFactory,
    ProblemFactory,
    ReportFactory,
    report_with_answers,
)
from tests.printing import PURPOSE

from .pages import as_district, as_receiver, as_unit, url

pytestmark = pytest.mark.django_db

QUERIES = {}


@pytest.mark.parametrize("rows", [1, 4])
def test_the_office_list_takes_the_same_queries(client, django_assert_max_num_queries, rows):
    campaign = CampaignFactory()
    for _ in range(rows):
        report = ReportFactory(campaign=campaign, state="submitted")
        CoveredFactory(report=report)
        ProblemFactory(report=report)
        ReportFactory(campaign=campaign, as_bureau=True, due_on=dt.date(2021, 5, 1))
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser))
    client.get(url("index"))

    with django_assert_max_num_queries(16) as context:
        page = client.get(url("index"))

    assert page.context["page"].paginator.count == 2 * rows
    QUERIES.setdefault("office", set()).add(len(context))
    assert len(QUERIES["office"]) == 1


@pytest.mark.parametrize("many", [1, 2000])
def test_a_district_sees_the_same_list_whether_its_keys_are_gathered_or_too_many(
    client, monkeypatch, many
):
    monkeypatch.setattr(keyed, "MANY", many)
    due = dt.date(2021, 5, 1)
    office = AuthorityFactory()
    received = ReportFactory(receiver=office, state="submitted")
    campaign = received.campaign
    other = ReportFactory(campaign=campaign, receiver=office, due_on=due, state="not_started")
    own = ReportFactory(campaign=campaign, as_bureau=True, bureau=office, due_on=due)
    ReportFactory(campaign=campaign, receiver=AuthorityFactory(), due_on=due)
    as_district(client, office)

    page = client.get(url("index"))

    assert {row.pk for row in page.context["page"]} == {received.pk, other.pk, own.pk}
    assert [row.pk for row in page.context["overdue"]] == [other.pk]
    assert page.context["overdue_count"] == 1
    found = client.get(url("index"), {"state": "submitted"})
    assert [row.pk for row in found.context["page"]] == [received.pk]


@pytest.mark.parametrize("rows", [1, 4])
def test_a_units_cards_take_the_same_queries(client, django_assert_max_num_queries, rows):
    first = report_with_answers(standards=1)
    for _ in range(rows - 1):
        report = ReportFactory(
            campaign=first.campaign, unit=first.unit, receiver=AuthorityFactory()
        )
        CoveredFactory(report=report)
    as_unit(client, first)
    client.get(url("index"))

    with django_assert_max_num_queries(12) as context:
        page = client.get(url("index"))

    assert len(page.context["cards"]) == rows
    QUERIES.setdefault("unit", set()).add(len(context))
    assert len(QUERIES["unit"]) == 1


@pytest.mark.parametrize("rows", [1, 4])
@pytest.mark.parametrize("name", ["detail", "form", "submit", "send_back"])
def test_pages_of_one_report_do_not_query_per_item(
    client, django_assert_max_num_queries, name, rows
):
    state = "submitted" if name == "send_back" else "draft"
    report = report_with_answers(state=state, answer="deficient", standards=rows)
    for row in report.answers.all():
        ProblemFactory(report=report, item=row.item, standard=row.standard)
    (as_receiver if name == "send_back" else as_unit)(client, report)
    client.get(url(name, report.pk))

    with django_assert_max_num_queries(24) as context:
        page = client.get(url(name, report.pk))

    assert page.status_code == 200
    QUERIES.setdefault(name, set()).add(len(context))
    assert len(QUERIES[name]) == 1, QUERIES


@pytest.fixture
def office(client):
    campaign = CampaignFactory()
    district = AuthorityFactory(short_name="西青区局")
    waiting = ReportFactory(
        campaign=campaign, unit__name="天津甲厂", unit__territorial_authority=district
    )
    late = ReportFactory(campaign=campaign, unit__name="天津乙厂", state="submitted", is_late=True)
    missing = ReportFactory(
        campaign=campaign, unit__name="天津丙厂", state="overdue", due_on=dt.date(2021, 5, 10)
    )
    bureau = ReportFactory(campaign=campaign, as_bureau=True, bureau=district)
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser))
    return {"甲": waiting, "乙": late, "丙": missing, "局": bureau, "district": district}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "甲乙丙局"),
        ("state=submitted", "乙"),
        ("kind=bureau", "局"),
        ("late=late", "乙"),
        ("late=overdue", "丙"),
        ("q=丙厂", "丙"),
        ("q=西青", "局"),
        ("state=nonsense&kind=nonsense&district=x&late=y", "甲乙丙局"),
    ],
)
def test_the_list_is_narrowed_by_its_address(client, office, query, names):
    page = client.get(f"{url('index')}?{query}").context["page"]

    assert {report.pk for report in page} == {office[name].pk for name in names}


def test_the_list_is_narrowed_by_district_and_sorted(client, office):
    query = {"district": office["district"].pk, "sort": "-due"}

    page = client.get(url("index"), query).context["page"]

    assert list(page) == [office["甲"], office["局"]]


def test_an_office_tells_what_it_receives_from_what_it_inspects(client):
    routed = RoutedStandardFactory()
    inspected = ReportFactory(
        campaign=routed.campaign,
        unit=routed.unit,
        receiver=routed.issuing_authority,
        state="submitted",
    )
    office = routed.inspecting_authority
    received = ReportFactory(campaign=routed.campaign, receiver=office)
    own = ReportFactory(campaign=routed.campaign, as_bureau=True, bureau=office)
    as_district(client, office)

    pages = {
        relation: list(client.get(url("index"), {"relation": relation}).context["page"])
        for relation in ("received", "inspected")
    }

    assert pages == {"received": [received], "inspected": [inspected]}
    assert client.get(url("index")).context["own"] == [own]


def test_the_list_counts_by_state_and_names_the_overdue(client, office):
    page = client.get(url("index"), {"state": "submitted"})

    counts = {tab["label"]: tab["count"] for tab in page.context["tabs"]}
    assert counts == {"全部": 4, "未开始": 2, "逾期未报": 1, "已报送": 1}
    assert page.context["overdue"] == [office["丙"]]


def test_the_export_holds_what_the_list_shows_and_is_noted(client, office):
    ProblemFactory(report=office["乙"])

    answer = client.post(f"{url('export')}?sort=-name&kind=unit", PURPOSE)

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    shown = client.get(url("index"), {"sort": "-name", "kind": "unit"}).context["page"]
    assert [row[0] for row in rows] == [report.name for report in shown]
    by_name = {row[0]: row for row in rows}
    assert by_name["天津乙厂"][5] == 1
    assert by_name["天津甲厂"][5] is None
    assert by_name["天津丙厂"][8] == "逾期未报"
    assert AccessEntry.objects.get().kind == "export"


def test_the_lists_say_what_to_do_when_empty(client):
    sign_in(client, MembershipFactory(as_unit=True))
    assert "没有需要填报的自查" in client.get(url("index")).content.decode()
    sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN))
    assert "还没有专项行动" in client.get(url("index")).content.decode()
    CampaignFactory()
    assert "还没有自查报告" in client.get(url("index")).content.decode()
