"""Comma-separated text in the encodings Chinese offices use."""

import csv
import io
from collections.abc import Iterator

from metrostd.common.encodings import decode

from .sheets import Row
from .unreadable import UnreadableFile

__all__ = ("CsvRows", "decode", "delimiter")

MAX_LINE = 1 << 20


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
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._delimiter)
        try:
            for number, cells in enumerate(reader, start=1):
                if any(cells):
                    yield number, [_bare(cell) for cell in cells] if self._quoted else [*cells]
        except csv.Error as error:
            raise UnreadableFile(
                "DAMAGED",
                f"文本表格第{reader.line_num}行附近无法读取（引号可能没有成对），请检查后重新上传。",
            ) from error
