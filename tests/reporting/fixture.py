"""A made-up district table in which every rule holds, to break one figure at a time.

Two categories share one unit, so that unit columns do not add up and additive ones do.
"""

import dataclasses
import datetime as dt
from decimal import Decimal

from metrostd.common import clock
from reporting.figures import of_block
from reporting.rows import category_rows, domain_rows, field_rows, problem_rows, single_rows
from reporting.table import Annex3, Block, Cell, Plan, RollUp, Row, make_row

FIELDS = [("01", "几何量"), ("04", "热学"), ("12", "力学"), ("15", "电磁学"), ("46", "物理化学")]

ENT = {
    "u_total": 18, "s_total": 48, "u_plan": 5, "u_rand": 4, "u_direct": 1, "u_insp": 4, "u_np": 1,
    "s_insp": 13, "f_cov": 5, "f_all": 5, "s_ok": 8, "s_def": 4, "s_nc": 1, "s_prob": 5, "s_stop": 1,
    "u_prob": 3, "fd": 12, "fd_nc": 2, "fd_def": 10, "fd_key": 3, "fd_due": 12, "fd_ok": 11,
    "fd_bad": 1, "fd_open": 0, "u_due": 3, "u_ok": 2, "u_bad": 1, "u_open": 0, "s_seal": 1,
    "case": 1, "refer": 1, "fine": Decimal("500.00"),
    "u_sc_due": 18, "u_sc_in": 17, "u_sc_late": 1, "s_sc": 46, "s_sc_due": 48, "p_sc": 28, "p_sc_fixed": 26,
}  # fmt: skip
INST = {
    "u_total": 6, "s_total": 13, "u_plan": 2, "u_rand": 2, "u_direct": 0, "u_insp": 2, "u_np": 0,
    "s_insp": 4, "f_cov": 2, "f_all": 2, "s_ok": 3, "s_def": 1, "s_nc": 0, "s_prob": 1, "s_stop": 0,
    "u_prob": 1, "fd": 2, "fd_nc": 0, "fd_def": 2, "fd_key": 0, "fd_due": 2, "fd_ok": 2,
    "fd_bad": 0, "fd_open": 0, "u_due": 1, "u_ok": 1, "u_bad": 0, "u_open": 0,
    "u_sc_due": 6, "u_sc_in": 6, "u_sc_late": 0, "s_sc": 13, "s_sc_due": 13, "p_sc": 6, "p_sc_fixed": 5,
}  # fmt: skip
TOTAL = {
    "u_total": 23, "s_total": 61, "u_plan": 6, "u_rand": 5, "u_direct": 1, "u_insp": 5, "u_np": 1,
    "s_insp": 17, "f_cov": 5, "f_all": 5, "s_ok": 11, "s_def": 5, "s_nc": 1, "s_prob": 6, "s_stop": 1,
    "u_prob": 4, "fd": 14, "fd_nc": 2, "fd_def": 12, "fd_key": 3, "fd_due": 14, "fd_ok": 13,
    "fd_bad": 1, "fd_open": 0, "u_due": 4, "u_ok": 3, "u_bad": 1, "u_open": 0, "s_seal": 1,
    "case": 1, "refer": 1, "fine": Decimal("500.00"),
    "u_sc_due": 23, "u_sc_in": 22, "u_sc_late": 1, "s_sc": 59, "s_sc_due": 61, "p_sc": 34, "p_sc_fixed": 31,
    "visits": 5,
}  # fmt: skip
BY_FIELD = {
    # s_total, s_insp, s_ok, s_def, s_nc, s_stop
    "12": (24, 7, 4, 2, 1, 1),
    "04": (14, 4, 3, 1, 0, 0),
    "15": (11, 3, 2, 1, 0, 0),
    "01": (8, 2, 1, 1, 0, 0),
    "46": (4, 1, 1, 0, 0, 0),
}
BY_PROBLEM = {"A": 4, "B": 1, "C": 2, "D": 1, "E": 4, "F": 1, "G": 1, "H": 0}


#: §4.5: officers, assessors, experts, visits, hard cases, complaints, costs.
SINGLE = {
    "people_officer": 12, "people_assessor": 6, "people_expert": 2, "teams": 5, "orders": 4, "hard": 1,
    "cmp_in": 1, "cmp_done": 1, "cmp_open": 0, "cost_unit": Decimal("0.00"), "bureau_sc_in": 1,
}  # fmt: skip
REVIEWS = {
    "d_drawn": 3, "d_reviewed": 3, "cf": 9, "cfp_P": 2, "cfp_M": 1, "cfp_R": 0, "cfp_S": 1, "cfp_C": 0,
    "cfp_D": 1, "cfp_total": 5, "cfp_fixed": 4, "cfp_open": 1,
}  # fmt: skip


def annex3() -> Annex3:
    """The table of a district that inspects enterprises and institutions."""
    return Annex3(
        campaign="2021",
        campaign_title="示例专项行动",
        authority="120111",
        authority_name="示例区市场监督管理局",
        as_of=clock.at_time(dt.date(2021, 10, 12), 9, 30),
        blocks={
            "I": _block_one(),
            "II": _block_two(),
            "III": _block_three(),
            "VI": _block_six(),
            "IV": _single("IV", "组织实施和其他情况", SINGLE),
        },
        plan=Plan(20),
    )


def city() -> Annex3:
    """The same figures as a table over two offices, of which one has nothing."""
    parts = {
        "1": {
            "ent_highest": ENT,
            "inst_highest": INST,
            "subtotal_enterprise": TOTAL,
            "total": TOTAL,
        },
        "2": {},
    }
    table = annex3()
    return dataclasses.replace(
        table,
        authority="all",
        blocks=dict(table.blocks) | {"V": _single("V", "考核工作监督检查情况", REVIEWS)},
        plan=Plan(20, bureaus=16),
        rollup=RollUp(parts, u_total_sum=23, u_total_distinct=23),
    )


def _single(block: str, title: str, values: dict) -> Block:
    figures = of_block(block)
    rows = [
        Row(spec, (Cell(figure, values.get(figure.id, None if figure.absent else 0)),))
        for spec, figure in zip(single_rows(figures), figures, strict=True)
    ]
    return Block(block, title, "指标", tuple(rows))


def _block_one() -> Block:
    values = {
        "ent_highest": ENT,
        "inst_highest": INST,
        "subtotal_enterprise": TOTAL,
        "total": TOTAL,
    }
    rows = tuple(
        make_row("I", spec, values.get(spec.id)) for spec in category_rows(with_other=False)
    )
    return Block("I", "按计量标准类别统计", "计量标准类别", rows)


def _block_two() -> Block:
    names = ("s_total", "s_insp", "s_ok", "s_def", "s_nc", "s_stop")
    rows = []
    for spec in field_rows(FIELDS):
        values = dict(zip(names, BY_FIELD.get(spec.id, (0,) * 6), strict=True))
        values["s_prob"] = values["s_def"] + values["s_nc"]
        rows.append(make_row("II", spec, TOTAL if spec.id == "total" else values))
    return Block("II", "按专业计量领域统计", "专业计量领域", tuple(rows))


def _block_six() -> Block:
    rows = tuple(
        make_row("VI", spec, {"s_total": 2, "s_insp": 1, "s_ok": 1}) for spec in domain_rows()
    )
    return Block("VI", "按重点领域统计", "重点领域", rows)


def _block_three() -> Block:
    rows = [
        make_row(
            "III",
            spec,
            None if spec.note else {"fd": 14 if spec.id == "total" else BY_PROBLEM[spec.id]},
        )
        for spec in problem_rows()
    ]
    return Block("III", "按问题类别统计", "问题类别", tuple(rows))


def changed(annex: Annex3, block: str, row: str, figure: str, value: object) -> Annex3:
    """A copy with one cell set to ``value`` and nothing else recomputed."""
    old = annex.blocks[block]
    rows = []
    for old_row in old.rows:
        cells = tuple(
            dataclasses.replace(cell, value=value)
            if old_row.id == row and cell.figure.id == figure
            else cell
            for cell in old_row.cells
        )
        rows.append(dataclasses.replace(old_row, cells=cells))
    blocks = dict(annex.blocks) | {block: dataclasses.replace(old, rows=tuple(rows))}
    return dataclasses.replace(annex, blocks=blocks)
