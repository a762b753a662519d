"""Building 附件3 计量标准监督检查统计表 from the records of a campaign."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone

from campaigns.enums import DrawState, Inspector
from campaigns.models import Campaign, DrawRun, RoutingRule
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority, ProfessionalField

from . import rules
from .figures import BY_ID
from .queries import Scope, Tally, tally, tally_families
from .queries.families import frame_entries
from .rows import (
    TOTAL,
    RowSpec,
    category_rows,
    field_rows,
    problem_rows,
)
from .table import Annex3, Block, Plan, RollUp, Row, Value, make_row, ratio, to_plain

#: The authority named in place of an office when the table covers the whole city.
WHOLE_CITY = "all"
_Values = dict[str, Value]


def build(
    campaign: Campaign, authority: Authority | None, *, as_of: dt.date | dt.datetime
) -> Annex3:
    """The table of one office, or with ``authority`` None the sum over all offices (全市汇总).

    ``as_of`` is the cut-off; a plain day includes that day. What it cannot look back on is listed
    at ``queries.Scope``. At most 25 statements, whatever the size of the campaign.
    """
    scope = Scope.of(campaign, authority, as_of)
    counted = tally(scope)
    offices = {office for office, _, _ in counted}
    merged = _merge(counted, offices) if authority is None else _own(counted, authority.pk)
    rollup = None
    if authority is None:
        rollup = _rollup(scope, counted, merged)
    blocks = {
        "I": _block_one(campaign, authority, merged),
        "II": _block(
            "II", "按专业计量领域统计", "专业计量领域", field_rows(professional_fields()), merged
        ),
        "III": _block("III", "按问题类别统计", "问题类别", problem_rows(), merged),
    }
    return Annex3(
        campaign=campaign.code,
        campaign_title=campaign.title,
        authority=authority.code if authority else WHOLE_CITY,
        authority_name=authority.name
        if authority
        else f"{campaign.organiser.region_name}（全市汇总）",
        as_of=scope.as_of,
        blocks=blocks,
        plan=_plan(campaign, authority),
        rollup=rollup,
        notes=_notes(blocks["I"], authority, rollup),
    )


def to_json(annex: Annex3) -> dict[str, Any]:
    """The table and the result of every rule; – is null."""
    blocks: dict[str, dict[str, dict[str, Any]]] = {}
    for block, row, cell in annex.cells():
        blocks.setdefault(block, {}).setdefault(row, {})[cell.figure.id] = to_plain(cell.value)
    if annex.rollup:
        blocks["I"][TOTAL]["u_total_sum"] = annex.rollup.u_total_sum
        blocks["I"][TOTAL]["u_total_distinct"] = annex.rollup.u_total_distinct
    return {
        "campaign": annex.campaign,
        "authority": annex.authority,
        "as_of": timezone.localtime(annex.as_of).isoformat(timespec="seconds"),
        "blocks": blocks,
        "rules": [
            {"id": r.id, "ok": r.ok, "severity": r.severity, "detail": r.detail}
            for r in rules.check(annex)
        ],
    }


def _own(counted: Tally, office: int) -> dict[tuple[str, str], _Values]:
    return {
        (block, row): dict(values)
        for (owner, block, row), values in counted.items()
        if owner == office
    }


def _merge(counted: Tally, offices: Iterable[int]) -> dict[tuple[str, str], _Values]:
    """The sum over offices. Fields are no sums and are filled in by ``_rollup``."""
    merged: dict[tuple[str, str], _Values] = defaultdict(dict)
    for (office, block, row), values in counted.items():
        if office in offices:
            into = merged[block, row]
            for figure, value in values.items():
                into[figure] = into.get(figure, 0) + value  # type: ignore[operator]
    return dict(merged)


def _rollup(scope: Scope, counted: Tally, merged: dict[tuple[str, str], _Values]) -> RollUp:
    """Count fields over the whole city once, keep each office's addends, 单位去重 by credit code."""
    for (_, block, row), values in tally_families(scope, ("frame", "sheet")).items():
        for figure in values:
            if BY_ID[figure].counts == "field" and (block, row) in merged:
                merged[block, row][figure] = values[figure]
    parts: dict[str, dict[str, dict[str, Value]]] = {}
    for (office, block, row), values in counted.items():
        if block in ("I", TOTAL):
            parts.setdefault(str(office), {})[row] = dict(values)
    distinct = frame_entries(scope).aggregate(n=Count("unit", distinct=True))["n"]
    total = merged.get((TOTAL, TOTAL), {}).get("u_total", 0)
    return RollUp(parts, int(total or 0), distinct)


def _block_one(
    campaign: Campaign, authority: Authority | None, values: Mapping[tuple[str, str], _Values]
) -> Block:
    """Categories the office does not inspect and has nothing of are printed as –."""
    assigned = _assigned(campaign, authority)
    found = {
        row for (block, row), figures in values.items() if block == "I" and any(figures.values())
    }
    specs = category_rows(with_other="other" in found)
    rows = []
    for spec in specs:
        mine = spec.kind == "total" or bool(({spec.id, *spec.parts}) & (assigned | found))
        key = (TOTAL, TOTAL) if spec.kind == "total" else ("I", spec.id)
        rows.append(make_row("I", spec, values.get(key, {}) if mine else None))
    return Block("I", "按计量标准类别统计", "计量标准类别", tuple(rows))


def _block(
    block: str,
    title: str,
    heading: str,
    specs: tuple[RowSpec, ...],
    values: Mapping[tuple[str, str], _Values],
) -> Block:
    rows: list[Row] = []
    for spec in specs:
        key = (TOTAL, TOTAL) if spec.kind == "total" else (block, spec.id)
        rows.append(make_row(block, spec, values.get(key, {})))
    return Block(block, title, heading, tuple(rows))


def professional_fields() -> list[tuple[str, str]]:
    """(code, name) of every field, the rows of block II."""
    return list(ProfessionalField.objects.order_by("code").values_list("code", "name"))


def _assigned(campaign: Campaign, authority: Authority | None) -> set[str]:
    """The categories the routing rules in force for this campaign give to the office."""
    latest = campaign.routed.aggregate(v=Max("rule_version"))["v"]
    rules_in_force = RoutingRule.objects.exclude(inspector=Inspector.MANUAL)
    if latest is not None:
        rules_in_force = rules_in_force.filter(version=latest)
    if authority is not None:
        level = Inspector.DISTRICT if authority.level == Level.DISTRICT else Inspector.CITY
        rules_in_force = rules_in_force.filter(inspector=level)
    return set(rules_in_force.values_list("category", flat=True))


def _plan(campaign: Campaign, authority: Authority | None) -> Plan:
    """The ratio the notice suggests, and the office's reason for drawing with a lower one."""
    runs = DrawRun.objects.filter(frame__campaign=campaign, state=DrawState.VALID)
    if authority is None:
        return Plan(campaign.default_ratio)
    run = runs.filter(frame__authority=authority).values("ratio_reason").first()
    return Plan(campaign.default_ratio, run["ratio_reason"] if run else "")


def _notes(block: Block, authority: Authority | None, rollup: RollUp | None) -> tuple[str, ...]:
    """What has to be printed beside the table: both ratios, and units counted once."""
    total = block.total
    notes = [
        f"抽查比例（含定向）{_percent(ratio(total['u_insp'], total['u_total']))}，"
        f"随机抽取占建标单位总数的{_percent(ratio(total['u_rand'], total['u_total']))}。",
        "单位数在每一行和合计中分别去重，一个单位可持有几类计量标准，合计不等于各行之和。",
        "单位层面的问题计入该单位受检标准中按本表次序的第一个类别。",
    ]
    if rollup:
        notes.insert(
            0,
            f"建标单位总数：各检查部门合计 {rollup.u_total_sum} 个，"
            f"全市去重后 {rollup.u_total_distinct} 个。",
        )
    elif authority and authority.level == Level.DISTRICT:
        held = authority.units.filter(standards__isnull=False).distinct().count()
        notes.insert(
            1,
            f"实际检查单位占本区全部建标单位（{held} 个）的"
            f"{_percent(ratio(total['u_insp'], held))}。",
        )
    return tuple(notes)


def _percent(value: Any) -> str:
    return "–" if value is None else f"{value}%"


__all__ = ("WHOLE_CITY", "build", "professional_fields", "to_json")
