"""Walking the lines of one sheet: what is a section, what is a total, what is data, what carries down."""

import re
from collections.abc import Iterator

from . import headers
from .cells import as_text
from .districts import Districts
from .headers import Header
from .records import UNIT_LEVEL, Place, Records, is_ditto
from .report import Report
from .rows import ParsedRow, SheetInfo
from .sheets import Row, Sheet
from .text import compact, is_nothing, name_key
from .uscc import is_valid as is_valid_uscc
from .uscc import normalise as normalise_uscc

_SUMMARY = re.compile(
    r"^(合计|小计|总计|注|备注：|备注:|填表|制表|审核)|(小计|合计|总计)[:：]?$|^以下空白"
)
_DATA_ALONE = frozenset({"unit_name", "uscc", "standard_name", "cert_no"})


class Lines:
    """Reads the lines below one header. Keeps the merged cells, the section and the last unit in mind."""

    def __init__(
        self,
        sheet: Sheet,
        header: Header,
        report: Report,
        districts: Districts,
        records: Records,
        info: SheetInfo,
    ) -> None:
        self._report = report
        self._districts = districts
        self._records = records
        self._header = header
        self.filled_columns: set[int] = set()
        self._tall: dict[int, list[tuple[int, int]]] = {}
        self._wide: set[int] = set()
        for top, left, bottom, right in sheet.merged:
            if bottom > top:
                self._tall.setdefault(top, []).append((left, bottom))
            if right > left + 1:
                self._wide.add(top)
        self._open: dict[int, tuple[int, object, int]] = {}
        self._last: dict[str, tuple[object, int]] = {}
        name = info.name if info.district_code else ""
        self._use(Place(sheet.name, self._by_target(header), info.district_code, name))

    @staticmethod
    def _by_target(header: Header) -> dict[str, int]:
        return {target: column for column, target in header.columns.items()}

    def _use(self, place: Place) -> None:
        self._place = place
        self._columns = list(place.columns.items())
        self._last = {}

    def read(self, rows: Iterator[Row]) -> Iterator[ParsedRow]:
        end = self._header.last_row
        tall = bool(self._tall)
        for number, cells in rows:
            if number <= end:
                continue
            filled: dict[str, int] = {}
            own = cells
            if tall:
                cells = self._merged(number, list(cells), filled)
            if not self._is_data(number, own):
                continue
            yield from self._data(number, cells, own, filled)

    def _merged(self, number: int, cells: list[object], filled: dict[str, int]) -> list[object]:
        """Fill down from the first cell of a merged range, only inside it and only in its first column."""
        for column, (bottom, value, top) in list(self._open.items()):
            if number > bottom:
                del self._open[column]
                continue
            if column >= len(cells):
                cells += [""] * (column + 1 - len(cells))
            if cells[column] == "" and value != "":
                cells[column] = value
                if target := self._header.columns.get(column):
                    filled[target] = top
        for column, bottom in self._tall.get(number, ()):
            self._open[column] = (bottom, cells[column] if column < len(cells) else "", number)
        return cells

    def _is_data(self, number: int, cells: list[object]) -> bool:
        """False for blank, section, summary and repeated header rows; those worth telling are reported."""
        texts = []
        for column, cell in enumerate(cells):
            if cell != "" and not (isinstance(cell, str) and cell.isspace()):
                texts.append((column, cell))
                if len(texts) > 3:
                    break
        if not texts:
            return False
        if len(texts) <= 2 and self._is_section(number, texts):
            return False
        column, first = texts[0]
        text = compact(first) if isinstance(first, str) else ""
        if text and _SUMMARY.search(text) and not self._has_identity(cells):
            self._report.at("ROW_SUMMARY", number, column, as_text(first))
            return False
        if len(texts) > 2 and self._is_heading(number, cells):
            return False
        return self._says_something(number, cells, texts)

    def _is_section(self, number: int, texts: list[tuple[int, object]]) -> bool:
        joined = "".join(as_text(cell) for _, cell in texts)
        code = self._districts.section(joined)
        if code is None:
            return False
        if (
            len(texts) == 2
            and not is_nothing(as_text(texts[1][1]))
            and self._districts.section(as_text(texts[1][1])) is None
        ):
            return False
        column = texts[0][0]
        if not code:
            self._report.at("DISTRICT_UNKNOWN", number, column, joined)
        place = self._place
        self._use(Place(place.sheet, place.columns, code, joined if code else ""))
        return True

    def _has_identity(self, cells: list[object]) -> bool:
        """A row with a certificate number or a valid credit code is data, whatever its first cell says."""
        for target in ("cert_no", "uscc"):
            column = self._place.columns.get(target)
            if column is not None and column < len(cells) and isinstance(cells[column], str):
                text = cells[column]
                if "量标" in text if target == "cert_no" else is_valid_uscc(normalise_uscc(text)):
                    return True
        return False

    def _is_heading(self, number: int, cells: list[object]) -> bool:
        column = self._place.columns["unit_name"]
        cell = cells[column] if column < len(cells) else ""
        if (
            isinstance(cell, str)
            and headers.match(cell) == "unit_name"
            and headers.known(cells) >= headers.ENOUGH
        ):
            again = headers.find([(1, cells)], {})
            if again is not None and "unit_name" in again.columns.values():
                place = self._place
                self._use(
                    Place(place.sheet, self._by_target(again), place.district, place.district_name)
                )
            self._report.at("HEADER_REPEATED", number, column, cell)
            return True
        if number == self._header.last_row + 1 and _counts_up(cells):
            self._report.at("HEADER_REPEATED", number, 0, "栏号行")
            return True
        return False

    def _says_something(
        self, number: int, cells: list[object], texts: list[tuple[int, object]]
    ) -> bool:
        targets = {self._header.columns.get(column) for column, _ in texts}
        if len(texts) > 3 or (
            targets & _DATA_ALONE and not (len(texts) == 1 and number in self._wide)
        ):
            return True
        if targets <= {"seq"}:
            if any(not isinstance(c, str) or compact(c).rstrip("、.").isdigit() for _, c in texts):
                return False  # numbered in advance, otherwise empty
        elif len(texts) > 1 and targets - {"seq", None}:
            return True
        column, first = texts[0]
        self._report.at("ROW_IGNORED", number, column, as_text(first))
        return False

    def _data(
        self, number: int, cells: list[object], own: list[object], filled: dict[str, int]
    ) -> Iterator[ParsedRow]:
        width = len(cells)
        named = {
            target: cells[column] if column < width else "" for target, column in self._columns
        }
        if self._last and self._continues(named, own):
            for target in UNIT_LEVEL:
                if (
                    target in named
                    and (named[target] == "" or _blank(named[target]))
                    and target in self._last
                ):
                    named[target], filled[target] = self._last[target]
        self._last = {
            target: (named[target], filled.get(target, number))
            for target in UNIT_LEVEL
            if target in named and named[target] != "" and not _blank(named[target])
        }
        if len(self.filled_columns) < len(self._columns):
            self.filled_columns.update(
                column for target, column in self._columns if named[target] != ""
            )
        yield from self._records.build(number, named, filled, self._place)

    def _continues(self, named: dict[str, object], own: list[object]) -> bool:
        """True for a further standard of the unit above: no number of its own and no other unit named."""
        column = self._place.columns.get("seq")
        if (
            column is not None
            and column < len(own)
            and own[column] != ""
            and not _blank(own[column])
        ):
            return False
        name = named["unit_name"]
        above = self._last.get("unit_name")
        if above is None:
            return False
        if (
            name != ""
            and not _blank(name)
            and name_key(as_text(name)) != name_key(as_text(above[0]))
        ):
            return False
        code, code_above = named.get("uscc", ""), self._last.get("uscc")
        if code == "" or _blank(code) or code_above is None:
            return True
        return normalise_uscc(as_text(code)) == normalise_uscc(as_text(code_above[0]))


def _blank(cell: object) -> bool:
    return isinstance(cell, str) and (cell.isspace() or is_ditto(cell))


def _counts_up(cells: list[object]) -> bool:
    """True for a row of column numbers: 1 2 3 4."""
    texts = [compact(as_text(cell)).strip("()") for cell in cells if cell != ""]
    return (
        len(texts) > 2
        and all(text.isdigit() for text in texts)
        and [int(t) for t in texts] == list(range(int(texts[0]), int(texts[0]) + len(texts)))
    )
