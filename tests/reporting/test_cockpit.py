"""The cockpit: every mark is as long as its list and equals the recount, in scope, in few questions."""

import datetime as dt
import io
import re
from collections import Counter, defaultdict
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from campaigns.models import Campaign, FrameStandard
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from metrostd.registry.models import StandardCertificate
from reporting.cockpit.counting import count
from reporting.cockpit.curve import curve
from reporting.cockpit.figures import FIGURES, OWN
from reporting.cockpit.judging import count_answers
from reporting.cockpit.narrowing import Narrowing
from reporting.cockpit.sheets import TABLES
from reporting.cockpit.units import findings
from reporting.queries import Scope, records, total_of
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.reporting import small_city

from .recount import _covered, _findings, _rows, recount

pytestmark = pytest.mark.django_db
AS_OF = dt.date(2021, 12, 31)
PAGE = "reporting:cockpit"


@pytest.fixture
def city():
    return small_city(units=24, seed=5)


@pytest.fixture
def office(client, city):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser))


@pytest.fixture
def district(client, city):
    return sign_in(client, MembershipFactory(authority=city.districts[0]))


def get(client, **query):
    return client.get(reverse(PAGE), {"as_of": AS_OF.isoformat(), **query})


def links_of(page):
    """(what is written, address) of every link to records on the page."""
    html = page.content.decode()
    found = re.findall(r'<a [^>]*href="([^"]*/records/[^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    return [(re.sub(r"<[^>]*>", " ", text).split(), unescape(url)) for url, text in found]


def test_every_figure_of_an_office_equals_the_recount(city):
    found = 0
    for authority in (city.organiser, *city.districts):
        counted = count(Scope.of(city.campaign, authority, AS_OF))
        again = recount(city.campaign.pk, authority.pk)
        for figure in FIGURES:
            if figure not in OWN and figure.kind == "count":
                expected = again["I"]["total"][figure.id]
                assert (figure.id, counted.of(figure.id)) == (figure.id, expected)
                found += expected
        for block in ("I", "II", "III", "VI"):
            for row, values in again[block].items():
                if row.startswith(("total", "subtotal")):
                    continue
                if values.get("fd") or values.get("s_prob"):
                    key = "fd" if block == "III" else "s_prob"
                    assert counted.by_row(block, key).get(row, 0) == values[key]
    assert found


def test_what_waits_equals_a_recount_in_plain_sql(city):
    totals = Counter()
    for authority in (city.organiser, *city.districts):
        counted = count(Scope.of(city.campaign, authority, AS_OF))
        place = (city.campaign.pk, authority.pk)
        missing = {row["unit"] for row in _covered(*place) if not row["received"]}
        ordered = {
            row["id"]
            for row in _findings(*place)
            if row["order_id"] and row["state"] in ("ordered", "returned", "failed")
        }
        past_due = _rows("SELECT id FROM inspections_finding WHERE due_on < %s", AS_OF)
        standing = _rows(
            """
            SELECT DISTINCT o.standard_id FROM inspections_stoptransferorder o
              JOIN inspections_inspectiontask t ON t.id = o.task_id
             WHERE t.campaign_id = %s AND t.authority_id = %s AND o.state IN
                   ('approved', 'served', 'in_force')
            """,
            *place,
        )
        again = {
            "u_sc_out": len(missing),
            "fd_late": len(ordered & {row["id"] for row in past_due}),
            "s_stop_on": len(standing),
        }
        assert {key: counted.of(key) for key in again} == again
        assert sum(counted.by_row("item", "fd").values()) == len(_findings(*place))
        totals.update(again)
    assert totals["fd_late"]
    assert totals["u_sc_out"]
    assert totals["s_stop_on"]


def test_judgements_and_gaps_equal_a_recount_in_plain_sql(city):
    totals = Counter()
    for authority in (city.organiser, *city.districts):
        scope = Scope.of(city.campaign, authority, AS_OF)
        counted = count(scope)
        place = (city.campaign.pk, authority.pk)
        answers = _rows(
            """
            SELECT i.code AS item, a.answer AS answer FROM inspections_checklistanswer a
              JOIN campaigns_checklistitem i ON i.id = a.item_id
              JOIN inspections_checklistsheet c ON c.id = a.sheet_id AND c.signed_at IS NOT NULL
              JOIN inspections_inspectiontask t ON t.id = c.task_id
             WHERE t.campaign_id = %s AND t.authority_id = %s AND t.kind <> 'recheck'
            """,
            *place,
        )
        praised = {
            row["id"]
            for row in _rows(
                "SELECT id FROM inspections_finding WHERE self_check_answer = 'conform'"
            )
        }
        gaps = Counter(row["problem"] for row in _findings(*place) if row["id"] in praised)
        again = defaultdict(Counter)
        for row in answers:
            if row["answer"] not in ("", "not_applicable"):
                again[row["item"]][row["answer"]] += 1
        assert count_answers(scope, Narrowing()).counts == again
        totals.update(answer for words in again.values() for answer in words.elements())
        assert counted.by_row("III", "fd_gap") == gaps
        totals["fd_gap"] += counted.of("fd_gap")
    assert totals["conform"] > totals["deficient"] > 0
    assert totals["fd_gap"]


def test_items_stand_by_how_rarely_they_passed(office):
    context = get(office).context
    rates = [one.passed.percent for one in context["judged"]]
    bars = context["judged_chart"]["rows"]

    assert rates == sorted(rates)
    assert [bar["value"] for bar in bars] == [round(float(rate)) for rate in rates[: len(bars)]]
    assert context["all_judged"].whole == sum(one.passed.whole for one in context["judged"])
    for one in context["judged"]:
        assert one.passed.whole == one.passed.part + one.failed.value
    assert sum(mark.value for mark in context["gaps"]) == context["all_gaps"].value
    first = context["gap_units"][0]
    assert office.get(first.records).context["page"].paginator.count == first.count


def test_every_item_stands_on_the_page_behind_the_lowest(office, client):
    shown = get(office).context
    whole = office.get(shown["judged_url"])

    assert [one.label for one in shown["judged_shown"]] == [
        bar["label"] for bar in shown["judged_chart"]["rows"]
    ]
    assert shown["judged_url"] in unescape(get(office).text)
    assert [one.label for one in whole.context["judged"]] == [o.label for o in shown["judged"]]
    assert all(one.label in unescape(whole.text) for one in shown["judged"])
    assert office.get(whole.context["export_url"]).status_code == 200
    stranger = sign_in(client, MembershipFactory(as_unit=True))
    assert stranger.get(shown["judged_url"]).status_code == 403


def test_a_certificate_runs_out_soon_for_half_a_year(city):
    entries = FrameStandard.objects.filter(frame__authority=city.districts[0]).order_by("pk")
    ends = (AS_OF, AS_OF + dt.timedelta(days=150), AS_OF + dt.timedelta(days=200))
    for entry, day in zip(entries[:3], ends, strict=True):
        StandardCertificate.objects.filter(standard=entry.standard).update(
            state="valid", valid_until=day
        )

    assert count(Scope.of(city.campaign, city.districts[0], AS_OF)).of("s_expiring") == 2


@pytest.mark.parametrize("category", ["ent_highest", "subtotal_public"])
def test_one_category_is_that_row_of_the_table(city, category):
    for authority in (city.organiser, *city.districts):
        counted = count(Scope.of(city.campaign, authority, AS_OF), category)
        row = recount(city.campaign.pk, authority.pk)["I"][category]
        for figure in FIGURES:
            if figure not in OWN and figure.kind == "count":
                assert (figure.id, counted.of(figure.id)) == (figure.id, row[figure.id])


@pytest.mark.parametrize("domain", ["food", "health"])
def test_one_domain_is_that_row_of_the_table(city, domain):
    for authority in (city.organiser, *city.districts):
        counted = count(Scope.of(city.campaign, authority, AS_OF), domain)
        row = recount(city.campaign.pk, authority.pk)["VI"][domain]
        for figure in ("s_insp", "s_prob", "s_stop"):
            assert counted.of(figure) == (row[figure] or 0), figure


@pytest.mark.parametrize("category", ["", "ent_highest", "food"])
def test_every_link_opens_as_many_records_as_it_says(office, category):
    page = get(office, category=category)

    assert page.status_code == 200
    links = fullest(links_of(page))
    assert len(links) > 20
    for said, url in links:
        opened = office.get(url)
        assert (url, opened.status_code) == (url, 200)
        assert (url, opened.context["page"].paginator.count) == (url, said)


def fullest(links):
    """Of each kind of address the one that says most."""
    found = {}
    for words, url in links:
        asked = parse_qs(urlsplit(url).query)
        narrowed = tuple(name in asked for name in ("unit", "until"))
        of_all = asked["authority"] == ["all"]
        kind = (asked["figure"][0], asked["block"][0], of_all, *narrowed)
        found[kind] = max(found.get(kind, (-1, "")), (_said(words), url))
    return list(found.values())


def _said(words):
    """The count in a link's words: alone, or as the first of a share (3/4)."""
    for word in reversed(words):
        if share := re.search(r"(\d+)/\d+", word):
            return int(share[1])
    return int(words[-1])


def test_the_marks_of_the_charts_lead_where_their_tables_lead(office):
    context = get(office).context

    for chart in ("funnel_chart", "items_chart", "problems_chart", "gaps_chart"):
        rows = context[chart]["rows"]
        assert rows
        for row in rows:
            opened = office.get(row["url"])
            assert (row["url"], opened.context["page"].paginator.count) == (
                row["url"],
                row["value"],
            )
    for row in context["judged_chart"]["rows"]:
        opened = office.get(row["url"])
        assert opened.context["page"].paginator.count == int(row["note"].partition("/")[0])
    for series in context["curve_chart"]["series"][:2]:
        mark = series["data"][-1]
        assert office.get(mark["url"]).context["page"].paginator.count == mark["value"]


def test_the_last_day_of_the_curve_is_the_figure(city):
    scope = Scope.of(city.campaign, None, AS_OF)
    counted = count(scope)
    days = curve(
        scope, Narrowing(), findings(scope, Narrowing()), first=city.campaign.notice_on, last=AS_OF
    )

    assert days.inspected[-1] == counted.of("u_insp") > 0
    assert days.verified[-1] == counted.of("fd_ok") > 0
    assert list(days.inspected) == sorted(days.inspected)


def test_each_day_of_the_curve_is_as_long_as_its_list(city):
    scope = Scope.of(city.campaign, None, AS_OF)
    viewer = MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser).user
    days = curve(
        scope, Narrowing(), findings(scope, Narrowing()), first=city.campaign.notice_on, last=AS_OF
    )
    steps = Counter(days.inspected).keys()

    for figure, values in (("u_insp", days.inspected), ("fd_ok", days.verified)):
        shown = next(f for f in FIGURES if f.id == figure)
        day = days.days[values.index(max(steps & set(values)))]
        also = Narrowing(until=day).q(shown.family, scope)
        rows = records(shown, scope, "I", "total", viewer=viewer, also=also)
        assert total_of(shown, rows) == values[days.days.index(day)]


def test_offices_are_sorted_by_what_they_lack_and_few_are_not_tinted(office):
    lines = get(office).context["lines"]

    assert [line.behind for line in lines] == sorted((line.behind for line in lines), reverse=True)
    for line in lines:
        for rate in (line.self_check, line.visits, line.problems, line.verified):
            assert rate.shade == 0 or rate.whole >= 5


def test_a_district_sees_itself_alone(district, city):
    page = get(district)

    own = city.districts[0]
    assert [line.name for line in page.context["lines"]] == [own.short_name]
    assert all(f"authority={own.code}" in url for _, url in links_of(page))
    for asked in ("all", city.districts[1].code, city.organiser.code):
        assert get(district, authority=asked).status_code == 404


def test_people_outside_the_offices_are_refused(client, city):
    for role in (Role.DISTRICT_INSPECTOR, Role.ASSESSOR):
        sign_in(client, MembershipFactory(role=role, authority=city.districts[0]))

        assert get(client).status_code == 403


@pytest.mark.parametrize(
    "query", [{"category": "nothing"}, {"as_of": "yesterday"}, {"authority": "9"}]
)
def test_what_no_address_says_is_not_found(office, query):
    assert get(office, **query).status_code == 404


@pytest.mark.parametrize("query", [{"unit": "x"}, {"until": "x"}, {"category": "x"}])
def test_a_list_that_no_mark_opens_is_not_found(office, query):
    address = reverse("reporting:records")

    assert office.get(address, {"figure": "u_insp", **query}).status_code == 404
    assert office.get(address, {"figure": "u_total", "until": "2021-07-01"}).status_code == 404
    assert office.get(address, {"figure": "u_total", "block": "item"}).status_code == 404


def test_nothing_yet_is_a_page_that_says_what_to_do(client):
    campaign = CampaignFactory()
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser))

    page = client.get(reverse(PAGE))

    assert page.context["is_empty"]
    assert "冻结抽样框" in page.content.decode()


def test_without_a_campaign_the_page_says_so(client):
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))

    assert "还没有专项行动" in client.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize("units", [6, 24])
def test_it_asks_the_same_questions_whatever_the_size(units, django_assert_num_queries):
    from reporting.cockpit.page import Asked, build

    city = small_city(units=units, seed=5)
    asked = Asked(
        campaign=city.campaign,
        authority=None,
        offices=[city.organiser, *city.districts],
        scope=Scope.of(city.campaign, None, AS_OF),
        category="",
        address=lambda figure, **more: figure,
        page=lambda **more: "",
    )
    with django_assert_num_queries(15):
        build(asked)


def test_the_page_asks_little_with_its_frame(office, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        assert get(office).status_code == 200


def test_every_table_is_taken_out_with_the_rows_of_the_page(office):
    page = get(office, category="ent_highest")
    shown, filled = page.content.decode(), 0

    for name, table in TABLES.items():
        address = reverse("reporting:cockpit_table", args=[name])
        told = office.get(address, {"as_of": AS_OF.isoformat(), "category": "ent_highest"})
        sheet = load_workbook(io.BytesIO(b"".join(told))).active
        written = [[c for c in row if c is not None] for row in sheet.iter_rows(values_only=True)]
        rows = table.rows(page.context)

        assert list(table.headings) in written
        below = written[written.index(list(table.headings)) + 1 :]
        assert [row[0] for row in rows] == [_plain(line[0]) for line in below[: len(rows)]]
        assert not rows or f'href="{address}?' in shown
        assert {len(row) for row in rows} <= {len(table.headings)}
        assert table.title in AccessEntry.objects.latest("pk").what
        filled += bool(rows)
    assert filled > 8


def _plain(cell):
    return cell.date() if isinstance(cell, dt.datetime) else cell


def test_a_table_that_is_none_is_not_found(office):
    assert office.get(reverse("reporting:cockpit_table", args=["nothing"])).status_code == 404


def test_a_campaign_stands_beside_the_one_before_it(client, city):
    later = small_city(units=12, seed=7, code="2022-ci")
    Campaign.objects.filter(pk=later.campaign.pk).update(
        notice_on=city.campaign.notice_on.replace(year=2022)
    )
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser))

    page = client.get(
        reverse("reporting:cockpit_earlier"), {"campaign": "2022-ci", "as_of": "2022-12-31"}
    )

    then = count(Scope.of(city.campaign, None, AS_OF))
    rows = page.context["rows"]
    assert (page.context["earlier"], page.context["day"]) == (city.campaign, AS_OF)
    assert [row.then.part for row in rows] == [
        then.of(key)
        for key in ("u_sc_in", "u_plan", "u_insp", "s_prob", "u_prob", "fd_ok", "s_stop")
    ]
    for row in rows:
        opened = client.get(row.then.url)
        assert opened.context["page"].paginator.count == row.then.part


def test_the_first_campaign_stands_beside_none(office):
    page = office.get(reverse("reporting:cockpit_earlier"))

    assert page.context["earlier"] is None
    assert "没有可以对照的行动" in page.content.decode()
