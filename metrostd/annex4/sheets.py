"""What a workbook is to the parser: sheets that give their rows again and again, and what was noticed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from metrostd.common.letters import ODD, visible
from metrostd.common.text import APOSTROPHES, unforced

from .hiding import Hides
from .shown import Shown
from .unreadable import damage_refused

Row = tuple[int, list[object]]
Span = tuple[
    int, int, int, int
]  # first row, first column, last row, last column; rows from 1, columns from 0


class CellError(str):
    """The text of a formula error such as ``#REF!`` saved in a cell."""

    __slots__ = ()


class NoCachedValue(str):
    """A formula whose result the program that wrote the file did not save."""

    __slots__ = ()


class Picture(str):
    """A picture put into a cell; what the file holds in its place is no text of anybody."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """What lies over cells: 图片 or 文本框, where, and what a text box says."""

    kind: str
    span: Span
    text: str = ""


@dataclass(slots=True)
class SheetFacts:
    """What the values alone do not tell. Row numbers from one, columns from zero."""

    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: set[int] = field(default_factory=set)
    filtered: bool = False
    overlay: dict[int, dict[int, object]] = field(default_factory=dict)
    comments: list[tuple[str, str]] = field(default_factory=list)
    #: What number formats make of values, by row and column.
    shown: dict[int, dict[int, Shown]] = field(default_factory=dict)
    #: What number formats hide of values, by row and column.
    hiding: dict[int, dict[int, Hides]] = field(default_factory=dict)
    #: Pictures and text boxes that lie over cells.
    drawings: list[Drawing] = field(default_factory=list)
    #: Columns by row whose text is struck out as a whole; cells of which a part is.
    struck: dict[int, set[int]] = field(default_factory=dict)
    part_struck: list[str] = field(default_factory=list)

    def hide_row(self, number: int) -> None:
        if self.hidden_rows and self.hidden_rows[-1][1] == number - 1:
            self.hidden_rows[-1] = (self.hidden_rows[-1][0], number)
        else:
            self.hidden_rows.append((number, number))

    def put(self, row: int, column: int, value: object) -> None:
        self.overlay.setdefault(row, {})[column] = value


@dataclass(slots=True)
class Sheet:
    """One sheet. ``rows()`` may be called repeatedly; each row is a list starting at column A."""

    name: str
    source: Callable[[], Iterator[Row]]
    hidden: bool = False
    merged: list[Span] = field(default_factory=list)
    facts: SheetFacts = field(default_factory=SheetFacts)

    def rows(self) -> Iterator[Row]:
        """Every row that holds anything, with its number; blank and merely formatted rows never appear."""
        with damage_refused():
            yield from overlaid(dressed(self.source(), self.facts.shown), self.facts.overlay)


def overlaid(rows: Iterator[Row], overlay: dict[int, dict[int, object]]) -> Iterator[Row]:
    """The rows with some cells replaced; a row that only the overlay knows appears in its place."""
    if not overlay:
        yield from rows
        return
    waiting = iter(sorted(overlay))
    extra = next(waiting, None)
    for number, cells in rows:
        while extra is not None and extra < number:
            yield extra, laid_over([], overlay[extra])
            extra = next(waiting, None)
        if extra == number:
            yield number, laid_over(cells, overlay[number])
            extra = next(waiting, None)
        else:
            yield number, cells
    while extra is not None:
        yield extra, laid_over([], overlay[extra])
        extra = next(waiting, None)


def dressed(rows: Iterator[Row], shown: dict[int, dict[int, Shown]]) -> Iterator[Row]:
    """The rows with what number formats write around values."""
    if not shown:
        yield from rows
        return
    for number, cells in rows:
        formats = shown.get(number)
        if formats:
            cells = [*cells]
            for column, show in formats.items():
                if column < len(cells):
                    cells[column] = show(cells[column])
        yield number, cells


_UNUSUAL = re.compile(f"[{ODD}{APOSTROPHES}]|DISPIMG\\(")
#: A picture in a cell of WPS, which keeps the formula as its result.
_PICTURE = re.compile(r"=(?:_xlfn\.)?DISPIMG\(.*\)", re.IGNORECASE)


def _seen(cell: str) -> str:
    return Picture(cell) if _PICTURE.fullmatch(cell) else unforced(visible(cell))


def as_seen(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows as a person sees them: no letter without a shape, no apostrophe that forces a text."""
    for number, cells in rows:
        if _UNUSUAL.search("".join([cell for cell in cells if type(cell) is str])):
            cells = [_seen(cell) if type(cell) is str else cell for cell in cells]
        yield number, cells


def laid_over(cells: list[object], extra: dict[int, object]) -> list[object]:
    """The row with some cells replaced, made longer if need be."""
    cells = cells + [""] * (max(extra) + 1 - len(cells))
    for column, value in extra.items():
        cells[column] = value
    return cells


@dataclass(slots=True)
class Workbook:
    """A file that could be read. ``format`` is what its content is, whatever its name says."""

    name: str
    format: str
    sha256: str
    sheets: list[Sheet]
    date1904: bool = False
    external_links: bool = False

    def close(self) -> None:
        """Let go of the cells, which take more room than anything made of them."""
        self.sheets = []


def column_letters(column: int) -> str:
    """``0`` is A, ``26`` is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str | bytes) -> int:
    """The reverse of ``column_letters``."""
    number = 0
    for char in letters.encode() if isinstance(letters, str) else letters:
        number = number * 26 + char - 64
    return number - 1


def cell_name(row: int, column: int) -> str:
    """``(7, 3)`` is D7."""
    return f"{column_letters(column)}{row}"
