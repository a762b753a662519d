"""What the markup of a worksheet says beside its values, read by a real XML parser.

The value reader gives an empty cell for a formula error and for a formula without a saved result, knows
nothing of hidden rows, formats and struck-out text, and fills memory with the whole rectangle a stray
cell spans. Most lists have none of that: their bytes are looked over first, and only a sheet in which
anything may be found is parsed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from .sheets import CellError, NoCachedValue, Picture, SheetFacts, Span, cell_name, column_number
from .unreadable import UnreadableFile
from .xlsx_styles import Styles, Texts, is_true, local

_BLOCK = 1 << 20
MAX_ROW = 16 << 20
_LONGEST = 40_000  # a cell holds 32,767 characters
_CELL = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_REF = re.compile(r"([A-Z]*)(\d*):([A-Z]*)(\d*)")
_WHOLE = re.compile(r"\d+:\d+|[A-Z]+:[A-Z]+")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_383
_HEAD = re.compile(rb"<worksheet[\s>]")
# Whatever may stand for something this pass looks for, however it is written.
_TELLING = (b"<f", b"hidden", b't="e"', b"filter", b"strike", b"<!", b"='", b" =", b"= ", b"vm=")
_END = b"</sheetData>"
_ROW = re.compile(rb'<row r="(\d+)"')
_FAR = re.compile(rb'\br="[A-Z]{2,3}\d{1,7}"')
_MOST_ROWS = 150_000  # from here on it matters where the last value stands, not the last row


@dataclass(slots=True)
class Scan:
    """Facts about the sheet and the far corner of what it holds."""

    facts: SheetFacts = field(default_factory=SheetFacts)
    merged: list[Span] = field(default_factory=list)
    #: Whole rows or columns are merged.
    open_merges: bool = False
    last_row: int = 0
    last_column: int = 25


def plain_scan(stream: IO[bytes], styles: Styles) -> Scan | None:
    """What a sheet of mere values says behind its rows; None when its bytes hold anything else."""
    marks = [*_TELLING, *(f's="{index}"'.encode() for index in styles.telling)]
    tail = b""
    last_row = 0
    for number, chunk in enumerate(_chunks(stream)):
        if number == 0 and not _HEAD.search(chunk, 0, 2000):
            return None
        rows, end, rest = (tail + chunk).partition(_END) if tail else chunk.partition(_END)
        if any(mark in rows for mark in marks) or _FAR.search(rows):
            return None
        if rows.count(b"<c ") != rows.count(b'<c r="') or b"<c>" in rows:
            return None
        if end or tail:
            tail += rest
        if found := _ROW.findall(rows, max(rows.rfind(b"<row "), 0)):
            last_row = int(found[-1])
    if last_row > _MOST_ROWS:
        return None
    walk = _walked([b"<worksheet>", tail or b"</worksheet>"], styles, {})
    walk.last_row = max(walk.last_row, last_row)
    return walk


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Blocks cut at the end of a row, so that no cell is torn apart."""
    rest = b""
    while block := stream.read(_BLOCK):
        block = rest + block
        cut = max(block.rfind(b"</row>"), block.rfind(b":row>"))
        if cut <= 0:  # nothing but rows without cells
            cut = max(block.rfind(b"<row "), block.rfind(b":row "))
        if cut <= 0:
            if len(block) > MAX_ROW:
                raise UnreadableFile(
                    "TOO_LARGE",
                    "工作表中有一行内容超过16 MB。请将名单复制到新的工作簿后重新上传。",
                )
            rest = block
            continue
        rest = block[cut:]
        yield block[:cut]
    yield rest


def refuse_declarations(chunk: bytes) -> None:
    """Raise ValueError for a document type, which could define entities that unfold without end."""
    if b"<!DOCTYPE" in chunk or b"<!ENTITY" in chunk:
        raise ValueError("document type declarations do not occur in spreadsheets")


def scan(stream: IO[bytes], styles: Styles, texts: Texts) -> Scan:
    """Walk the markup of a worksheet once."""
    return _walked(_chunks(stream), styles, texts)


def _walked(chunks: Iterable[bytes], styles: Styles, texts: Texts) -> Scan:
    walk = _Walk(styles, texts)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    parser.StartDoctypeDeclHandler = _no_declarations
    for chunk in chunks:
        parser.Parse(chunk)
    parser.Parse(b"", True)
    return walk.found


def _no_declarations(*_: object) -> None:
    raise ValueError("document type declarations do not occur in spreadsheets")


class _Walk:
    """Where the parser is, and what it has found."""

    def __init__(self, styles: Styles, texts: Texts) -> None:
        self.found = Scan()
        self._styles, self._texts = styles, texts
        self._row, self._column = 0, -1
        self._attributes: dict[str, str] = {}
        self._formula: str | None = None
        self._value: str | None = None
        self._inline: list[tuple[str, bool]] = []
        self._in = ""
        self._struck = False
        self._shared: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "c":
            self._start_cell(attributes)
        elif name == "v" or (name == "t" and self._in != "v"):
            self._in = name
            if name == "v":
                self._value = ""
            else:
                self._inline.append(("", self._struck))
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() else self._row + 1
            self._column = -1
            if is_true(attributes.get("hidden", "")):
                self.found.facts.hide_row(self._row)
        elif name == "f":
            self._in, self._formula = "f", ""
            self._attributes |= {"si": attributes.get("si", "")}
        elif name == "r":
            self._struck = False
        elif name == "strike":
            self._struck = is_true(attributes.get("val", "1"))
        else:
            self._outside(name, attributes)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._attributes = attributes
        self._formula = self._value = None
        self._inline, self._struck = [], False
        if place := _CELL.fullmatch(attributes.get("r", "")):
            self._row, self._column = int(place[2]), column_number(place[1].upper())
        else:
            self._column += 1

    def _outside(self, name: str, attributes: dict[str, str]) -> None:
        facts = self.found.facts
        if name == "mergeCell":
            ref = attributes.get("ref", "").replace("$", "")
            if span := _span(ref):
                self.found.merged.append(span)
            self.found.open_merges |= span is None or _WHOLE.fullmatch(ref) is not None
        elif name == "col" and is_true(attributes.get("hidden", "")):
            first, last = int(attributes.get("min", 1)), int(attributes.get("max", 1))
            facts.hidden_columns.update(range(first - 1, min(last, first + 200)))
        elif name == "filterColumn":
            facts.filtered = True

    def text(self, data: str) -> None:
        if self._in == "v" and len(self._value or "") < _LONGEST:
            self._value = (self._value or "") + data
        elif self._in == "f" and len(self._formula or "") < _LONGEST:
            self._formula = (self._formula or "") + data
        elif self._in == "t" and self._inline and len(self._inline[-1][0]) < _LONGEST:
            self._inline[-1] = (self._inline[-1][0] + data, self._inline[-1][1])

    def end(self, name: str) -> None:
        name = local(name)
        if name == self._in:
            self._in = ""
        elif name == "c":
            self._end_cell()

    def _end_cell(self) -> None:
        given, facts = self._attributes, self.found.facts
        row, column = self._row, self._column
        kind, value = given.get("t", "n"), self._value
        if value or self._inline:
            self.found.last_row = max(self.found.last_row, row)
            self.found.last_column = max(self.found.last_column, column)
        if kind == "e" and value:
            picture = "vm" in given or "IMAGE(" in (self._formula or "")
            facts.put(row, column, Picture(value) if picture else CellError(value))
        elif self._formula is not None and not value and not self._inline:
            self._without_result(kind)
        elif value or self._inline:
            self._dressed(given.get("s", ""), kind, value)

    def _without_result(self, kind: str) -> None:
        """A formula whose result was not saved; those that share one have its text but once."""
        shared, formula = self._attributes.get("si", ""), self._formula or ""
        if shared and formula:
            self._shared[shared] = formula
        if kind == "str":
            return  # an empty text is a saved result
        text = formula or self._shared.get(shared, "")
        self.found.facts.put(self._row, self._column, NoCachedValue(f"={text}"))

    def _dressed(self, style: str, kind: str, value: str | None) -> None:
        """What a format writes around the value, and what of it is struck out."""
        facts, row, column = self.found.facts, self._row, self._column
        if self._formula and (shared := self._attributes.get("si")):
            self._shared[shared] = self._formula
        index = int(style) if style.isdecimal() else 0
        if index in self._styles.shown:
            facts.shown.setdefault(row, {})[column] = self._styles.shown[index]
        if index in self._styles.hiding:
            facts.hiding.setdefault(row, {})[column] = self._styles.hiding[index]
        left: str | None = None
        if kind == "s" and value and value.strip().isdecimal():
            left = self._texts.get(int(value))
        elif kind == "inlineStr" and any(struck for _, struck in self._inline):
            left = "".join(text for text, struck in self._inline if not struck)
        if index in self._styles.struck or left == "":
            facts.struck.setdefault(row, set()).add(column)
        elif left is not None:
            facts.put(row, column, left)
            facts.part_struck.append(cell_name(row, column))


def _span(ref: str) -> Span | None:
    """C2:D7; a single cell is no range, whole rows are written 1:1 and whole columns L:M."""
    match = _REF.fullmatch(ref)
    if match is None:
        return None
    left, top, right, bottom = match.groups()
    return (
        int(top or 1),
        column_number(left) if left else 0,
        int(bottom or _LAST_ROW),
        column_number(right) if right else _LAST_COLUMN,
    )
