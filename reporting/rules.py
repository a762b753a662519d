"""The rules of the statistics table (R01–R35). Each reads the table and nothing else.

A rule that is broken blocks submission (``block``) or asks for an explanation (``warn``). R36, that a
figure opens the records it counts, is how figures are made (``queries``).
"""

from collections.abc import Iterator

from .figures import of_block
from .rows import TOTAL
from .ruling import (
    RULES,
    CellRef,
    Fault,
    RuleResult,
    amount,
    at_most,
    fault,
    is_sum,
    name_of,
    rows_with_figures,
    rule,
    single_ref,
    single_sum,
    single_summary,
)
from .single_figures import PROBLEM_GROUPS
from .table import Annex3, Value, ratio

__all__ = ("RULES", "CellRef", "RuleResult", "check", "needs_reason")


def check(annex: Annex3) -> tuple[RuleResult, ...]:
    """The result of every rule that applies to this table, in the order of their numbers."""
    left_out: set[str] = set() if annex.rollup else set(_OF_OFFICES)
    left_out |= set() if annex.edition else set(_OF_EDITIONS)
    return tuple(one(annex) for one in RULES if one.id not in left_out)


#: Asked of a table over several offices, and of one that is handed in.
_OF_OFFICES = frozenset({"R30", "R31"})
_OF_EDITIONS = frozenset({"R34", "R35"})


def needs_reason(result: RuleResult) -> bool:
    """Whether the rule asks for an explanation beside it; what blocks has to be put right."""
    return not result.ok and result.severity == "warn"


@rule("R01", "计数为非负整数", summary="全部计数为非负整数")
def _counts(annex: Annex3) -> Iterator[Fault]:
    for block, row, cell in annex.cells():
        value = cell.value
        whole = cell.figure.kind != "count" or isinstance(value, int)
        if value is not None and (value < 0 or not whole):
            label = annex.blocks[block].row(row).spec.label
            yield Fault(f"{label}：{cell.figure.name} {value}", ((block, row, cell.figure.id),))


@rule("R02", "列入清单单位 = 随机 + 定向", summary="{u_plan} = {u_rand} + {u_direct}")
def _plan(annex: Annex3) -> Iterator[Fault]:
    yield from is_sum(annex, "u_plan", "u_rand", "u_direct")


@rule("R03", "列入清单单位 = 实际检查 + 未能实施", summary="{u_plan} = {u_insp} + {u_np}")
def _visited(annex: Annex3) -> Iterator[Fault]:
    """While visits are under way the sum is short of just those units, and says so."""
    for row in rows_with_figures(annex):
        waiting = amount(row, "u_plan") - amount(row, "u_insp") - amount(row, "u_np")
        if not waiting:
            continue
        text = (
            f"列入检查清单单位 {row['u_plan']}，实际检查 {row['u_insp']}，未能实施 {row['u_np']}，"
        )
        text += f"还有 {waiting} 家没有检查结果" if waiting > 0 else f"多出 {-waiting} 家"
        yield fault(row, text, "u_plan", "u_insp", "u_np")


@rule("R04", "实际检查不超过总数", summary="单位 {u_insp} ≤ {u_total}，标准 {s_insp} ≤ {s_total}")
def _within(annex: Annex3) -> Iterator[Fault]:
    yield from at_most(annex, ("u_insp", "u_total"), ("s_insp", "s_total"))


@rule("R05", "列入清单单位不超过总数", summary="{u_plan} ≤ {u_total}")
def _planned_within(annex: Annex3) -> Iterator[Fault]:
    yield from at_most(annex, ("u_plan", "u_total"))


@rule("R06", "每个受检单位至少检查1项标准", summary="{s_insp} ≥ {u_insp}")
def _one_each(annex: Annex3) -> Iterator[Fault]:
    yield from at_most(annex, ("u_insp", "s_insp"))


@rule(
    "R07", "检查标准项数 = 符合 + 存在缺陷 + 不符合", summary="{s_insp} = {s_ok} + {s_def} + {s_nc}"
)
def _conclusions(annex: Annex3) -> Iterator[Fault]:
    yield from is_sum(annex, "s_insp", "s_ok", "s_def", "s_nc")


@rule("R08", "存在问题项数 = 存在缺陷 + 不符合", summary="{s_prob} = {s_def} + {s_nc}")
def _problems(annex: Annex3) -> Iterator[Fault]:
    yield from is_sum(annex, "s_prob", "s_def", "s_nc")


@rule("R09", "责令停止量值传递不超过存在问题项数", summary="{s_stop} ≤ {s_prob}")
def _stops(annex: Annex3) -> Iterator[Fault]:
    yield from at_most(annex, ("s_stop", "s_prob"))


@rule(
    "R10", "存在问题单位有依据", summary="{u_prob} ≤ {u_insp}，{u_prob} ≤ {s_prob} + {u_prob_unit}"
)
def _problem_units(annex: Annex3) -> Iterator[Fault]:
    yield from at_most(annex, ("u_prob", "u_insp"))
    for row in rows_with_figures(annex):
        if amount(row, "u_prob") > amount(row, "s_prob") + amount(row, "u_prob_unit"):
            text = (
                f"存在问题单位 {row['u_prob']} 大于 存在问题项数 {row['s_prob']}"
                f" + 仅单位层面 {row['u_prob_unit']}"
            )
            yield fault(row, text, "u_prob", "s_prob", "u_prob_unit")


@rule("R11", "有问题的标准才有发现问题", summary="存在问题 {s_prob} 项，发现问题 {fd} 条")
def _both_or_none(annex: Annex3) -> Iterator[Fault]:
    for row in rows_with_figures(annex):
        of_standards = amount(row, "fd") - amount(row, "fd_unit")
        if (amount(row, "s_prob") == 0) != (of_standards == 0):
            text = f"存在问题 {row['s_prob']} 项，而计量标准层面的发现问题 {of_standards} 条"
            yield fault(row, text, "s_prob", "fd", "fd_unit")


@rule("R12", "发现问题 = 不符合 + 有缺陷", summary="{fd} = {fd_nc} + {fd_def}，重点项 {fd_key}")
def _severities(annex: Annex3) -> Iterator[Fault]:
    yield from is_sum(annex, "fd", "fd_nc", "fd_def")
    yield from at_most(annex, ("fd_key", "fd"))


@rule("R13", "每项有问题的标准至少有1条发现问题", summary="{fd} ≥ {s_prob}")
def _at_least_one(annex: Annex3) -> Iterator[Fault]:
    yield from at_most(annex, ("s_prob", "fd"))


@rule("R14", "应整改 = 合格 + 不合格 + 整改中", summary="{fd_due} = {fd_ok} + {fd_bad} + {fd_open}")
def _rectified(annex: Annex3) -> Iterator[Fault]:
    yield from is_sum(annex, "fd_due", "fd_ok", "fd_bad", "fd_open")


@rule("R15", "应整改不超过发现问题，少于时须有理由", summary="{fd_due} + 当场改正 {fd_spot} = {fd}")
def _ordered(annex: Annex3) -> Iterator[Fault]:
    yield from at_most(annex, ("fd_due", "fd"))
    for row in rows_with_figures(annex):
        missing = amount(row, "fd") - amount(row, "fd_due") - amount(row, "fd_spot")
        if missing > 0:
            text = f"有 {missing} 条发现问题既未下达整改文书也未当场改正"
            yield fault(row, text, "fd", "fd_due", severity="warn")


@rule("R16", "应整改单位 = 完成 + 不合格 + 整改中", summary="{u_due} = {u_ok} + {u_bad} + {u_open}")
def _unit_outcomes(annex: Annex3) -> Iterator[Fault]:
    yield from is_sum(annex, "u_due", "u_ok", "u_bad", "u_open")


@rule("R17", "最终报送时没有整改中的问题", severity="warn", summary="整改中 {fd_open} 条")
def _nothing_open(annex: Annex3) -> Iterator[Fault]:
    total = annex.blocks["I"].total
    if amount(total, "fd_open"):
        yield fault(total, f"还有 {total['fd_open']} 条在整改中，须逐条说明理由", "fd_open")


@rule("R18", "各类之和与合计相符", summary="各列相符；单位数按行去重")
def _totals(annex: Annex3) -> Iterator[Fault]:
    """Sums for additive columns; max ≤ total ≤ sum where things may belong to several rows."""
    block = annex.blocks["I"]
    for whole in (row for row in rows_with_figures(annex) if row.spec.parts):
        parts = [block.row(part) for part in whole.spec.parts]
        for figure in of_block("I", checks=True):
            if figure.ratio_of or figure.counts == "task" or figure.family == "team":
                continue
            values = [amount(part, figure.id) for part in parts]
            total = amount(whole, figure.id)
            if figure.additive and sum(values) != total:
                text = (
                    f"{figure.name} 各类之和 {sum(values)} ≠ {total}，差 {abs(sum(values) - total)}"
                )
                yield fault(whole, text, figure.id)
            elif not figure.additive and not max(values, default=0) <= total <= sum(values):
                text = f"{figure.name} {total} 不在 {max(values, default=0)} 与 {sum(values)} 之间"
                yield fault(whole, text, figure.id)


@rule("R19", "各领域之和 = 合计", summary="检查标准 {s_insp}，存在问题 {s_prob}，停止传递 {s_stop}")
def _by_field(annex: Annex3) -> Iterator[Fault]:
    yield from _block_adds_up(annex, "II", "s_total", "s_insp", "s_prob", "s_stop")


@rule("R20", "各问题类别之和 = 合计", summary="发现问题 {fd}")
def _by_problem(annex: Annex3) -> Iterator[Fault]:
    yield from _block_adds_up(annex, "III", "fd")


def _block_adds_up(annex: Annex3, block: str, *names: str) -> Iterator[Fault]:
    """The rows of a block against its own total and against the total of block I."""
    rows = annex.blocks[block].rows
    for name in names:
        total = sum(amount(row, name) for row in rows[:-1])
        for against in (rows[-1], annex.blocks["I"].total):
            if total != amount(against, name):
                ref = (block, TOTAL, name) if against is rows[-1] else ("I", TOTAL, name)
                text = f"{name_of(name)}各行之和 {total} ≠ 合计 {against[name]}"
                yield Fault(text, (ref,))


@rule("R21", "比例按分子分母重新计算", summary="抽查比例 {ratio}，问题率 {prob_rate}")
def _ratios(annex: Annex3) -> Iterator[Fault]:
    for block in annex.blocks.values():
        for figure in (f for f in block.columns if f.ratio_of):
            for row in rows_with_figures(annex, block.id):
                part, whole = figure.ratio_of  # type: ignore[misc]
                right = ratio(row[part], row[whole])
                if row[figure.id] != right:
                    text = f"{figure.name} {row[figure.id]} 应为 {right}"
                    yield fault(row, text, figure.id, block=block.id)


@rule("R22", "抽查比例不低于方案", severity="warn", summary="抽查比例 {ratio}")
def _planned_ratio(annex: Annex3) -> Iterator[Fault]:
    total = annex.blocks["I"].total
    value = total["ratio"]
    if value is None or value >= annex.plan.ratio or annex.plan.is_explained:
        return
    who = f"{'、'.join(annex.plan.lacking)}低于方案而" if annex.plan.lacking else ""
    yield fault(total, f"抽查比例 {value}% 低于 {annex.plan.ratio}%，{who}没有调整理由", "ratio")


@rule("R23", "覆盖领域不超过应覆盖领域，不足须说明", summary="{f_cov} / {f_all}")
def _coverage(annex: Annex3) -> Iterator[Fault]:
    yield from at_most(annex, ("f_cov", "f_all"))
    total = annex.blocks["I"].total
    if amount(total, "f_cov") < amount(total, "f_all"):
        text = f"覆盖领域 {total['f_cov']}/{total['f_all']}，需说明"
        yield fault(total, text, "f_cov", "f_all", severity="warn")


@rule(
    "R24", "自查数据相符", summary="应报 {u_sc_due}，已报 {u_sc_in}，逾期 {u_sc_late}，问题 {p_sc}"
)
def _self_checks(annex: Annex3) -> Iterator[Fault]:
    """The number of standards is compared with what reports owe, which is the receivers' stock."""
    pairs = (
        ("u_sc_in", "u_sc_due"),
        ("u_sc_late", "u_sc_in"),
        ("s_sc", "s_sc_due"),
        ("p_sc_fixed", "p_sc"),
    )
    yield from at_most(annex, *pairs)


@rule(
    "R25",
    "注销、吊销、撤销之和不超过总项数",
    summary="{s_cancel} + {s_revoke} + {s_wd} + {s_annul} ≤ {s_total}",
)
def _endings(annex: Annex3) -> Iterator[Fault]:
    for row in rows_with_figures(annex):
        names = ("s_cancel", "s_revoke", "s_wd", "s_annul")
        ended = sum(amount(row, name) for name in names)
        if ended > amount(row, "s_total"):
            text = f"注销、吊销、撤销共 {ended} 项，大于总项数 {row['s_total']}"
            yield fault(row, text, *names)


@rule(
    "R26",
    "不符合的标准都有处理",
    severity="warn",
    summary="不符合 {s_nc} 项，均有停止传递、处置或移送",
)
def _acted_on(annex: Annex3) -> Iterator[Fault]:
    total = annex.blocks["I"].total
    if amount(total, "s_nc_open"):
        text = f"有 {total['s_nc_open']} 项不符合没有责令停止、证书处置或移送，须说明理由"
        yield fault(total, text, "s_nc")


@rule("R27", "投诉举报受理 = 办结 + 在办", summary=single_summary("cmp_in", "cmp_done", "cmp_open"))
def _complaints(annex: Annex3) -> Iterator[Fault]:
    yield from single_sum(annex, "cmp_in", "cmp_done", "cmp_open")


@rule("R28", "检查费用不由被检单位承担", summary=single_summary("cost_unit"))
def _costs(annex: Annex3) -> Iterator[Fault]:
    if cost := annex.single("cost_unit"):
        text = f"由被检单位承担费用 {cost} 元，应当为 0，已报告纪检监督"
        yield Fault(text, (single_ref("cost_unit"),))


@rule(
    "R29",
    "每次检查不少于两名执法人员",
    summary=single_summary("people_officer", "teams"),
)
def _officers(annex: Annex3) -> Iterator[Fault]:
    visits, officers = annex.blocks["I"].total["visits"], annex.single("people_officer")
    if officers is not None and officers < 2 * (visits or 0):
        text = f"{visits} 次检查只有执法人员 {officers} 人次"
        yield Fault(text, (single_ref("people_officer"),))


@rule("R30", "全市数 = 各检查部门之和", summary="各可加列相符")
def _sum_of_offices(annex: Annex3) -> Iterator[Fault]:
    parts = annex.rollup.parts if annex.rollup else {}
    for row in rows_with_figures(annex):
        for cell in row.cells:
            if cell.value is None or not cell.figure.additive:
                continue
            values: list[Value] = [
                office.get(row.id, {}).get(cell.figure.id, 0) for office in parts.values()
            ]
            total = sum(value or 0 for value in values)
            if total != cell.value:
                text = f"{cell.figure.name} 各部门之和 {total} ≠ {cell.value}"
                yield fault(row, text, cell.figure.id)


#: What one office says of a unit gives way to what another knows: inspected, drawn at random, bad.
_OVERRULED = frozenset({"u_np", "u_direct", "u_ok", "u_open", "u_prob_unit"})


@rule("R31", "各列单位数在全市去重，各部门合计数另报", summary="建标单位总数全市去重 {u_total}")
def _counted_once(annex: Annex3) -> Iterator[Fault]:
    """A unit of two offices is one unit: no fewer than any office has, no more than all together."""
    if annex.rollup is None:
        return
    rollup, total = annex.rollup, annex.blocks["I"].total
    both = (rollup.u_total_sum, rollup.u_total_distinct)
    right = (rollup.sum_of("u_total"), total["u_total"])
    if both != right:
        text = f"建标单位总数各部门合计 {both[0]}、去重 {both[1]}，表内为 {right[0]}、{right[1]}"
        yield fault(total, text, "u_total")
    for figure in (cell.figure for cell in total.cells if cell.figure.counts == "unit"):
        values = rollup.of_offices(figure.id)
        least = 0 if figure.id in _OVERRULED else max(values, default=0)
        if not least <= amount(total, figure.id) <= sum(values):
            text = f"{figure.name} {total[figure.id]} 不在 {least} 与各部门合计 {sum(values)} 之间"
            yield fault(total, text, figure.id)


@rule("R32", "实际检查区局 ≤ 抽取区局 ≤ 区局总数", summary=single_summary("d_reviewed", "d_drawn"))
def _reviewed(annex: Annex3) -> Iterator[Fault]:
    drawn, reviewed = annex.single("d_drawn") or 0, annex.single("d_reviewed") or 0
    if reviewed > drawn:
        text = f"实际检查区局数 {reviewed} 大于 抽取区局数 {drawn}"
        yield Fault(text, (single_ref("d_reviewed"), single_ref("d_drawn")))
    if annex.plan.bureaus and drawn > annex.plan.bureaus:
        text = f"抽取区局数 {drawn} 大于 区局总数 {annex.plan.bureaus}"
        yield Fault(text, (single_ref("d_drawn"),))


@rule(
    "R33",
    "考核工作问题合计 = 各类之和 = 已整改 + 整改中",
    summary=single_summary("cfp_total", "cfp_fixed", "cfp_open"),
)
def _review_problems(annex: Annex3) -> Iterator[Fault]:
    yield from single_sum(annex, "cfp_total", *PROBLEM_GROUPS)
    yield from single_sum(annex, "cfp_total", "cfp_fixed", "cfp_open")


@rule(
    "R34",
    "手工修改的数须有理由并加标记",
    summary=lambda annex: f"手工修改 {len(annex.corrections.overrides)} 格",
)
def _entered_by_hand(annex: Annex3) -> Iterator[Fault]:
    for entered in annex.corrections.overrides:
        if not entered.reason.strip():
            ref = (entered.block, entered.row, entered.figure)
            yield Fault(f"{entered.words}改为 {entered.value}，没有理由", (ref,))


@rule(
    "R35",
    "接收后不改动，更正另出新版",
    summary=lambda annex: f"第{annex.edition}版",
)
def _new_edition(annex: Annex3) -> Iterator[Fault]:
    if annex.edition > 1 and not annex.corrections.note.strip():
        yield Fault(f"第{annex.edition}版没有说明与前一版不同的原因", ())
