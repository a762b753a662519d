"""The district of `domain.md` §4.5, from records to every cell, rule and list; one record less shows."""

import datetime as dt

import pytest

from inspections.models import Finding
from reporting import rules
from reporting.annex3 import build
from reporting.figures import BY_ID
from reporting.queries import Scope, records, total_of
from tests.factories.accounts import MembershipFactory

from . import dossier, fixture
from .recount import recount

pytestmark = pytest.mark.django_db
AS_OF = dt.date(2021, 10, 12)


@pytest.fixture
def district():
    return dossier.build()


def table_of(district):
    return build(district.campaign, district.bureau, as_of=AS_OF)


def wanted():
    """(block, row, figure) → value, of the whole worked example."""
    rows = {
        ("I", "ent_highest"): fixture.ENT,
        ("I", "inst_highest"): fixture.INST,
        ("I", "subtotal_enterprise"): fixture.TOTAL,
        ("I", "total"): fixture.TOTAL,
    }
    names = ("s_total", "s_insp", "s_ok", "s_def", "s_nc", "s_stop")
    for code, values in fixture.BY_FIELD.items():
        rows["II", code] = dict(zip(names, values, strict=True))
    for kind, value in fixture.BY_PROBLEM.items():
        rows["III", kind] = {"fd": value}
    for figure, value in fixture.SINGLE.items():
        rows["IV", figure] = {figure: value}
    return {
        (block, row, figure): value
        for (block, row), values in rows.items()
        for figure, value in values.items()
        if not (figure == "visits" and row != "total")
    }


def test_every_cell_is_that_of_the_worked_example(district):
    table, again = table_of(district), recount(district.campaign.pk, district.bureau.pk)

    for (block, row, figure), value in wanted().items():
        assert (block, row, figure, table.value(block, row, figure)) == (block, row, figure, value)
        if figure != "visits":
            assert (row, figure, again[block][row].get(figure)) == (row, figure, value)
    shares = [("total", "ratio"), ("ent_highest", "prob_rate"), ("inst_highest", "prob_rate")]
    shares.append(("total", "prob_rate"))
    assert [str(table.value("I", *place)) for place in shares] == [
        "21.74", "38.46", "25.00", "35.29",
    ]  # fmt: skip


def test_every_rule_holds_and_every_cell_opens_its_records(district):
    table = table_of(district)
    scope = Scope.of(district.campaign, district.bureau, AS_OF)
    viewer = MembershipFactory(authority=district.bureau).user

    assert [(r.id, r.detail) for r in rules.check(table) if not r.ok] == []
    for (block, row, figure), value in wanted().items():
        rows = records(BY_ID[figure], scope, block, row, viewer=viewer)
        assert (block, row, figure, total_of(BY_ID[figure], rows)) == (block, row, figure, value)


def test_the_city_has_the_same_sums_and_counts_the_double_unit_once(district):
    table = build(district.campaign, None, as_of=AS_OF)

    total = table.blocks["I"].total
    assert {name: total[name] for name in fixture.TOTAL} == fixture.TOTAL
    assert (table.rollup.u_total_sum, table.rollup.u_total_distinct) == (23, 23)


def test_a_finding_withdrawn_moves_its_cells_by_one(district):
    kept = table_of(district).blocks["I"].total
    Finding.objects.filter(category="G").update(state="withdrawn")

    total = table_of(district).blocks["I"].total

    moved = {name for name in fixture.TOTAL if total[name] != kept[name]}
    assert moved == {"fd", "fd_def", "fd_due", "fd_ok"}
    assert all(kept[name] - total[name] == 1 for name in moved)
