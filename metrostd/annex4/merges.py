"""Merged cells below a header: what a range shows stands in its first column, what lies under it is told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from .sheets import Span

_LAST_COLUMN = 701  # ZZ; what lies further out is no list


@dataclass(frozen=True, slots=True)
class Covered:
    """A value nobody sees, because a merged range lies over it."""

    column: int
    value: object
    shown: object


@dataclass(slots=True)
class Laid:
    """The cells of a row as the sheet shows them; ``tops`` gives for a filled column the row it came from."""

    cells: list[object]
    tops: dict[int, int] = field(default_factory=dict)
    covered: list[Covered] = field(default_factory=list)


class Merges:
    """Follows the rows of a sheet in order. Only columns that are read matter."""

    def __init__(self, spans: Iterable[Span], header_end: int) -> None:
        self._starts: dict[int, list[tuple[int, int, int]]] = {}
        #: Open ranges by column: last row, what they show there, first row.
        self._open: dict[int, tuple[int, object, int]] = {}
        self._over_header: list[tuple[int, int, int]] = []
        #: Rows with a range wider than two columns.
        self.wide: set[int] = set()
        for top, left, bottom, right in spans:
            if left > _LAST_COLUMN or bottom <= header_end:
                continue
            if top <= header_end:
                self._over_header.append((left, right, bottom))
            elif bottom > top or right > left:
                self._starts.setdefault(top, []).append((left, right, bottom))
                if right > left + 1:
                    self.wide.add(top)

    def __bool__(self) -> bool:
        return bool(self._starts or self._over_header)

    def lay(self, number: int, cells: list[object], columns: Iterable[int]) -> Laid:
        """One row as it is seen."""
        laid = Laid(list(cells))
        wanted = sorted(columns)
        for left, right, bottom in self._over_header:
            self._start(wanted, (left, right, bottom), "", 0)
        self._over_header = []
        for column, (bottom, shown, top) in list(self._open.items()):
            if number > bottom:
                del self._open[column]
                continue
            self._put(laid, column, shown)
            if shown != "":
                laid.tops[column] = top
        for left, right, bottom in self._starts.get(number, ()):
            shown = laid.cells[left] if left < len(laid.cells) else ""
            for column in wanted:
                if left < column <= right:
                    self._put(laid, column, "", seen=shown)
            if bottom > number:
                self._start(wanted, (left, right, bottom), shown, number)
        return laid

    def _start(
        self, wanted: list[int], span: tuple[int, int, int], shown: object, top: int
    ) -> None:
        left, right, bottom = span
        for column in wanted:
            if left <= column <= right:
                self._open[column] = (bottom, shown if column == left else "", top)

    @staticmethod
    def _put(laid: Laid, column: int, shown: object, *, seen: object = "") -> None:
        cells = laid.cells
        if column >= len(cells):
            cells += [""] * (column + 1 - len(cells))
        own = cells[column]
        if own not in ("", shown, seen):
            laid.covered.append(Covered(column, own, shown or seen))
        cells[column] = shown
