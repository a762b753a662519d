"""Comma-separated text in the encodings Chinese offices use."""

import csv
import io
from collections.abc import Iterator
from itertools import chain

from metrostd.common.encodings import decode

from .sheets import Row
from .unreadable import UnreadableFile

__all__ = ("CsvRows", "decode", "delimiter")

MAX_LINE = 1 << 20
#: A line behind the last one: whatever takes it in was never closed.
_END = "\x1f"


def delimiter(text: str) -> str:
    """Comma, tab or semicolon: whichever occurs most in the first lines."""
    head = text[:20_000]
    return max(",\t;", key=head.count)


def _bare(cell: str) -> str:
    """What ="0123" shows: how other systems keep a number text in a file that has no types."""
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell


class CsvRows:
    """Reads the same text as often as asked."""

    def __init__(self, text: str) -> None:
        self._require_lines(text)
        self._text = text
        self._delimiter = delimiter(text)
        self._quoted = '="' in text

    @staticmethod
    def _require_lines(text: str) -> None:
        """A line of more than a million characters is no line of a table."""
        at = 0
        while len(text) - at > MAX_LINE:
            end = max(text.rfind(mark, at, at + MAX_LINE) for mark in "\r\n")
            if end < at:
                number = text.count("\n", 0, at) + 1
                raise UnreadableFile(
                    "DAMAGED",
                    f"文本表格第{number}行超过100万字，没有换行，不是表格。请检查后重新上传。",
                )
            at = end + 1

    def __call__(self) -> Iterator[Row]:
        lines = chain(io.StringIO(self._text, newline=""), ("\n", _END))
        reader = csv.reader(lines, delimiter=self._delimiter)
        start, width = 1, 0
        try:
            for number, cells in enumerate(reader, start=1):
                if cells == [_END]:
                    return
                if reader.line_num > start and _swallows(cells, width, self._delimiter):
                    break
                if any(cells):
                    yield number, [_bare(cell) for cell in cells] if self._quoted else [*cells]
                start, width = reader.line_num + 1, max(width, len(cells))
        except csv.Error as error:
            raise _unclosed(start) from error
        raise _unclosed(start)


def _swallows(cells: list[str], width: int, mark: str) -> bool:
    """True when a cell holds what are lines of the table: its quotation mark was closed too late."""
    usual = max((width or len(cells)) - 1, 2)
    if _END in cells[-1]:
        return True
    for cell in cells:
        most = max((line.count(mark) for line in cell.split("\n")[1:]), default=0)
        if most >= usual or (most and len(cells) > width > 0):
            return True
    return False


def _unclosed(line: int) -> UnreadableFile:
    return UnreadableFile(
        "DAMAGED",
        f'文本表格第{line}行的引号（"）没有成对，后面的行无法分开。请补上或删去引号后重新上传。',
    )
