"""Building 附件3 计量标准监督检查统计表 from the records of a campaign."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace

from django.db.models import Count, Exists, Q, Subquery
from django.utils import timezone

from campaigns import together
from campaigns.adjusting import Ratios, history, sentences
from campaigns.enums import FrameSubject, Inspector
from campaigns.models import Campaign, DrawRun, PlanAdjustment, RoutedStandard, RoutingRule
from metrostd.plans.models import WorkPlan
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority, ProfessionalField

from . import layouts, rules
from .figures import BY_ID, of_block
from .queries import Scope, Tally, tally
from .queries.families import routed_then, valid_then
from .queries.past import ROUTED_UNIT
from .queries.tally import COUNTED_ONCE, OF_REVIEWS
from .queries.tally import WHOLE_CITY as ALL_OFFICES
from .rows import (
    TOTAL,
    RowSpec,
    category_rows,
    domain_rows,
    field_rows,
    problem_rows,
    single_rows,
)
from .table import Annex3, Block, Cell, Plan, RollUp, Row, Value, make_row, ratio, to_plain

#: The authority named in place of an office when the table covers the whole city.
WHOLE_CITY = "all"
_Values = dict[str, Value]


def build(
    campaign: Campaign, authority: Authority | None, *, as_of: dt.date | dt.datetime
) -> Annex3:
    """The table of one office, or with ``authority`` None the sum over all offices (全市汇总).

    ``as_of`` is the cut-off; a plain day includes that day, and the table is the one made then. At most
    25 statements, whatever the size of the campaign.
    """
    scope = Scope.of(campaign, authority, as_of)
    district = authority is not None and authority.level == Level.DISTRICT
    counted = tally(scope, without=OF_REVIEWS if district else frozenset())
    rollup = None
    if authority is None:
        merged = _merge(counted)
        rollup = _rollup(counted, merged)
    else:
        merged = _own(counted, authority.pk)
    adjusted = list(history(campaign))
    plan = _plan(scope, authority, counted, Ratios.among(campaign, adjusted, at=scope.as_of))
    blocks = {
        "I": _block_one(campaign, authority, merged),
        "II": _block(
            "II", "按专业计量领域统计", "专业计量领域", field_rows(professional_fields()), merged
        ),
        "III": _problems(merged),
        "VI": _block("VI", "按重点领域统计", "重点领域", domain_rows(), merged),
        "IV": _single("IV", "组织实施和其他情况", merged),
        "V": _single("V", "考核工作监督检查情况", merged),
    }
    if district:
        del blocks["V"]  # the municipal office draws the bureaus and fills it in
    return Annex3(
        campaign=campaign.code,
        campaign_title=campaign.title,
        authority=authority.code if authority else WHOLE_CITY,
        authority_name=authority.name
        if authority
        else f"{campaign.organiser.region_name}（全市汇总）",
        as_of=scope.as_of,
        blocks=blocks,
        layout=layouts.current().version,
        plan=replace(plan, bureaus=_bureaus(campaign)) if "V" in blocks else plan,
        rollup=rollup,
        notes=(
            *_notes(blocks["I"], authority, rollup, scope),
            *_adjusted(adjusted, authority, scope),
            *_merged_with(campaign, authority, scope),
            *_made_together(campaign, authority, scope),
        ),
    )


def to_json(annex: Annex3) -> dict[str, object]:
    """The table and the result of every rule; – is null."""
    blocks: dict[str, dict[str, dict[str, object]]] = {}
    for block, row, cell in annex.cells():
        blocks.setdefault(block, {}).setdefault(row, {})[cell.figure.id] = to_plain(cell.value)
    if annex.rollup:
        total = annex.blocks["I"].total
        for figure in (cell.figure.id for cell in total.cells if cell.figure.counts == "unit"):
            blocks["I"][TOTAL][f"{figure}_sum"] = annex.rollup.sum_of(figure)
            blocks["I"][TOTAL][f"{figure}_distinct"] = total[figure]
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


def _merge(counted: Tally) -> dict[tuple[str, str], _Values]:
    """The sum over offices; units and fields are no sums, each of them has been counted once."""
    merged: dict[tuple[str, str], _Values] = defaultdict(dict)
    for (office, block, row), values in counted.items():
        for figure, value in values.items():
            once = BY_ID[figure].counts in COUNTED_ONCE
            if office == ALL_OFFICES:
                merged[block, row][figure] = value
            elif not once:
                merged[block, row][figure] = merged[block, row].get(figure, 0) + value  # type: ignore[operator]
    return dict(merged)


def _rollup(counted: Tally, merged: dict[tuple[str, str], _Values]) -> RollUp:
    """Each office's addends, and what its units would add up to without 单位去重."""
    parts: dict[str, dict[str, dict[str, Value]]] = {}
    for (office, block, row), values in counted.items():
        if office != ALL_OFFICES and block in ("I", TOTAL):
            parts.setdefault(str(office), {})[row] = dict(values)
    rollup = RollUp(
        parts, u_total_distinct=int(merged.get((TOTAL, TOTAL), {}).get("u_total", 0) or 0)
    )
    return replace(rollup, u_total_sum=rollup.sum_of("u_total"))


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
        rows.append(make_row("I", spec, values.get(_key("I", spec), {}) if mine else None))
    return Block("I", "按计量标准类别统计", "计量标准类别", tuple(rows))


def _block(
    block: str,
    title: str,
    heading: str,
    specs: tuple[RowSpec, ...],
    values: Mapping[tuple[str, str], _Values],
) -> Block:
    rows = [make_row(block, spec, values.get(_key(block, spec), {})) for spec in specs]
    return Block(block, title, heading, tuple(rows))


def _problems(values: Mapping[tuple[str, str], _Values]) -> Block:
    """What the certification work shows counts as soon as there is anything; until then it is –."""
    return problem_block(lambda spec: values.get(_key("III", spec), {}))


def problem_block(values: Callable[[RowSpec], Mapping[str, Value]]) -> Block:
    """Block III over what ``values`` says of each row."""
    reviewed = any(values(spec).get("fd") for spec in problem_rows() if spec.id == "J")
    rows = [
        make_row("III", spec, None if spec.note else values(spec))
        for spec in problem_rows(with_reviews=reviewed)
    ]
    return Block("III", "按问题类别统计", "问题类别", tuple(rows))


def _single(block: str, title: str, values: Mapping[tuple[str, str], _Values]) -> Block:
    """A figure to a row; one that nobody counts yet is –, and its row says why."""
    total = values.get((TOTAL, TOTAL), {})
    figures = of_block(block)
    rows = [
        Row(spec, (Cell(figure, None if figure.absent else total.get(figure.id, 0)),))
        for spec, figure in zip(single_rows(figures), figures, strict=True)
    ]
    return Block(block, title, "指标", tuple(rows))


def _key(block: str, spec: RowSpec) -> tuple[str, str]:
    """Where the values of a row are: the total serves every block but that of some standards alone."""
    return (TOTAL, TOTAL) if spec.kind == "total" and block != "VI" else (block, spec.id)


def professional_fields() -> list[tuple[str, str]]:
    """(code, name) of every field, the rows of block II."""
    return list(ProfessionalField.objects.order_by("code").values_list("code", "name"))


def _assigned(campaign: Campaign, authority: Authority | None) -> set[str]:
    """The categories the routing rules in force for this campaign give to the office."""
    of_campaign = RoutedStandard.objects.filter(campaign=campaign)
    latest = of_campaign.order_by("-rule_version").values("rule_version")[:1]
    in_force = Q(version=Subquery(latest)) | ~Exists(of_campaign)
    rules_in_force = RoutingRule.objects.filter(in_force).exclude(inspector=Inspector.MANUAL)
    if authority is not None:
        level = Inspector.DISTRICT if authority.level == Level.DISTRICT else Inspector.CITY
        rules_in_force = rules_in_force.filter(inspector=level)
    return set(rules_in_force.values_list("category", flat=True))


def _plan(scope: Scope, authority: Authority | None, counted: Tally, ratios: Ratios) -> Plan:
    """The ratio the notice suggests, and the reasons given for drawing with a lower one.

    A table over several offices asks each of them: those below the ratio that gave no reason are
    named.
    """
    runs = DrawRun.objects.filter(
        valid_then(scope),
        frame__campaign=scope.campaign_id,
        frame__subject=FrameSubject.UNITS,
        **scope.by_authority("frame__authority"),
    )
    found = {
        office: (name, reason)
        for office, name, reason in runs.values_list(
            "frame__authority", "frame__authority__short_name", "ratio_reason"
        )
    }
    if authority is not None:
        return Plan(ratios.of_office(authority.pk), found.get(authority.pk, ("", ""))[1])
    below = [
        office
        for office in found
        if _is_below(counted.get((office, TOTAL, TOTAL), {}), ratios.of_office(office))
    ]
    lacking = tuple(sorted(found[office][0] for office in below if not found[office][1]))
    return Plan(ratios.general, lacking=lacking)


def _bureaus(campaign: Campaign) -> int:
    """How many bureaus the municipal office can draw from (R32)."""
    organiser = campaign.organiser_id
    below = Q(parent=organiser) | Q(parent__parent=organiser)
    return Authority.objects.filter(below, level=Level.DISTRICT).count()


def _adjusted(
    adjusted: list[PlanAdjustment], authority: Authority | None, scope: Scope
) -> tuple[str, ...]:
    """What of the plan had been adjusted by the cut-off: the old figure stays visible beside the table."""
    rows = [
        row
        for row in adjusted
        if row.made_at <= scope.as_of
        and (authority is None or row.authority_id in (None, authority.pk))
    ]
    return tuple(f"方案调整：{said}" for said in sentences(rows))


def _merged_with(campaign: Campaign, authority: Authority | None, scope: Scope) -> tuple[str, ...]:
    """Which offices made their inspections together with others, as their plans say by the cut-off."""
    plans = WorkPlan.objects.handed_in(scope.as_of).filter(campaign=campaign)
    if authority is not None:
        plans = plans.filter(authority=authority)
    rows = plans.exclude(merged_then="").select_related("authority").order_by("authority__code")
    offices: dict[str, list[str]] = {}
    for row in rows:
        offices.setdefault(together.sentence(row.merged_then), []).append(str(row.authority))
    return tuple(f"{'、'.join(names)}：{said}" for said, names in offices.items())


def _made_together(
    campaign: Campaign, authority: Authority | None, scope: Scope
) -> tuple[str, ...]:
    """How many of the visits were, as counted from the visits by the cut-off."""
    made = together.made_by_office(campaign, authority, by=scope.as_of)
    return tuple(f"{office}：{said}" for office, said in made.items())


def _is_below(total: Mapping[str, Value], wanted: int) -> bool:
    reached = ratio(total.get("u_insp", 0), total.get("u_total", 0))
    return reached is not None and reached < wanted


def _notes(
    block: Block, authority: Authority | None, rollup: RollUp | None, scope: Scope
) -> tuple[str, ...]:
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
            f"全市去重后 {rollup.u_total_distinct} 个。"
            "各列单位数均按统一社会信用代码在全市去重，其余各列为各检查部门之和。",
        )
    elif authority and authority.level == Level.DISTRICT:
        held = _units_of(authority, scope)
        notes.insert(
            1,
            f"实际检查单位占本区全部建标单位（{held} 个）的"
            f"{_percent(ratio(total['u_insp'], held))}。",
        )
    return tuple(notes)


def _units_of(district: Authority, scope: Scope) -> int:
    """Units of the district with standards in the campaign, whoever inspects them, as routed then."""
    rows = routed_then(scope).filter(territory_then=district.pk)
    units = rows.annotate(unit_then=scope.past.unit(ROUTED_UNIT, "unit_id", "pk"))
    return units.aggregate(n=Count("unit_then", distinct=True))["n"]


def _percent(value: Value) -> str:
    return "–" if value is None else f"{value}%"


__all__ = ("WHOLE_CITY", "build", "problem_block", "professional_fields", "to_json")
