"""The statistics pages: who sees whose table, links behind figures, downloads."""

import datetime as dt
import io
import itertools

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from metrostd.common import clock
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from reporting.annex3 import build
from reporting.figures import FIGURES
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.reporting import small_city
from tests.printing import PURPOSE, pages_of

pytestmark = pytest.mark.django_db
AS_OF = "2021-12-31"
PAGES = ("annex3", "annex3_xlsx", "annex3_pdf", "records", "records_xlsx")


@pytest.fixture
def city():
    return small_city(units=24, seed=5)


@pytest.fixture
def district(client, city):
    return sign_in(client, MembershipFactory(authority=city.districts[0]))


@pytest.fixture
def office(client, city):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser))


def get(client, page, **query):
    return client.get(reverse(f"reporting:{page}"), {"as_of": AS_OF, **query})


def test_a_district_sees_its_own_table_with_every_figure(district, city):
    page = get(district, "annex3")

    annex = build(city.campaign, city.districts[0], as_of=dt.date.fromisoformat(AS_OF))
    shown = [
        cell.text for part in page.context["sections"] for line in part.lines for cell in line.cells
    ]
    assert page.status_code == 200
    assert page.context["annex"].authority == city.districts[0].code
    assert str(annex.blocks["I"].total["s_total"]) in shown
    assert "数据规则" in page.content.decode()


@pytest.mark.parametrize("block", ["II", "III", "IV", "VI"])
def test_the_other_blocks_are_tabs(district, block):
    page = get(district, "annex3", block=block)

    assert page.status_code == 200
    assert [key for key, _, _ in page.context["tabs"]] == ["I", "II", "III", "VI", "IV"]
    assert len(page.context["sections"]) == 1


def test_the_city_chooses_between_all_offices_and_their_sum(office, city):
    page = get(office, "annex3")

    offered = [choice["code"] for choice in page.context["offices"]]
    assert page.context["annex"].authority == "all"
    assert offered == ["all", "120000", *(bureau.code for bureau in city.districts)]
    assert get(office, "annex3", authority="120101").context["annex"].authority == "120101"


def test_another_office_is_not_found(district):
    for page, asked in itertools.product(PAGES, ["120102", "120000", "all", "999999"]):
        answer = get(district, page, authority=asked, figure="s_total")

        assert (page, asked, answer.status_code) == (page, asked, 404)


def test_people_outside_the_offices_are_refused(client, city):
    roles = (Role.DISTRICT_INSPECTOR, Role.DISTRICT_APPROVER, Role.ASSESSOR, Role.UNIT_USER)
    for role in roles:
        place = {"unit": city.units[0], "authority": None}
        at = place if role == Role.UNIT_USER else {"authority": city.districts[0]}
        sign_in(client, MembershipFactory(role=role, **at))

        for page in PAGES:
            answer = get(client, page, figure="s_total")

            assert (role, page, answer.status_code) == (role, page, 403)


def test_there_are_no_records_behind_a_ratio_or_an_unknown_figure(district):
    for figure in ("ratio", "nothing", ""):
        assert (figure, get(district, "records", figure=figure).status_code) == (figure, 404)


def test_an_address_that_names_no_cell_is_not_found(district):
    queries = ({"row": "nowhere"}, {"block": "IX"}, {"block": "III"}, {"as_of": "yesterday"})
    for query in queries:
        answer = get(district, "records", **{"figure": "u_plan"} | query)

        assert (query, answer.status_code) == (query, 404)


@pytest.mark.parametrize("asked", ["2022-01-01", "2022-01-01T00:00:00", "2022-01-01T01:00+08:00"])
def test_nothing_is_known_of_a_day_to_come(office, asked):
    with clock.pinned(clock.at_time(dt.date(2021, 12, 31), 23)):
        for page in (*PAGES, "cockpit"):
            answer = get(office, page, figure="u_plan", as_of=asked)
            assert (page, answer.status_code) == (page, 422)
        assert "数据只能截至今天（2021年12月31日）" in answer.content.decode()
        assert get(office, "annex3", as_of="2021-12-31T23:59:59").status_code == 200


def test_the_list_behind_each_figure_shows_as_many_as_the_cell(office, city):
    annex = build(city.campaign, None, as_of=dt.date.fromisoformat(AS_OF))

    for figure in FIGURES:
        if not figure.family:
            continue
        block = figure.blocks[0]
        row = figure.id if block in ("IV", "V") else "total"
        page = get(office, "records", figure=figure.id, block=block, row=row, authority="all")
        value = annex.value(block, row, figure.id)
        assert (figure.id, page.status_code) == (figure.id, 200)
        assert (figure.id, page.context["value"]) == (figure.id, value)
        if figure.kind == "count":
            assert (figure.id, page.context["page"].paginator.count) == (figure.id, value)


def test_a_district_opens_the_records_behind_its_cells(district, city):
    annex = build(city.campaign, city.districts[0], as_of=dt.date.fromisoformat(AS_OF))

    for figure in ("u_total", "u_sc_due", "p_sc", "u_plan", "s_insp", "fd", "s_stop", "refer"):
        page = get(district, "records", figure=figure, row="ent_highest")
        value = annex.value("I", "ent_highest", figure)
        assert (figure, page.context["page"].paginator.count) == (figure, value)


@pytest.mark.parametrize("rows", [1, 4])
def test_the_list_asks_as_many_questions_for_four_rows_as_for_one(
    client, city, django_assert_num_queries, rows
):
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser))
    found = get(client, "records", figure="fd", authority="all").context["page"].paginator.count
    assert found > rows

    from reporting import listing
    from reporting.columns import screen_row
    from reporting.figures import BY_ID
    from reporting.queries import Scope, records

    scope = Scope.of(city.campaign, None, dt.date.fromisoformat(AS_OF))
    viewer = MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser).user
    viewer.scope  # noqa: B018 -- read before counting
    figure = BY_ID["fd"]
    with django_assert_num_queries(1):
        columns = listing.columns_of(figure)
        listed = listing.with_relations(figure, records(figure, scope, "I", "total", viewer=viewer))
        lines = [screen_row(columns, row) for row in listed[:rows]]
    assert len(lines) == rows


def test_downloads_hold_the_same_table_and_leave_a_trace(district, city):
    book = get(district, "annex3_xlsx")
    form = pages_of(district, reverse("reporting:annex3_pdf") + f"?as_of={AS_OF}")
    listed = get(district, "records_xlsx", figure="s_total", **PURPOSE)

    annex = build(city.campaign, city.districts[0], as_of=dt.date.fromisoformat(AS_OF))
    total = [
        cell.value
        for cell in load_workbook(io.BytesIO(book.content), data_only=True).worksheets[0][13]
    ]
    rows = list(load_workbook(io.BytesIO(listed.content)).worksheets[0].values)
    assert total[2] == annex.blocks["I"].total["s_total"] == len(rows) - 2
    assert form.startswith(b"%PDF")
    # The paper is noted when it is made and when it is fetched.
    assert list(AccessEntry.objects.values_list("kind", flat=True)) == ["export"] * 4


def test_an_empty_campaign_says_what_to_do_next(client):
    campaign = CampaignFactory()
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser))

    page = client.get(reverse("reporting:annex3"))

    assert page.context["annex"].is_empty
    assert "冻结抽样框" in page.content.decode()


def test_without_a_campaign_the_page_says_so(client):
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))

    assert "还没有专项行动" in client.get(reverse("reporting:annex3")).content.decode()


def test_broken_rules_tint_their_cells(office):
    page = get(office, "annex3", authority="all")

    marks = {
        cell.mark for part in page.context["sections"] for line in part.lines for cell in line.cells
    }
    assert page.context["failed"]
    assert marks & {"is-broken", "is-warned"}
