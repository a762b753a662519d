"""What an office has written so far: chapters, cases, what is still missing, and the paper it makes."""

from collections.abc import Iterable
from dataclasses import dataclass

from reporting.enums import Chapter
from reporting.models import ReportChapter, StatReport, TypicalCase
from reporting.queries import identities, sharing
from reporting.queries.identities import Words
from reporting.queries.sharing import Facts
from reporting.table import Annex3

from . import tokens
from .anonymity import Marks
from .paper import NO_TABLES, Paper, Plain, Tables, Told, compose, pages

#: How every sentence about the report begins.
TITLE = "总结报告"
MOST_PAGES = 200
ATTACHED = "计量标准监督检查统计表（附件3）"


@dataclass(frozen=True, slots=True)
class Written:
    """The texts of a report as they stand."""

    chapters: dict[Chapter, ReportChapter]
    cases: tuple[TypicalCase, ...]

    def told(self) -> list[Told]:
        return [
            Told(
                chapter.label,
                row.text,
                tuple((case.title, case.text) for case in self.cases)
                if chapter == Chapter.CASES
                else (),
            )
            for chapter, row in self.chapters.items()
        ]


def written(report: StatReport) -> Written:
    """Every chapter in the order of the notice; one nobody has begun is empty."""
    rows = ReportChapter.objects.filter(report=report).select_related("saved_by")
    have = {row.chapter: row for row in rows}
    for row in have.values():
        row.report = report
    chapters = {
        each: have.get(each) or ReportChapter(report=report, chapter=each) for each in Chapter
    }
    cases = TypicalCase.objects.filter(report=report).select_related(
        "saved_by", "finding__task__unit", "finding__item", "finding__standard"
    )
    for case in cases:
        case.report = report
    return Written(chapters, tuple(cases))


def marks_for(report: StatReport, units: Iterable[int]) -> Marks:
    """What must not stand in a case: everything about its units, the names of all that were visited."""
    visited = identities.names_visited(report.campaign, report.authority)
    return marks_of(identities.identity(units), visited)


def marks_of(*known: Words) -> Marks:
    """What the register knows, ready to be looked for."""
    marks = Marks()
    for words in known:
        for kind, texts in sorted(words.items()):
            for text in sorted(texts):
                if kind in (identities.NAME, identities.FORMER):
                    marks.add_name(kind, text)
                elif kind == identities.ADDRESS:
                    marks.add_place(kind, text)
                else:
                    marks.add(kind, text)
    return marks


def case_marks(report: StatReport, found: Written) -> Marks:
    """The marks of all cases of a report together; of a report without cases, none."""
    units = {case.finding.task.of_unit.pk for case in found.cases}
    return marks_for(report, units) if units or found.chapters[Chapter.CASES].text else Marks()


def facts(report: StatReport, found: Written) -> Facts:
    """What the units of an office share; of a report without cases nobody asks."""
    return sharing.facts_of(report.campaign, report.authority) if found.cases else {}


def unready(report: StatReport, annex: Annex3 | None) -> list[str]:
    """What is missing before the report can be handed in, chapter by chapter."""
    found = written(report)
    marks = case_marks(report, found)
    said: list[str] = []
    for chapter, row in found.chapters.items():
        label = f"{TITLE}“{chapter.label}”"
        if not row.text.strip() and not (chapter == Chapter.CASES and found.cases):
            said.append(f"{label}还没有写。")
        said += [f"{label}：{fault}" for fault in tokens.faults(row.text, annex)]
        if chapter == Chapter.CASES:
            said += [f"{label}：{leak.sentence}" for leak in marks.leaks(row.text)]
            said += [
                line
                for at, case in enumerate(found.cases)
                for line in _case(at, case, marks, annex)
            ]
    count = pages(paper_of(report, annex, found))
    if count > MOST_PAGES:
        said.append(f"{TITLE}约 {count} 页，超过 {MOST_PAGES} 页，请精简后再报送。")
    return said


def _case(at: int, case: TypicalCase, marks: Marks, annex: Annex3 | None) -> list[str]:
    label = f"{TITLE}“典型案例”第 {at + 1} 例"
    empty = [
        f"{label}没有{name}。"
        for name, text in (("标题", case.title), ("内容", case.text))
        if not text.strip()
    ]
    words = f"{case.title}\n{case.text}"
    faults = [f"{label}：{fault}" for fault in tokens.faults(words, annex)]
    return [*empty, *faults, *(f"{label}：{leak.sentence}" for leak in marks.leaks(words))]


def content(report: StatReport) -> Plain:
    """What the head of the office signs of the report: its words, with figures as tokens."""
    rows = ReportChapter.objects.filter(report=report).values_list("chapter", "text")
    cases = TypicalCase.objects.filter(report=report).values_list("finding", "title", "text")
    return {"chapters": dict(rows), "cases": [list(case) for case in cases.order_by("pk")]}


def paper_of(
    report: StatReport,
    annex: Annex3 | None,
    found: Written | None = None,
    *,
    tables: Tables = NO_TABLES,
) -> Paper:
    """The report as it would be printed now; the day is that of its signature, ``tables`` those of risk."""
    organiser = report.campaign.organiser
    return compose(
        (found or written(report)).told(),
        annex,
        title=(report.authority.name, f"关于{report.campaign.title}的", TITLE),
        addressee=f"{organiser.name}{organiser.office}",
        office=report.authority.name,
        attached=ATTACHED,
        day=report.signed_at,
        tables=tables,
    )
