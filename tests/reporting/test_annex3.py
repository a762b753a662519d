"""Building the table: shape, cost, cut-off, categories nobody inspects."""

import datetime as dt
import json

import pytest
from django.test.utils import CaptureQueriesContext

from campaigns.models import RoutingRule
from inspections.models import ChecklistSheet
from inspections.moves import finding as finding_moves
from metrostd.common import clock
from metrostd.registry.models import MeasurementStandard
from metrostd.registry.services import update_standard
from reporting.annex3 import build, to_json
from reporting.figures import BY_ID
from reporting.queries import Scope, records
from reporting.queries.evidence import cells_of, evidence
from tests.factories.campaigns import CampaignFactory
from tests.factories.inspections import FindingFactory, SheetFactory
from tests.factories.reporting import small_city

pytestmark = pytest.mark.django_db
AS_OF = dt.date(2021, 12, 31)


@pytest.mark.parametrize("units", [1, 4, 12])
def test_the_number_of_statements_does_not_grow(connection_queries, units):
    city = small_city(units=units, districts=1, seed=2)

    with connection_queries() as district:
        build(city.campaign, city.districts[0], as_of=AS_OF)
    with connection_queries() as whole:
        build(city.campaign, None, as_of=AS_OF)

    assert (len(district), len(whole)) == (20, 20)


@pytest.fixture
def connection_queries():
    from django.db import connection

    return lambda: CaptureQueriesContext(connection)


def test_the_json_has_the_documented_shape():
    city = small_city(units=10)

    answer = json.loads(json.dumps(to_json(build(city.campaign, city.districts[0], as_of=AS_OF))))

    assert list(answer) == ["campaign", "authority", "as_of", "blocks", "rules"]
    assert answer["campaign"] == city.campaign.code
    assert answer["authority"] == city.districts[0].code
    assert answer["as_of"] == "2021-12-31T23:59:59+08:00"
    assert list(answer["blocks"]) == ["I", "II", "III", "VI", "IV"]
    assert list(answer["blocks"]["I"])[-1] == "total"
    assert answer["blocks"]["I"]["sp_statutory"]["s_total"] is None
    assert list(answer["blocks"]["III"]) == [*"ABCDEFGHJ", "total"]
    assert {tuple(rule) for rule in answer["rules"]} == {("id", "ok", "severity", "detail")}
    assert {rule["severity"] for rule in answer["rules"]} <= {"block", "warn"}


def test_the_whole_city_reports_both_totals_of_units():
    city = small_city(units=20)

    total = to_json(build(city.campaign, None, as_of=AS_OF))["blocks"]["I"]["total"]

    assert total["u_total_distinct"] == total["u_total"]
    assert 0 < total["u_total_distinct"] < total["u_total_sum"]
    assert {f"{name}_sum" for name in ("u_insp", "u_sc_due", "u_bad")} <= total.keys()


def test_a_category_with_nothing_in_it_is_zero_and_one_of_another_office_a_dash():
    campaign = CampaignFactory()
    RoutingRule.objects.create(version=1, category="sp_statutory", inspector="city")
    RoutingRule.objects.create(version=1, category="ent_highest", inspector="district")

    block = build(campaign, campaign.organiser, as_of=AS_OF).blocks["I"]

    assert block.row("sp_statutory")["s_total"] == 0
    assert block.row("ent_highest")["s_total"] is None
    assert block.total["s_total"] == 0
    assert block.total["ratio"] is None


def test_an_empty_campaign_gives_an_empty_table():
    campaign = CampaignFactory()

    assert build(campaign, campaign.organiser, as_of=AS_OF).is_empty
    assert build(campaign, None, as_of=AS_OF).is_empty


def test_sheets_signed_after_the_cut_off_are_not_counted():
    city = small_city(units=20, seed=5)
    signed = ChecklistSheet.objects.filter(signed_at__isnull=False)
    signed.update(signed_at=clock.at_time(dt.date(2021, 6, 20), 17))

    before = build(city.campaign, None, as_of=clock.at_time(dt.date(2021, 6, 20), 16))
    same_day = build(city.campaign, None, as_of=dt.date(2021, 6, 20))

    assert before.value("I", "total", "s_insp") == 0
    assert before.value("I", "total", "s_total") > 0
    assert before.value("I", "total", "fd") == 0
    assert same_day.value("I", "total", "s_insp") > 0


def test_a_finding_decided_after_the_cut_off_was_still_open_then():
    city = small_city(units=40, seed=5)

    early = build(city.campaign, None, as_of=dt.date(2021, 8, 1)).blocks["I"].total
    late = build(city.campaign, None, as_of=AS_OF).blocks["I"].total

    assert (early["fd_ok"], early["fd_bad"]) == (0, 0)
    assert early["fd_open"] == early["fd_due"] == late["fd_due"] > 0
    assert late["fd_ok"] > 0


def test_before_the_frame_is_frozen_there_is_nothing_to_inspect_from():
    city = small_city(units=10)

    total = build(city.campaign, None, as_of=dt.date(2021, 5, 31)).blocks["I"].total

    assert (total["u_total"], total["u_plan"]) == (0, 0)
    assert total["u_sc_in"] > 0


def test_a_standard_whose_only_finding_was_unfounded_has_no_problem():
    city = small_city(units=1, districts=1, drawn=0)
    sheet = SheetFactory(
        task__campaign=city.campaign,
        task__authority=city.districts[0],
        task__state="reviewed",
        conclusion="deficient",
        signed_at=clock.at_time(dt.date(2021, 6, 15), 16),
    )
    finding = FindingFactory(sheet=sheet, state="disputed")

    before = build(city.campaign, city.districts[0], as_of=AS_OF).blocks["II"].total
    finding_moves.withdraw(finding, actor=None, note="核实在有效期内")
    after = build(city.campaign, city.districts[0], as_of=clock.now()).blocks["II"].total

    assert (before["s_ok"], before["s_def"], before["s_prob"], before["fd_std"]) == (0, 1, 1, 1)
    assert (after["s_ok"], after["s_def"], after["s_prob"], after["fd_std"]) == (1, 0, 0, 0)


def test_domains_of_a_day_are_those_of_that_day():
    city = small_city(units=8, districts=1)
    office, day = city.districts[0], dt.date(2021, 10, 12)
    other = {"food": "health", "health": "ecology", "ecology": "work_safety", "work_safety": "food"}

    def told(on):
        annex = build(city.campaign, office, as_of=on)
        scope = Scope.of(city.campaign, office, on)
        lists = {
            domain: set(
                records(
                    BY_ID["s_total"], scope, "VI", domain, viewer=city.staff[1].user
                ).values_list("standard", flat=True)
            )
            for domain in other
        }
        kept = {cell: keys for cell, keys in cells_of(evidence(scope)).items() if cell[0] == "VI"}
        return to_json(annex)["blocks"]["VI"], lists, kept

    with clock.pinned(clock.at_time(day, 18)):
        before = told(day)
    for days, turn in ((1, other), (2, dict.fromkeys(other, "food"))):
        with clock.pinned(clock.at_time(day + dt.timedelta(days=days), 9)):
            for standard in MeasurementStandard.objects.order_by("pk"):
                update_standard(
                    standard,
                    base_version=standard.version,
                    values={},
                    domains=sorted({turn[d.domain] for d in standard.priority_domains.all()}),
                    actor=None,
                )
    today = day + dt.timedelta(days=2)
    with clock.pinned(clock.at_time(today, 18)):
        assert told(day) == before
        assert {k: len(v) for k, v in told(today)[1].items() if v}.keys() == {"food"}
    assert sum(map(len, before[1].values())) > 0
