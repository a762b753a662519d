"""Every rule holds for the made-up district, and notices when one figure is off by one."""

import dataclasses

import pytest

from reporting import rules
from reporting.rows import RowSpec
from reporting.table import Corrections, Override, make_row, ratio

from . import fixture

TOTAL_ROW = RowSpec("total", "合计", "total")


def result_of(rule, annex):
    return next(result for result in rules.check(annex) if result.id == rule)


@pytest.mark.parametrize("table", [fixture.annex3(), fixture.city()], ids=["district", "city"])
def test_all_rules_hold_for_the_fixture(table):
    broken = [(result.id, result.detail) for result in rules.check(table) if not result.ok]

    assert broken == []


def test_the_fixture_prints_the_published_ratios():
    total = fixture.annex3().blocks["I"].total

    assert [str(total[name]) for name in ("ratio", "prob_rate")] == ["21.74", "35.29"]


def published(**total):
    """A table of which a bulletin tells these figures of the total alone."""
    table = fixture.annex3()
    for cell in table.blocks["I"].total.cells:
        if not cell.figure.ratio_of:
            table = fixture.changed(
                table, "I", "total", cell.figure.id, total.get(cell.figure.id, 0)
            )
    return table


#: What the national bulletin of 2021 and that of Fujian of 2024 tell (`domain.md` §4.1, §4.5); 不符合 of the
#: nation is not told, so that 符合 is all that the standards with problems leave.
NATION = {
    "u_insp": 3017,
    "s_insp": 14208,
    "s_prob": 2721,
    "s_stop": 101,
    "s_ok": 11487,
    "s_def": 2721,
}
FUJIAN = {
    "u_insp": 9, "s_insp": 50, "s_ok": 32, "s_def": 17, "s_nc": 1, "s_prob": 18, "s_stop": 1, "s_seal": 1,
    "fd": 18, "fd_def": 17, "fd_nc": 1, "fd_due": 17, "fd_ok": 17,
}  # fmt: skip
_PUBLISHED = ("R01", "R06", "R07", "R08", "R09", "R14")


@pytest.mark.parametrize("told", [NATION, FUJIAN], ids=["nation", "fujian"])
def test_what_bulletins_published_keeps_the_rules_of_its_figures(told):
    results = [result_of(rule, published(**told)) for rule in _PUBLISHED]

    assert [(result.id, result.detail) for result in results if not result.ok] == []


@pytest.mark.parametrize(
    ("told", "rule", "figure", "by"),
    [
        (NATION, "R07", "s_ok", 1),
        (NATION, "R07", "s_insp", -1),
        (NATION, "R08", "s_prob", -1),
        (NATION, "R09", "s_stop", 2721),
        (FUJIAN, "R07", "s_def", 1),
        (FUJIAN, "R08", "s_prob", 1),
        (FUJIAN, "R14", "fd_ok", -1),
    ],
)
def test_a_published_figure_that_is_off_is_noticed(told, rule, figure, by):
    assert not result_of(rule, published(**told | {figure: told[figure] + by})).ok


def test_the_published_shares_are_what_the_table_computes():
    nation, fujian = (
        make_row("I", TOTAL_ROW, values) for values in (NATION, FUJIAN | {"u_total": 9})
    )

    assert str(nation["prob_rate"]) == "19.15"
    assert str(fujian["prob_rate"]) == "36.00"
    assert [str(ratio(*pair)) for pair in ((101, 14208), (101, 2721))] == ["0.71", "3.71"]
    assert nation["s_insp"] - nation["s_prob"] == 11487


#: rule, block, row, figure, by how much
OFF_BY_ONE = [
    ("R01", "I", "total", "s_seal", -2),
    ("R02", "I", "total", "u_plan", 1),
    ("R02", "I", "ent_highest", "u_rand", 1),
    ("R02", "I", "total", "u_direct", -1),
    ("R03", "I", "total", "u_insp", -1),
    ("R03", "I", "total", "u_np", 1),
    ("R04", "I", "total", "u_total", -19),
    ("R04", "I", "inst_highest", "s_total", -10),
    ("R05", "I", "total", "u_total", -18),
    ("R06", "I", "inst_highest", "s_insp", -3),
    ("R07", "I", "total", "s_insp", 1),
    ("R07", "I", "total", "s_ok", -1),
    ("R07", "I", "ent_highest", "s_def", 1),
    ("R08", "I", "total", "s_prob", 1),
    ("R08", "I", "ent_highest", "s_nc", -1),
    ("R09", "I", "inst_highest", "s_stop", 2),
    ("R10", "I", "total", "u_prob", 2),
    ("R10", "I", "inst_highest", "u_prob", 1),
    ("R11", "I", "inst_highest", "s_prob", -1),
    ("R11", "I", "inst_highest", "fd_unit", 2),
    ("R12", "I", "total", "fd", 1),
    ("R12", "I", "total", "fd_nc", -1),
    ("R12", "I", "inst_highest", "fd_key", 3),
    ("R13", "I", "inst_highest", "fd", -2),
    ("R14", "I", "total", "fd_ok", -1),
    ("R14", "I", "total", "fd_bad", 1),
    ("R14", "I", "ent_highest", "fd_open", 1),
    ("R14", "I", "inst_highest", "fd_due", -1),
    ("R15", "I", "total", "fd_due", 1),
    ("R15", "I", "total", "fd_due", -1),
    ("R16", "I", "total", "u_ok", -1),
    ("R16", "I", "total", "u_bad", 1),
    ("R16", "I", "inst_highest", "u_open", 1),
    ("R16", "I", "total", "u_due", 1),
    ("R17", "I", "total", "fd_open", 1),
    ("R18", "I", "ent_highest", "s_total", 1),
    ("R18", "I", "total", "p_sc", -1),
    ("R18", "I", "total", "case", 1),
    ("R18", "I", "total", "u_total", 2),
    ("R18", "I", "total", "u_total", -6),
    ("R18", "I", "subtotal_enterprise", "fine", 1),
    ("R18", "I", "subtotal_enterprise", "u_insp", 2),
    ("R19", "II", "12", "s_insp", 1),
    ("R19", "II", "total", "s_insp", -1),
    ("R19", "II", "04", "s_prob", 1),
    ("R19", "II", "12", "s_stop", -1),
    ("R19", "I", "total", "s_prob", 1),
    ("R20", "III", "E", "fd", -1),
    ("R20", "III", "total", "fd", 1),
    ("R20", "I", "total", "fd", 1),
    ("R21", "I", "total", "ratio", 1),
    ("R21", "I", "ent_highest", "prob_rate", -1),
    ("R21", "II", "12", "prob_rate", 1),
    ("R22", "I", "total", "ratio", -2),
    ("R23", "I", "total", "f_cov", 1),
    ("R23", "I", "total", "f_cov", -1),
    ("R24", "I", "total", "u_sc_in", 2),
    ("R24", "I", "inst_highest", "u_sc_in", 1),
    ("R24", "I", "inst_highest", "u_sc_late", 7),
    ("R24", "I", "inst_highest", "s_sc", 1),
    ("R24", "I", "inst_highest", "p_sc_fixed", 2),
    ("R25", "I", "inst_highest", "s_cancel", 14),
    ("R26", "I", "total", "s_nc_open", 1),
    ("R29", "I", "total", "visits", 2),
    ("R29", "IV", "people_officer", "people_officer", -3),
    ("R27", "IV", "cmp_in", "cmp_in", 1),
    ("R27", "IV", "cmp_open", "cmp_open", 1),
    ("R28", "IV", "cost_unit", "cost_unit", 1),
]


@pytest.mark.parametrize(("rule", "block", "row", "figure", "by"), OFF_BY_ONE)
def test_a_rule_notices_a_figure_that_is_off(rule, block, row, figure, by):
    table = fixture.annex3()
    wrong = fixture.changed(table, block, row, figure, table.value(block, row, figure) + by)

    result = result_of(rule, wrong)

    assert not result.ok
    assert result.detail
    assert all(
        ref[2] in dict.fromkeys(c.figure.id for _, _, c in wrong.cells()) for ref in result.cells
    )


@pytest.mark.parametrize(("figure", "row"), [("s_total", "ent_highest"), ("fine", "total")])
def test_the_city_is_the_sum_of_its_offices(figure, row):
    table = fixture.city()
    wrong = fixture.changed(table, "I", row, figure, table.value("I", row, figure) + 1)

    assert result_of("R30", wrong).ok is False


@pytest.mark.parametrize(
    ("rule", "figure", "by"),
    [
        ("R32", "d_reviewed", 1),
        ("R32", "d_drawn", -1),
        ("R32", "d_drawn", 14),
        ("R33", "cfp_total", 1),
        ("R33", "cfp_P", -1),
        ("R33", "cfp_open", 1),
    ],
)
def test_what_the_city_says_of_the_bureaus_adds_up(rule, figure, by):
    table = fixture.city()
    wrong = fixture.changed(table, "V", figure, figure, table.single(figure) + by)

    assert result_of(rule, wrong).ok is False
    assert result_of(rule, table).ok


def test_what_nobody_counts_yet_blocks_nothing():
    table = fixture.annex3()
    for figure in ("cmp_in", "cmp_done", "cmp_open", "cost_unit"):
        table = fixture.changed(table, "IV", figure, figure, None)

    assert [result_of(rule, table).ok for rule in ("R27", "R28", "R32", "R33")] == [True] * 4


@pytest.mark.parametrize(("total", "distinct"), [(24, 22), (22, 22), (23, 24)])
def test_both_totals_of_units_have_to_agree(total, distinct):
    table = fixture.city()
    rollup = dataclasses.replace(table.rollup, u_total_sum=total, u_total_distinct=distinct)

    assert result_of("R31", dataclasses.replace(table, rollup=rollup)).ok is False


def test_rules_of_the_city_are_not_asked_of_a_district():
    asked = {result.id for result in rules.check(fixture.annex3())}

    assert asked.isdisjoint({"R30", "R31"})


def test_a_lower_ratio_with_a_reason_is_no_warning():
    table = fixture.changed(fixture.annex3(), "I", "total", "ratio", 10)
    explained = dataclasses.replace(table, plan=dataclasses.replace(table.plan, reason="疫情防控"))

    assert result_of("R22", explained).ok


def test_more_orders_than_findings_block_and_fewer_only_warn():
    more = fixture.changed(fixture.annex3(), "I", "total", "fd_due", 15)
    fewer = fixture.changed(fixture.annex3(), "I", "total", "fd_due", 13)

    assert result_of("R15", more).severity == "block"
    assert result_of("R15", fewer).severity == "warn"


def test_a_result_names_the_cells_and_the_numbers():
    table = fixture.changed(fixture.annex3(), "I", "total", "fd_ok", 12)

    result = result_of("R14", table)

    assert result.detail == (
        "合计：应整改条数 14 ≠ 整改合格条数 12 + 整改不合格条数 1 + 整改中条数 0，差 1"
    )
    assert ("I", "total", "fd_ok") in result.cells


def test_units_not_visited_yet_are_named_as_such():
    result = result_of("R03", fixture.changed(fixture.annex3(), "I", "total", "u_insp", 4))

    assert result.detail.endswith("还有 1 家没有检查结果")


def handed_in(**more):
    """The fixture as an edition, with one cell by hand."""
    entered = Override("I", "total", "s_seal", 1, 2, more.pop("reason", "档案记载"), "合计“封存”")
    corrections = Corrections((entered,), {}, more.pop("note", ""), False)
    return dataclasses.replace(
        fixture.annex3(), corrections=corrections, edition=more.pop("edition", 1), **more
    )


def test_a_cell_by_hand_has_a_reason():
    assert result_of("R34", handed_in()).ok
    assert not result_of("R34", handed_in(reason=" ")).ok
    assert ("I", "total", "s_seal") in result_of("R34", handed_in(reason="")).cells


def test_a_further_edition_says_why():
    assert result_of("R35", handed_in(edition=1)).ok
    assert not result_of("R35", handed_in(edition=2)).ok
    assert result_of("R35", handed_in(edition=2, note="补报一家单位")).ok
