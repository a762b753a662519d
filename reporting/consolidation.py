"""全市汇总: the city's table made of the accepted editions, and nothing else (R30, R31).

Sums of what the editions say. Units and fields that several offices know are counted once, by the keys
kept with the editions; what an office entered by hand or imported has no keys and is added.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from campaigns.models import Campaign

from . import drafts
from .annex3 import WHOLE_CITY, problem_block, professional_fields
from .figures import BY_ID, of_block
from .models import StatEdition
from .queries.evidence import CellRef, Keys, cells_of
from .queries.tally import COUNTED_ONCE
from .rows import TOTAL, category_rows, domain_rows, field_rows, single_rows
from .table import Annex3, Block, Cell, Corrections, Plan, RollUp, Row, Value, make_row

_NONE: Keys = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """What one office's accepted edition says."""

    edition: StatEdition
    annex: Annex3

    @property
    def office(self) -> str:
        return str(self.edition.report.authority)

    def value(self, ref: CellRef) -> Value:
        try:
            return self.annex.value(*ref)
        except (KeyError, StopIteration):
            return None


def parts_of(campaign: Campaign) -> list[Part]:
    """The accepted edition of every office that has one, in the order of their codes."""
    rows = StatEdition.objects.standing().filter(report__campaign=campaign)
    rows = rows.select_related("report__authority", "report__campaign")
    return [Part(row, drafts.table_of(row)) for row in rows.order_by("report__authority__code")]


def cut_off(parts: list[Part], *, now: dt.datetime) -> dt.datetime:
    """As of when the table speaks: the latest of what it is made of."""
    return max((part.edition.as_of for part in parts), default=now)


def consolidated(campaign: Campaign, parts: list[Part], *, now: dt.datetime) -> Annex3:
    """The table over these offices."""
    values = _sums(parts)
    once = _once(parts)
    for ref, value in once.items():
        values[ref] = value
    blocks = _blocks(values, with_other=any(ref[1] == "other" for ref in values))
    annex = Annex3(
        campaign=campaign.code,
        campaign_title=campaign.title,
        authority=WHOLE_CITY,
        authority_name=f"{campaign.organiser.region_name}（全市汇总）",
        as_of=cut_off(parts, now=now),
        blocks=blocks,
        plan=Plan(
            min((part.annex.plan.ratio for part in parts), default=20),
            lacking=(),
            bureaus=max((part.annex.plan.bureaus for part in parts), default=0),
        ),
        notes=_notes(parts),
        corrections=Corrections(reasons=_reasons(parts)),
    )
    return replace(annex, rollup=_rollup(parts, annex))


def _reasons(parts: Iterable[Part]) -> dict[str, str]:
    """What the offices said beside a rule, office by office."""
    said: dict[str, list[str]] = defaultdict(list)
    for part in parts:
        for rule, text in part.edition.reasons.items():
            said[rule].append(f"{part.office}：{text}")
    return {rule: "；".join(texts) for rule, texts in said.items()}


def _sums(parts: Iterable[Part]) -> dict[CellRef, Value]:
    values: dict[CellRef, Value] = {}
    for part in parts:
        for block, row, cell in part.annex.cells():
            if cell.value is None or cell.figure.ratio_of:
                continue
            ref = (block, row, cell.figure.id)
            values[ref] = (values.get(ref) or 0) + cell.value
    return values


def _once(parts: Iterable[Part]) -> dict[CellRef, int]:
    """Units and fields of several offices, each counted once where its key is known."""
    keys: dict[CellRef, set[str]] = defaultdict(set)
    loose: dict[CellRef, int] = defaultdict(int)
    for part in parts:
        known = cells_of(part.edition.evidence)
        for block, row, cell in part.annex.cells():
            if cell.figure.counts not in COUNTED_ONCE or cell.value is None:
                continue
            ref = (block, row, cell.figure.id)
            if cell.is_override or part.annex.corrections.is_imported:
                loose[ref] += int(cell.value)
            else:
                keys[ref] |= known.get(ref, _NONE)
    return {ref: len(keys.get(ref, ())) + loose.get(ref, 0) for ref in {*keys, *loose}}


def _blocks(values: Mapping[CellRef, Value], *, with_other: bool) -> dict[str, Block]:
    def of(block: str, row: str) -> dict[str, Value] | None:
        found = {ref[2]: value for ref, value in values.items() if ref[:2] == (block, row)}
        return found or None

    def rows(block: str, specs: Iterable) -> tuple[Row, ...]:
        return tuple(make_row(block, spec, of(block, spec.id) or {}) for spec in specs)

    one = tuple(
        make_row("I", spec, of("I", spec.id)) for spec in category_rows(with_other=with_other)
    )
    fields = field_rows(professional_fields())
    return {
        "I": Block("I", "按计量标准类别统计", "计量标准类别", one),
        "II": Block("II", "按专业计量领域统计", "专业计量领域", rows("II", fields)),
        "III": problem_block(lambda spec: of("III", spec.id) or {}),
        "VI": Block("VI", "按重点领域统计", "重点领域", rows("VI", domain_rows())),
        "IV": _single("IV", "组织实施和其他情况", values),
        "V": _single("V", "考核工作监督检查情况", values),
    }


def _single(block: str, title: str, values: Mapping[CellRef, Value]) -> Block:
    figures = of_block(block)
    made = [
        Row(spec, (Cell(figure, values.get((block, figure.id, figure.id))),))
        for spec, figure in zip(single_rows(figures), figures, strict=True)
    ]
    return Block(block, title, "指标", tuple(made))


def _rollup(parts: Iterable[Part], annex: Annex3) -> RollUp:
    """Each office's addends of block I, and what its units add up to without 单位去重."""
    kept = {
        part.edition.report.authority.code: {
            row.id: {cell.figure.id: cell.value for cell in row.cells if cell.value is not None}
            for row in part.annex.blocks["I"].rows
        }
        for part in parts
    }
    distinct = int(annex.blocks["I"].total["u_total"] or 0)
    rollup = RollUp(kept, u_total_distinct=distinct)
    return replace(rollup, u_total_sum=rollup.sum_of("u_total"))


def _notes(parts: list[Part]) -> tuple[str, ...]:
    """What the table is made of, and what could not be counted once."""
    made = [
        f"由 {len(parts)} 个部门已接收的统计表汇总；单位数、领域数在全市去重，其余各列为各部门之和。"
    ]
    made += [
        f"{part.office}的统计表由外部填写后导入，其单位数不能与其他部门去重。"
        for part in parts
        if part.annex.corrections.is_imported
    ]
    made += [
        f"{part.office}：{one.words}统计数为 {one.was}，手工改为 {one.stands}：{one.reason}"
        for part in parts
        for one in part.annex.corrections.overrides
    ]
    return tuple(made)


#: What offices are compared by: shares beside counts, for raw counts of unequal districts mislead.
COMPARED = (
    "u_total", "u_insp", "ratio", "s_insp", "s_prob", "prob_rate", "fd", "fd_due", "fd_ok", "fd_bad",
    "s_stop", "s_nc",
)  # fmt: skip


def compared(parts: Iterable[Part], annex: Annex3) -> list[tuple[Part | None, list[Cell]]]:
    """A line for each office and one for the city, over the figures they are compared by."""
    found: list[tuple[Part | None, list[Cell]]] = [
        (part, [Cell(BY_ID[name], part.value(("I", TOTAL, name))) for name in COMPARED])
        for part in parts
    ]
    total = annex.blocks["I"].total
    return [*found, (None, [Cell(BY_ID[name], total[name]) for name in COMPARED])]
