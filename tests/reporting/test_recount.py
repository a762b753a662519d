"""Every cell of every block equals a recount that shares nothing with the application's queries."""

import datetime as dt

import pytest

from metrostd.common.roles import Role
from reporting.annex3 import build
from reporting.figures import FIGURES
from reporting.queries import Scope, records, total_of
from tests.factories.accounts import MembershipFactory
from tests.factories.reporting import small_city

from .recount import recount

pytestmark = pytest.mark.django_db
AS_OF = dt.date(2021, 12, 31)
#: Units and fields are counted once over the whole city; how many that is, has a test of its own.
COUNTED_ONCE = {figure.id for figure in FIGURES if figure.counts in ("unit", "field")}


@pytest.fixture
def city():
    """Two campaigns over the same offices, so that the other one's records could leak in."""
    small_city(units=12, seed=7, code="2020-other")
    return small_city(units=60, seed=5)


def cells_of(annex):
    """{(block, row, figure): value} of every counted cell."""
    return {
        (block, row, cell.figure.id): cell.value
        for block, row, cell in annex.cells()
        if not cell.figure.ratio_of
    }


def expected(campaign, office):
    return {
        (block, row, figure): value
        for block, rows in recount(campaign.pk, office.pk).items()
        for row, figures in rows.items()
        for figure, value in figures.items()
    }


def test_every_cell_equals_the_recount(city):
    for office in (city.organiser, *city.districts):
        annex = build(city.campaign, office, as_of=AS_OF)

        wanted = expected(city.campaign, office)

        for place, value in cells_of(annex).items():
            if value is not None:
                assert (place, value) == (place, wanted[place])
            else:
                assert (place, wanted.get(place, 0)) == (place, 0)


def test_the_recounted_scenario_fills_every_figure(city):
    filled = {
        cell.figure.id
        for office in (city.organiser, *city.districts)
        for _, row, cell in build(city.campaign, office, as_of=AS_OF).cells()
        if cell.value and (row in {"total", cell.figure.id})
    }

    # Of block V there are stories with reviews of bureaus (test_reviews), of costs and warnings in test_costs.
    never = {f.id for f in FIGURES if not f.absent and "V" not in f.blocks} - filled

    assert never == {"cost_unit", "warn"}


def test_the_whole_city_is_the_sum_of_its_offices(city):
    annex = build(city.campaign, None, as_of=AS_OF)

    wanted = [expected(city.campaign, office) for office in (city.organiser, *city.districts)]
    for (block, row, figure), value in cells_of(annex).items():
        if figure in COUNTED_ONCE or value is None:
            continue
        total = sum(table.get((block, row, figure), 0) for table in wanted)
        assert ((block, row, figure), value) == ((block, row, figure), total)


def test_fields_of_the_whole_city_are_counted_once(city):
    annex = build(city.campaign, None, as_of=AS_OF)

    two = annex.blocks["II"]
    inspected = [row.id for row in two.rows[:-2] if row["s_insp"]]
    in_frame = [row.id for row in two.rows[:-2] if row["s_total"]]
    assert annex.value("I", "total", "f_cov") == len(inspected)
    assert annex.value("I", "total", "f_all") == len(in_frame)


def test_the_list_behind_every_cell_is_as_long_as_its_figure(city):
    viewers = [(city.organiser, MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser))]
    viewers.append((city.districts[0], MembershipFactory(authority=city.districts[0])))
    for office, member in viewers:
        annex = build(city.campaign, office, as_of=AS_OF)
        scope = Scope.of(city.campaign, office, AS_OF)

        for block, row, cell in annex.cells():
            if cell.value and not cell.figure.ratio_of:
                rows = records(cell.figure, scope, block, row, viewer=member.user)
                place = (office.code, block, row, cell.figure.id)
                assert (place, total_of(cell.figure, rows)) == (place, cell.value)


def test_the_lists_behind_the_whole_city_are_as_long_as_its_figures(city):
    annex = build(city.campaign, None, as_of=AS_OF)
    viewer = MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser).user
    scope = Scope.of(city.campaign, None, AS_OF)

    for block, row, cell in annex.cells():
        if cell.value and not cell.figure.ratio_of:
            rows = records(cell.figure, scope, block, row, viewer=viewer)
            place = (block, row, cell.figure.id)
            assert (place, total_of(cell.figure, rows)) == (place, cell.value)
