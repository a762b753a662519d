"""The report as one paper: what screen, PDF, Word and the frozen edition all hold, paragraph by paragraph."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from metrostd.common.templatetags.formats import cn_date
from reporting.corrections import cell_of
from reporting.figures import BY_ID
from reporting.ruling import CellRef
from reporting.table import Annex3, Row

from .tokens import COLUMNS, Live, Run, runs, table_name

Kind = Literal["chapter", "heading", "text", "table"]
#: Any: JSON as it comes back from a column.
Plain = dict[str, Any]

_HEADING = re.compile(r"（[一二三四五六七八九十]+）")
_LONGEST_HEADING = 40
#: No figure is longer.
_FIGURE = 10
NUMERALS = "一二三四五六七八九十"
#: Lines of a page and letters of a line (GB/T 9704).
LINES, LETTERS = 22, 28


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph, or a table under its title; runs are plain pieces and figures."""

    kind: Kind
    runs: tuple[Run, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        return "".join(run if isinstance(run, str) else run.text for run in self.runs)

    @property
    def is_wordy(self) -> bool:
        """A table of words, whose cells run over several lines, and not of figures."""
        return any(len(cell) > _FIGURE for row in self.rows for cell in row[1:])


#: Tables of a report that are no block of its table, by the name a line gives them.
Tables = Mapping[str, Block]
NO_TABLES: Tables = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Paper:
    """A report as it is printed: title, who it goes to, blocks, what is attached, who signs, the day."""

    title: tuple[str, ...]
    addressee: str
    blocks: tuple[Block, ...]
    attached: str
    office: str
    day: str
    #: 附注, below the day.
    note: str = ""

    def paragraphs(self) -> list[str]:
        """The words of every paragraph in order, cells of tables as well: what two prints must share."""
        found = [*self.title, *([f"{self.addressee}："] if self.addressee else [])]
        for block in self.blocks:
            if block.kind == "table":
                found += [*([block.text] if block.text else []), *block.head]
                found += [cell for row in block.rows for cell in row]
            else:
                found.append(block.text)
        found += [f"附件：{self.attached}"] if self.attached else []
        below = [text for text in (self.day, self.note) if text]
        return [*found, self.office, "（盖章）", *below]


@dataclass(frozen=True, slots=True)
class Told:
    """A chapter as it is written: its title, its text, and its cases under their titles."""

    title: str
    text: str
    cases: tuple[tuple[str, str], ...] = ()


def compose(
    chapters: Iterable[Told],
    annex: Annex3 | None,
    *,
    title: tuple[str, ...],
    addressee: str,
    office: str,
    attached: str = "",
    day: dt.date | None = None,
    tables: Tables = NO_TABLES,
) -> Paper:
    """The paper of some chapters with the figures of a table; ``tables`` are those beside its blocks."""
    blocks: list[Block] = []
    for number, chapter in enumerate(chapters):
        blocks.append(Block("chapter", (f"{NUMERALS[number]}、{chapter.title}",)))
        blocks += lines_of(chapter.text, annex, tables)
        for at, (name, text) in enumerate(chapter.cases):
            blocks.append(Block("heading", (f"案例{numeral(at + 1)}：{name}",)))
            blocks += lines_of(text, annex)
    return Paper(title, addressee, tuple(blocks), attached, office, cn_date(day))


def lines_of(text: str, annex: Annex3 | None, tables: Tables = NO_TABLES) -> Iterator[Block]:
    """Every line is a paragraph; one that begins with （一） and is no sentence is a heading."""
    for line in (each.strip() for each in text.splitlines()):
        if not line:
            continue
        if name := table_name(line):
            if name in tables:
                yield tables[name]
            elif annex is not None and name in annex.blocks:
                yield table_of(annex, name)
            continue
        yield Block("heading" if _is_heading(line) else "text", tuple(runs(line, annex)))


def table_of(annex: Annex3, block: str) -> Block:
    """A block of the table cut down to what a report needs; rows without any figure are left out."""
    shown = annex.blocks[block]
    have = {cell.figure.id for row in shown.rows for cell in row.cells}
    columns = [name for name in COLUMNS[block] if name in have]
    rows = [row for row in shown.rows if row.spec.kind == "total" or _says_anything(row, columns)]
    return Block(
        "table",
        (shown.title,),
        (shown.row_heading, *(BY_ID[name].name.removeprefix("其中") for name in columns)),
        tuple((row.spec.label, *(_printed(annex, (block, row.id, c)) for c in columns)) for row in rows),
    )  # fmt: skip


def by_chapter(paper: Paper) -> dict[str, list[Block]]:
    """The blocks of each chapter under its title."""
    found: dict[str, list[Block]] = {}
    current: list[Block] = []
    for block in paper.blocks:
        if block.kind == "chapter":
            current = found.setdefault(block.text.partition("、")[2], [])
        else:
            current.append(block)
    return found


def pages(paper: Paper) -> int:
    """About how many pages it will have, by its lines: enough to say that it is far too long."""
    lines = 0
    for block in paper.blocks:
        lines += (
            len(block.rows) + 1 if block.kind == "table" else -(-(len(block.text) + 2) // LETTERS)
        )
    return -(-lines // LINES)


def to_plain(paper: Paper) -> Plain:
    """The paper as JSON, with its figures as they stand now."""
    return {
        "title": list(paper.title),
        "addressee": paper.addressee,
        "attached": paper.attached,
        "office": paper.office,
        "day": paper.day,
        **({"note": paper.note} if paper.note else {}),
        "blocks": [
            {
                "kind": block.kind,
                "runs": [run if isinstance(run, str) else _kept(run) for run in block.runs],
                "head": list(block.head),
                "rows": [list(row) for row in block.rows],
            }
            for block in paper.blocks
        ],
    }


def from_plain(plain: Plain) -> Paper:
    """The paper again, with the figures it was kept with."""
    return Paper(
        tuple(plain["title"]),
        plain["addressee"],
        tuple(
            Block(
                one["kind"],
                tuple(run if isinstance(run, str) else _live(run) for run in one["runs"]),
                tuple(one["head"]),
                tuple(tuple(row) for row in one["rows"]),
            )
            for one in plain["blocks"]
        ),
        plain["attached"],
        plain["office"],
        plain["day"],
        plain.get("note", ""),
    )


def _kept(run: Live) -> Plain:
    return {"ref": list(run.ref), "text": run.text, "words": run.words}


def _live(kept: Plain) -> Live:
    block, row, figure = kept["ref"]
    return Live((block, row, figure), kept["text"], kept["words"])


def _is_heading(line: str) -> bool:
    return bool(_HEADING.match(line)) and len(line) <= _LONGEST_HEADING and line[-1] not in "。；："


def numeral(number: int) -> str:
    """一 … 十, 十一 … 二十; a report has no more cases than that."""
    if number <= 10:
        return NUMERALS[number - 1]
    tens, ones = divmod(number, 10)
    return f"{'' if tens == 1 else NUMERALS[tens - 1]}十{NUMERALS[ones - 1] if ones else ''}"


def _says_anything(row: Row, columns: Iterable[str]) -> bool:
    return row.spec.kind == "plain" and any(row[name] for name in columns)


def _printed(annex: Annex3, ref: CellRef) -> str:
    found = cell_of(annex, ref)
    return f"{found[1].text}{found[1].mark}" if found else "–"
