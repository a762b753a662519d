"""全市总结报告: what offices handed in and was accepted, put together, with an analysis over all of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from campaigns.models import Campaign, ChecklistItem
from metrostd.common import clock
from metrostd.risk.queries import Picture, units_of
from reporting.consolidation import COMPARED, Part, compared, consolidated, parts_of
from reporting.enums import CityChapter
from reporting.figures import BY_ID
from reporting.models import CityReport, CityReportChapter, StatReport, TypicalCase
from reporting.queries import Scope, identities, sharing
from reporting.queries.tally import Selection, tally
from reporting.ruling import CellRef
from reporting.table import Annex3

from . import rarity, tokens
from .anonymity import Marks
from .paper import Block, Paper, Told, by_chapter, compose, from_plain, numeral
from .reading import TITLE, marks_of
from .risks import risks_of, said_of
from .suggesting import analysed, suggested

_ITEMS = 10
_EVERYBODY = "全市各级市场监督管理部门"


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything the city's report is made of: accepted editions, their table, tables beside it."""

    campaign: Campaign
    parts: tuple[Part, ...]
    annex: Annex3
    tables: dict[str, Block]
    risk: Picture


def whole(campaign: Campaign) -> Whole:
    """As of now; what is not accepted is not in it."""
    parts = parts_of(campaign)
    annex = consolidated(campaign, parts, now=clock.now())
    risk, risks = risks_of(units_of(None), viewer=None, city=True)
    tables = {
        tokens.OFFICES: _offices(parts, annex),
        tokens.ITEMS: _items(campaign, annex),
        **risks,
    }
    return Whole(campaign, tuple(parts), annex, tables, risk)


def _offices(parts: list[Part], annex: Annex3) -> Block:
    """Offices beside each other by what they are compared by."""
    rows = tuple(
        (part.office if part else "全市", *(cell.text for cell in cells))
        for part, cells in compared(parts, annex)
    )
    head = ("部门", *(BY_ID[name].name.removeprefix("其中") for name in COMPARED))
    shown = [at for at, name in enumerate(("", *COMPARED)) if name in ("", *_SHOWN)]
    return Block(
        "table",
        ("各部门比较",),
        tuple(head[at] for at in shown),
        tuple(tuple(row[at] for at in shown) for row in rows),
    )


_SHOWN = ("u_insp", "ratio", "s_insp", "s_prob", "prob_rate")


def _items(campaign: Campaign, annex: Annex3) -> Block:
    """The items of the checklist with most problems, as the cockpit counts them."""
    scope = Scope.of(campaign, None, annex.as_of)
    counts: Counter[str] = Counter()
    counted = tally(scope, Selection((BY_ID["fd"],), frozenset({"item"})))
    for (_, block, code), values in counted.items():
        if block == "item":
            counts[code] += int(values.get("fd") or 0)
    texts = dict(
        ChecklistItem.objects.filter(findings__campaign=campaign)
        .values_list("code", "text")
        .distinct()
    )
    most = sorted(((code, n) for code, n in counts.items() if n), key=lambda one: (-one[1], one[0]))
    rows = tuple((f"{code} {texts.get(code, '')}", str(n)) for code, n in most[:_ITEMS])
    return Block("table", ("发现问题最多的检查项",), ("检查项", "发现问题数（条）"), rows)


def report_of(campaign: Campaign) -> CityReport:
    """The report of a campaign; before anybody wrote of it, an empty one that is not kept yet."""
    found = CityReport.objects.filter(campaign=campaign).select_related(
        "report_pdf", "report_docx", "files_job"
    )
    row = found.first() or CityReport(campaign=campaign)
    row.campaign = campaign
    return row


def chapters_of(report: CityReport) -> dict[CityChapter, CityReportChapter]:
    """Every chapter; one nobody has begun is empty."""
    rows = CityReportChapter.objects.filter(report=report.pk).select_related("saved_by")
    have = {row.chapter: row for row in rows}
    return {
        each: have.get(each) or CityReportChapter(report=report, chapter=each)
        for each in CityChapter
    }


def suggestions(found: Whole) -> dict[str, str]:
    """A text for each chapter from the city's table."""
    made = suggested(found.annex, office=_EVERYBODY)
    made[CityChapter.CASES] = _cases(found)
    made[CityChapter.ANALYSIS] = analysed(found.annex, risk=said_of(found.risk))
    made[CityChapter.BASICS] += f"\n共有{len(found.parts)}个部门报送的总结报告和统计表已接收。"
    return made


def merged(found: Whole, chapter: CityChapter) -> list[tuple[str, list[Block]]]:
    """What each office wrote of a chapter in its accepted edition."""
    said = []
    for part in found.parts:
        if part.edition.narrative:
            told = by_chapter(from_plain(part.edition.narrative))
            if blocks := told.get(chapter.label):
                said.append((part.office, blocks))
    return said


def words_of(blocks: Iterable[Block]) -> str:
    """Paragraphs as text to be taken over; figures are words now, tables stay where they were made."""
    return "\n".join(block.text for block in blocks if block.kind != "table")


def _cases(found: Whole) -> str:
    """The cases of all offices under one count."""
    lines: list[str] = []
    number = 0
    for _, blocks in merged(found, CityChapter.CASES):
        inside = False
        for block in blocks:
            if block.kind == "heading" and block.text.startswith("案例"):
                number, inside = number + 1, True
                lines.append(f"（{numeral(number)}）{block.text.partition('：')[2]}"[:40])
            elif inside and block.kind != "table":
                lines.append(block.text)
    return "\n".join(lines) or "各部门报告中没有典型案例。"


def marks(campaign: Campaign) -> Marks:
    """What must not stand in the cases: all about their units, the names of all that were visited."""
    cases = TypicalCase.objects.filter(report__campaign=campaign)
    units = set(cases.values_list("finding__task__unit", flat=True))
    return marks_of(identities.identity(units), identities.names_visited(campaign, None))


def rare(campaign: Campaign, text: str) -> list[str]:
    """What the text says of a unit that it shares with few others of the whole city."""
    units = TypicalCase.objects.filter(report__campaign=campaign).values_list(
        "finding__task__unit", flat=True
    )
    ids = set(units) if text else set()
    return rarity.warnings_of_any(text, ids, sharing.facts_of(campaign, None)) if ids else []


def address(ref: CellRef) -> str:
    """Where a figure of the city opens: office by office, and from there record by record."""
    return f"{reverse('reporting:consolidated_cell')}?{urlencode({'cell': '/'.join(ref)})}"


def unready(report: CityReport, found: Whole) -> list[str]:
    """What is missing before the report can be finished."""
    said = [] if found.parts else ["还没有已接收的统计表和总结报告。"]
    for chapter, row in chapters_of(report).items():
        label = f"{TITLE}“{chapter.label}”"
        if not row.text.strip():
            said.append(f"{label}还没有写。")
        said += [f"{label}：{fault}" for fault in tokens.faults(row.text, found.annex, city=True)]
        if chapter == CityChapter.CASES:
            leaks = marks(report.campaign).leaks(row.text)
            said += [f"{label}：{leak.sentence}" for leak in leaks]
    return said


def missing_offices(found: Whole) -> list[str]:
    """Offices whose table and report are not accepted, by name."""
    have = [part.edition.report.authority_id for part in found.parts]
    owed = StatReport.objects.filter(campaign=found.campaign).exclude(authority__in=have)
    return [
        str(row.authority) for row in owed.select_related("authority").order_by("authority__code")
    ]


def paper_of(report: CityReport, found: Whole) -> Paper:
    organiser = report.campaign.organiser
    told = [Told(chapter.label, row.text) for chapter, row in chapters_of(report).items()]
    return compose(
        told,
        found.annex,
        title=(organiser.name, f"关于{report.campaign.title}的", TITLE),
        addressee="",
        office=organiser.name,
        day=clock.today(),
        tables=found.tables,
    )
