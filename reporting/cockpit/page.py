"""What the page shows: every panel from one counting, every figure with the address of its records."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import prefetch_related_objects

from campaigns.models import Campaign
from metrostd.registry.models import Authority
from reporting.annex3 import professional_fields
from reporting.queries import Scope
from reporting.queries.tally import REST
from reporting.rows import UNCLASSIFIED, RowSpec, category_rows, domain_rows, problem_rows

from . import calendar, districts, judging, units
from .charts import bars, curve_option
from .counting import Counted, count
from .curve import Curve, curve
from .marks import Address, Mark, Rate, name_of, share
from .narrowing import Narrowing

#: Items with a bar of their own; the others share one.
_ITEMS = 7
_FUNNEL = (
    # figure, its name here, what it is a share of
    ("u_total", "建标单位", ""),
    ("u_sc_in", "已报自查", "u_sc_due"),
    ("u_plan", "列入清单", "u_total"),
    ("u_insp", "已实施", "u_plan"),
    ("u_prob", "存在问题", "u_insp"),
    ("u_due", "已下达文书", "u_prob"),
    ("u_ok", "已全部销号", "u_due"),
)
_MEASURES = ("s_stop", "s_stop_on", "s_seal", "s_wd", "s_cancel", "s_revoke", "s_annul", "refer", "case")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A row of the Pareto: how many problems, and the share up to here."""

    label: str
    value: int
    share: str
    url: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: a campaign, one office or all of them, a category."""

    campaign: Campaign
    authority: Authority | None
    offices: Sequence[Authority]
    scope: Scope
    category: str
    address: Address
    page: Address

    @property
    def shown(self) -> Sequence[Authority]:
        return [self.authority] if self.authority else self.offices

    @property
    def narrowing(self) -> Narrowing:
        return Narrowing(self.category)


def build(asked: Asked) -> dict[str, object]:
    """Everything on the page; at most 25 statements, whatever the size of the campaign."""
    prefetch_related_objects([asked.campaign], "stages")
    counted = count(asked.scope, asked.category)
    day = asked.scope.day
    steps = calendar.steps(asked.campaign, asked.authority, counted, day)
    pace = calendar.expected_of(asked.campaign, asked.shown, day)
    lines = districts.lines(asked.shown, counted.offices, pace, asked.address, asked.page)
    findings = units.findings(asked.scope, asked.narrowing)
    late, hiding = units.worst(findings, asked.address)
    stage = calendar.visits_stage(asked.campaign, asked.authority)
    first = stage.starts_on if stage else asked.campaign.notice_on
    days = curve(
        asked.scope, asked.narrowing, findings, first=first, last=asked.campaign.summary_due
    )
    funnel = _funnel(counted, asked)
    codes = counted.by_row("item", "fd")
    answers = judging.count_answers(asked.scope, asked.narrowing, codes)
    found_items = items(counted, answers.texts, asked)
    judged = judging.judged(answers, asked.address)
    lowest = judging.lowest(judged)
    gaps = judging.gaps(counted, asked.address)
    fields = _fields(counted, asked)
    kinds = _rates_of(counted, asked, "I", category_rows(with_other=True))
    domains = _rates_of(counted, asked, "VI", domain_rows())
    problems = _problems(counted, asked)
    return {
        "is_empty": not (counted.of("u_total") or counted.of("u_sc_due")),
        "steps": steps,
        "strip": calendar.strip(steps, day) if steps else None,
        "funnel": funnel,
        "funnel_chart": bars("column", funnel),
        "five": _five(counted, asked),
        "urgent": _urgent(counted, lines, asked),
        "lines": lines,
        "items": found_items,
        "items_chart": bars("hbar", found_items),
        "fields": fields,
        "fields_chart": bars("hbar", fields, unit="%"),
        "kinds": kinds,
        "kinds_chart": bars("hbar", kinds, unit="%"),
        "domains": domains,
        "domains_chart": bars("hbar", domains, unit="%"),
        "problems": problems,
        "problems_chart": bars("hbar", problems),
        "judged": judged,
        "judged_shown": lowest,
        "judged_chart": bars("hbar", [(one.label, one.passed) for one in lowest], unit="%"),
        "all_judged": judging.altogether(judged, asked.address),
        "gaps": gaps,
        "gaps_chart": bars("hbar", gaps),
        "all_gaps": _mark(counted, "fd_gap", asked),
        "gap_units": hiding,
        "measures": [_mark(counted, key, asked) for key in _MEASURES],
        "late": late,
        "curve": _curve_rows(days, asked),
        "curve_chart": curve_option(days, asked.address, stage, counted.of("u_plan")),
    }


def _mark(counted: Counted, key: str, asked: Asked, tone: str = "") -> Mark:
    return Mark(name_of(key), counted.of(key), asked.address(key), tone)


def _funnel(counted: Counted, asked: Asked) -> list[Mark]:
    return [
        Mark(
            name,
            counted.of(key),
            asked.address(key),
            note=share(counted.of(key), counted.of(of)) if of else "",
        )
        for key, name, of in _FUNNEL
    ]


def _five(counted: Counted, asked: Asked) -> list[tuple[str, Rate]]:
    """The figures of a small screen: each a share with what it is of."""
    pairs = (
        ("自查报送", "u_sc_in", "u_sc_due"),
        ("现场实施", "u_insp", "u_plan"),
        ("问题率（项）", "s_prob", "s_insp"),
        ("整改合格（条）", "fd_ok", "fd_due"),
        ("全部销号（家）", "u_ok", "u_due"),
    )
    return [
        (label, Rate(counted.of(part), counted.of(whole), asked.address(part)))
        for label, part, whole in pairs
    ]


def _urgent(counted: Counted, lines: list[districts.Line], asked: Asked) -> list[Mark]:
    """What needs somebody today, the gravest first."""
    lagging = sum(line.is_lagging for line in lines)
    return [
        _mark(counted, "u_sc_out", asked, "bad"),
        replace(_mark(counted, "fd_late", asked, "bad"), note="含因逾期不合格、尚未处理的"),
        _mark(counted, "s_stop_on", asked, "bad"),
        Mark(f"落后应有进度 {districts.LAG} 个百分点的部门", lagging, "#offices", "warn"),
        _mark(counted, "u_np", asked, "warn"),
        _mark(counted, "s_expiring", asked, "muted"),
        _mark(counted, "s_tracing", asked, "muted"),
    ]


def items(counted: Counted, texts: Mapping[str, str], asked: Asked) -> list[Item]:
    """Problems by item of the checklist, the most frequent first, the rest together."""
    found = sorted(counted.by_row("item", "fd").items(), key=lambda pair: (-pair[1], pair[0]))
    if not found:
        return []
    whole, so_far = counted.of("fd"), 0
    rows = []
    for code, value in found[:_ITEMS]:
        so_far += value
        url = asked.address("fd", block="item", row=code)
        rows.append(Item(f"{code} {texts.get(code, '')}", value, share(so_far, whole), url))
    if rest := found[_ITEMS:]:
        row = REST + REST.join(code for code, _ in found[:_ITEMS])
        url = asked.address("fd", block="item", row=row)
        left = sum(value for _, value in rest)
        rows.append(Item(f"其余 {len(rest)} 项", left, share(so_far + left, whole), url))
    return rows


def _fields(counted: Counted, asked: Asked) -> list[tuple[str, Rate]]:
    """问题率 of each field in which anything was inspected, the highest first."""
    names = dict(professional_fields()) | {UNCLASSIFIED: "未归类"}
    specs = [RowSpec(code, name) for code, name in names.items()]
    found = _rates_of(counted, asked, "II", specs)
    return sorted(found, key=lambda pair: (-(pair[1].percent or 0), pair[0]))


def _rates_of(
    counted: Counted, asked: Asked, block: str, specs: Iterable[RowSpec]
) -> list[tuple[str, Rate]]:
    """问题率 of each plain row of a block in which anything was inspected."""
    inspected, bad = counted.by_row(block, "s_insp"), counted.by_row(block, "s_prob")
    return [
        (
            spec.label,
            Rate(
                bad.get(spec.id, 0),
                inspected[spec.id],
                asked.address("s_prob", block=block, row=spec.id),
            ),
        )
        for spec in specs
        if spec.kind == "plain" and spec.id in inspected
    ]


def _problems(counted: Counted, asked: Asked) -> list[Mark]:
    """Problems by category of problem, the most frequent first."""
    values = counted.by_row("III", "fd")
    whole = counted.of("fd")
    found = [
        Mark(
            spec.label,
            values[spec.id],
            asked.address("fd", block="III", row=spec.id),
            note=share(values[spec.id], whole),
        )
        for spec in problem_rows(with_reviews=True)
        if spec.id in values
    ]
    return sorted(found, key=lambda mark: -mark.value)


def _curve_rows(days: Curve, asked: Asked) -> list[tuple[dt.date, Mark, Mark]]:
    """The days on which anything changed."""
    before = (0, 0)
    rows = []
    for day, inspected, verified in zip(days.days, days.inspected, days.verified, strict=True):
        if (inspected, verified) != before:
            until = day.isoformat()
            rows.append(
                (
                    day,
                    Mark("u_insp", inspected, asked.address("u_insp", until=until)),
                    Mark("fd_ok", verified, asked.address("fd_ok", until=until)),
                )
            )
            before = (inspected, verified)
    return rows
