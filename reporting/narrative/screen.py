"""The report as a page shows it: figures lead to the records they count, what is wrong stands with its chapter."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from reporting.enums import Chapter, CityChapter
from reporting.figures import BY_ID, GROUPS
from reporting.models import Passage, StatReport, TypicalCase
from reporting.page import records_url
from reporting.queries.sharing import Facts
from reporting.ruling import CellRef
from reporting.single_figures import SINGLE
from reporting.table import Annex3

from . import rarity, reading, tokens
from .anonymity import Marks
from .paper import NO_TABLES, NUMERALS, Block, Tables, lines_of
from .reading import Written
from .remarks import Remark, Remarks

#: The address of the records behind a cell; empty where there is none.
Address = Callable[[CellRef], str]


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a paragraph: plain words, or a figure with its cell in words and its records."""

    text: str
    words: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    kind: str
    pieces: tuple[Piece, ...]
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as it will be printed, and what speaks against handing it in."""

    paragraphs: tuple[Paragraph, ...]
    faults: tuple[str, ...]
    #: What the writer should think about; it blocks nothing.
    warnings: tuple[str, ...] = ()
    #: What was said about the chapter when the report was given back.
    remark: Remark | None = None


@dataclass(frozen=True, slots=True)
class CaseCard:
    case: TypicalCase
    preview: Preview


@dataclass(frozen=True, slots=True)
class Card:
    """A chapter on the page of the editor."""

    number: str
    chapter: Chapter | CityChapter
    row: Passage
    save_url: str
    preview: Preview
    #: What could stand there: the words to take, and how they look.
    suggestion: str = ""
    suggested: tuple[Paragraph, ...] = ()
    cases: tuple[CaseCard, ...] = ()
    #: What offices wrote of it, to be taken over: office, words, how they look.
    merged: tuple[tuple[str, str, tuple[Paragraph, ...]], ...] = ()


def addresses(report: StatReport) -> Address:
    """Figures of a report lead to their records, but not those of a table filled in outside."""

    def address(ref: CellRef) -> str:
        if report.imported_id or report.as_of is None or not BY_ID[ref[2]].family:
            return ""
        return records_url(report, block=ref[0], row=ref[1], figure=ref[2])

    return address


def paragraphs(blocks: Iterable[Block], address: Address) -> tuple[Paragraph, ...]:
    return tuple(
        Paragraph(
            block.kind,
            tuple(
                Piece(run) if isinstance(run, str) else Piece(run.text, run.words, address(run.ref))
                for run in block.runs
            ),
            block.head,
            block.rows,
        )
        for block in blocks
    )


def preview(
    text: str,
    annex: Annex3 | None,
    address: Address,
    *,
    marks: Marks | None = None,
    tables: Tables = NO_TABLES,
    city: bool = False,
    warnings: Iterable[str] = (),
    remark: Remark | None = None,
) -> Preview:
    """A text with its figures drawn; ``marks`` where nobody must be named, ``tables`` beside its blocks."""
    faults = tokens.faults(text, annex, city=city)
    faults += [leak.sentence for leak in marks.leaks(text)] if marks else []
    lines = lines_of(text, annex, tables)
    shown = paragraphs(lines, address)
    return Preview(shown, tuple(dict.fromkeys(faults)), tuple(warnings), remark)


def cards(
    report: StatReport,
    found: Written,
    annex: Annex3 | None,
    *,
    suggested: Mapping[str, str],
    marks: Marks,
    remarks: Remarks,
    tables: Tables = NO_TABLES,
) -> list[Card]:
    """Every chapter of the editor in the order of the notice."""
    address = addresses(report)
    facts = reading.facts(report, found)
    return [
        Card(
            NUMERALS[at],
            chapter,
            row,
            reverse("reporting:save_chapter", args=[report.pk, chapter.value]),
            preview(
                row.text,
                annex,
                address,
                marks=marks if chapter == Chapter.CASES else None,
                tables=tables,
                remark=remarks.get(chapter),
            ),
            suggested.get(chapter, ""),
            paragraphs(lines_of(suggested.get(chapter, ""), annex, tables), address),
            tuple(
                CaseCard(case, case_preview(case, annex, address, marks, facts))
                for case in found.cases
            )
            if chapter == Chapter.CASES
            else (),
        )
        for at, (chapter, row) in enumerate(found.chapters.items())
    ]


def case_preview(
    case: TypicalCase, annex: Annex3 | None, address: Address, marks: Marks, facts: Facts
) -> Preview:
    """A case with what is still said of its unit, in title and text, and what few others share with it."""
    shown = preview(case.text, annex, address, marks=marks)
    title = [f"标题中{leak.sentence}" for leak in marks.leaks(case.title)]
    rare = rarity.warnings(f"{case.title}\n{case.text}", case.finding.task.of_unit.pk, facts)
    return Preview(shown.paragraphs, (*title, *shown.faults), tuple(rare))


@dataclass(frozen=True, slots=True)
class Choice:
    """A row or a column of the table to take a figure from."""

    value: str
    label: str
    group: str


def rows_to_choose(annex: Annex3) -> list[tuple[str, list[Choice]]]:
    """Rows with any figure, block by block; of single figures the row is the figure."""
    found = []
    for block in annex.blocks.values():
        single = block.id in SINGLE
        rows = [
            Choice(
                f"{block.id}.{row.id}.{row.id}" if single else f"{block.id}.{row.id}",
                row.spec.label.partition("（单位去重）")[0],
                block.id,
            )
            for row in block.rows
            if any(cell.value is not None for cell in row.cells)
        ]
        if rows:
            found.append((block.title, rows))
    return found


def figures_to_choose(annex: Annex3) -> list[Choice]:
    """The columns, each with the blocks that have it."""
    blocks: dict[str, list[str]] = {}
    for block in annex.blocks.values():
        if block.id not in SINGLE:
            for figure in block.columns:
                blocks.setdefault(figure.id, []).append(block.id)
    return [
        Choice(key, f"{GROUPS[BY_ID[key].group].name}：{BY_ID[key].name}", " ".join(where))
        for key, where in blocks.items()
    ]
