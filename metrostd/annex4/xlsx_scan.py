"""One quick pass over the bytes of a worksheet for what the value reader leaves out.

The value reader gives an empty cell for a formula error and for a formula without a saved result, knows
nothing of hidden rows, and fills memory with the whole rectangle a stray cell spans. This pass finds
all of that without building a tree.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import IO

from .sheets import CellError, NoCachedValue, SheetFacts, Span, column_number
from .unreadable import UnreadableFile

_BLOCK = 1 << 20
MAX_ROW = 16 << 20
# Attributes are short and formulas have at most 8,192 characters. Without a bound a part made of
# nothing but "<c t=" would keep these patterns busy for hours.
_TRUE = rb"\"(?:1|true)\""
_NUMBER = re.compile(rb'\br="(\d+)"')
_CELL = re.compile(rb'\br="([A-Z]{1,3})(\d+)"')
_COL = re.compile(rb"<(?:\w+:)?col\b([^>]{0,300})>")
_MIN_MAX = re.compile(rb'\b(min|max)="(\d+)"')
_HIDDEN = re.compile(rb"\bhidden=" + _TRUE)
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]{0,300}\bhidden=" + _TRUE + rb"[^>]{0,300})>")
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b([^>]{0,300}\bt="e"(?:[^>]{0,300}[^/>])?)>(?:<(?:\w+:)?f\b[^>]{0,300}/>|<(?:\w+:)?f\b[^>]{0,300}>[^<]*</(?:\w+:)?f>)?'
    rb"\s*<(?:\w+:)?v>([^<]{0,9000})</"
)
_BARE_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]{0,300}[^/>])>\s*<(?:\w+:)?f\b[^>]{0,300}>([^<]{0,9000})</(?:\w+:)?f>\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]{0,300}\bref="([A-Z]+)(\d+):([A-Z]+)(\d+)"')
_FAR = re.compile(rb'\br="(?:([A-Z]{2,3})(\d{1,7})|[A-Z](\d{7}))"(?:[^>]{0,300}[^/>])?>\s*<(?!/)')


@dataclass(slots=True)
class Scan:
    """Facts about the sheet and the far corner of what it holds.

    ``unusual`` means that the markup is written in a way this pass does not follow.
    """

    facts: SheetFacts = field(default_factory=SheetFacts)
    merged: list[Span] = field(default_factory=list)
    unusual: bool = False
    last_row: int = 0
    last_column: int = 25


def scan(stream: IO[bytes]) -> Scan:
    """Read a worksheet part once, block by block."""
    result = Scan()
    for chunk in _chunks(stream):
        _look(chunk, result)
    return result


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
                    f"工作表中有一行内容超过{MAX_ROW >> 20} MB。请将名单复制到新的工作簿后重新上传。",
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


def _look(chunk: bytes, result: Scan) -> None:
    facts = result.facts
    refuse_declarations(chunk)
    if b"r='" in chunk or b"r =" in chunk:
        result.unusual = True
    if b"hidden=" in chunk:
        _hidden(chunk, facts)
    if b't="e"' in chunk:
        for attributes, text in _ERROR.findall(chunk):
            if place := _CELL.search(attributes):
                facts.put(
                    int(place[2]),
                    column_number(place[1]),
                    CellError(text.decode("utf-8", "replace")),
                )
    if b"<f" in chunk or b":f" in chunk:
        _bare_formulas(chunk, facts)
    if b"filterColumn" in chunk:
        facts.filtered = True
    if b"mergeCell" in chunk:
        for left, top, right, bottom in _MERGED.findall(chunk):
            result.merged.append((int(top), column_number(left), int(bottom), column_number(right)))
    last = max(
        chunk.rfind(b"</v>"), chunk.rfind(b":v>"), chunk.rfind(b"</is>"), chunk.rfind(b":is>")
    )
    if last >= 0:
        start = max(chunk.rfind(b"<row ", 0, last), chunk.rfind(b":row ", 0, last))
        if start >= 0 and (number := _NUMBER.search(chunk, start, chunk.find(b">", start))):
            result.last_row = max(result.last_row, int(number[1]))
    for letters, row, far_row in set(_FAR.findall(chunk)):
        result.last_column = max(result.last_column, column_number(letters) if letters else 0)
        result.last_row = max(result.last_row, int(row or far_row))


def _hidden(chunk: bytes, facts: SheetFacts) -> None:
    for attributes in _COL.findall(chunk):
        if _HIDDEN.search(attributes):
            ends = {key: int(value) for key, value in _MIN_MAX.findall(attributes)}
            first, last = ends.get(b"min", 1), ends.get(b"max", 1)
            facts.hidden_columns.update(range(first - 1, min(last, first + 200)))
    for attributes in _ROW.findall(chunk):
        if number := _NUMBER.search(attributes):
            facts.hide_row(int(number[1]))


def _bare_formulas(chunk: bytes, facts: SheetFacts) -> None:
    for attributes, formula in _BARE_FORMULA.findall(chunk):
        if b't="str"' in attributes or not formula:
            continue  # an empty text is a saved result
        if place := _CELL.search(attributes):
            text = NoCachedValue("=" + unescape(formula.decode("utf-8", "replace")))
            facts.put(int(place[2]), column_number(place[1]), text)
