"""Walking the lines of one sheet: what is a section, what is a total, what is data, what carries down."""

import re
from collections.abc import Iterator

from metrostd.common.text import compact, is_nothing, name_key

from . import headers
from .cells import as_text, is_ditto
from .districts import Districts
from .headers import Header
from .merges import Covered, Merges
from .records import UNIT_LEVEL, Place, Records
from .report import Report
from .rows import ParsedRow, SheetInfo
from .sheets import Row, Sheet
from .uscc import is_valid as is_valid_uscc
from .uscc import normalise as normalise_uscc

_SUMMARY = re.compile(
    r"^(合计|小计|总计|注|备注：|备注:|填表|制表|审核)|(小计|合计|总计)[:：]?$|^以下空白"
    r"|^(?:单位|填报|报送)?(?:负责人|经办人?|联系人|电话|联系电话|批准人?|审批人?|日期|单位|盖章|说明)(?:\([^()]*\))?[:：]"
)
_SUMMARY_STARTS = frozenset("合小总注备填制审以单报负经联电批日盖说")
_SUMMARY_ENDS = frozenset("计:：")
_SERIAL = re.compile(r"\d\s*号?\s*$|\d{4}.{0,3}[^\d]{0,12}量标.*\d")
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
        self._merges = Merges(sheet.merged, header.last_row)
        self._beside: dict[int, list[int]] = {}
        #: Columns that are not read and hold certificate numbers: first row and how many.
        self.certificates: dict[int, tuple[int, int]] = {}
        self._above: tuple[dict[str, object], dict[str, int], int] | None = None
        self._empty_so_far = set(header.columns.values())
        name = districts.name(info.district_code)
        self._use(Place(sheet.name, self._by_target(header), info.district_code, name))

    @staticmethod
    def _by_target(header: Header) -> dict[str, int]:
        return {target: column for column, target in header.columns.items()}

    def _use(self, place: Place) -> None:
        self._place = place
        self._columns = list(place.columns.items())
        self._targets = {column: target for target, column in place.columns.items()}
        self._beside = {}
        self._above = None

    def read(self, rows: Iterator[Row]) -> Iterator[ParsedRow]:
        end = self._header.last_row
        merged = bool(self._merges)
        for number, cells in rows:
            if number <= end:
                self._above_header(number, cells)
                continue
            filled: dict[str, int] = {}
            own = cells
            if merged:
                laid = self._merges.lay(number, cells, self._targets)
                cells, tops = laid.cells, laid.tops
                filled = {self._targets[column]: top for column, top in tops.items()}
                if laid.covered:
                    self._tell_covered(number, laid.covered)
                    own = ["" if c in tops else cell for c, cell in enumerate(cells)]
            if not self._is_data(number, own):
                continue
            self._look_beside(number, cells)
            yield from self._data(number, cells, own, filled)

    def _above_header(self, number: int, cells: list[object]) -> None:
        """Data above its own header, which is not read."""
        if number >= self._header.first_row:
            return
        for column, cell in enumerate(cells):
            if isinstance(cell, str) and _holds_certificate(cell):
                self._report.at("ROW_IGNORED", number, column, cell)
                return

    def _look_beside(self, number: int, cells: list[object]) -> None:
        """Certificate numbers in columns that are not read."""
        width = len(cells)
        beside = self._beside.get(width)
        if beside is None:
            beside = self._beside[width] = [c for c in range(width) if c not in self._targets]
        for column in beside:
            cell = cells[column]
            if type(cell) is str and _holds_certificate(cell):
                first, count = self.certificates.get(column, (number, 0))
                self.certificates[column] = (first, count + 1)

    def _tell_covered(self, number: int, covered: list[Covered]) -> None:
        for found in covered:
            text = (
                f"表上显示的是“{as_text(found.shown)}”" if found.shown != "" else "表上看不到该内容"
            )
            self._report.at("MERGED_OVER", number, found.column, as_text(found.value), text)

    def _is_data(self, number: int, cells: list[object]) -> bool:
        """False for blank, section, summary and repeated header rows; those worth telling are reported."""
        name = self._cell(cells, "unit_name")
        named = type(name) is str and len(name) > 3 and not (name.isspace() or is_nothing(name))
        if named and len(cells) - cells.count("") > 3:
            return self._is_named_data(number, cells)
        texts = [
            (column, cell) for column, cell in enumerate(cells) if cell != "" and not _empty(cell)
        ]
        if not texts:
            return False
        if len(texts) <= 2 and self._is_section(number, texts):
            return False
        if self._is_total(number, cells, *texts[0]):
            return False
        if len(texts) > 2 and self._is_heading(number, cells):
            return False
        return self._says_something(number, texts)

    def _is_named_data(self, number: int, cells: list[object]) -> bool:
        """The same for a row that names a unit and more: it is data, a total or a heading."""
        column, first = next((c, cell) for c, cell in enumerate(cells) if cell != "")
        return not (self._is_total(number, cells, column, first) or self._is_heading(number, cells))

    def _is_total(self, number: int, cells: list[object], column: int, first: object) -> bool:
        """True for a total, a note or a signature: the first cell says so, or the one of the unit's name."""
        own = self._place.columns["unit_name"]
        name = self._cell(cells, "unit_name")
        for place, cell in ((column, first), (own, name)):
            if not isinstance(cell, str) or not _is_summary(cell) or self._has_identity(cells):
                continue
            if place == own and headers.BODY.search(compact(cell)):
                continue  # 注塑机械有限公司 and its like
            self._report.at("ROW_SUMMARY", number, place, cell)
            return True
        return False

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
        self._use(Place(place.sheet, place.columns, code, self._districts.name(code)))
        return True

    def _has_identity(self, cells: list[object]) -> bool:
        """A row with a certificate number or a valid credit code is data, whatever its first cell says."""
        number, code = (self._cell(cells, target) for target in ("cert_no", "uscc"))
        if isinstance(number, str) and "量标" in number:
            return True
        return isinstance(code, str) and code != "" and is_valid_uscc(normalise_uscc(code))

    def _cell(self, cells: list[object], target: str) -> object:
        column = self._place.columns.get(target)
        return cells[column] if column is not None and column < len(cells) else ""

    def _is_heading(self, number: int, cells: list[object]) -> bool:
        column = self._place.columns["unit_name"]
        cell = cells[column] if column < len(cells) else ""
        titled = isinstance(cell, str) and len(cell) < 20 and headers.match(cell) != ""
        if titled and headers.known(cells) >= headers.ENOUGH:
            self._again(cells)
            self._report.at("HEADER_REPEATED", number, column, cell)
            return True
        if number == self._header.last_row + 1 and _counts_up(cells):
            self._report.at("HEADER_REPEATED", number, 0, "栏号行")
            return True
        return False

    def _again(self, cells: list[object]) -> None:
        """Take a second header over when it has other columns than the first one."""
        header = headers.find([(1, cells)], {})
        if header is None or "unit_name" not in header.columns.values():
            return
        if header.texts != self._header.texts:
            place, columns = self._place, self._by_target(header)
            self._use(Place(place.sheet, columns, place.district, place.district_name))

    def _says_something(self, number: int, texts: list[tuple[int, object]]) -> bool:
        targets = {self._targets.get(column) for column, _ in texts}
        if len(texts) > 3 or (
            targets & _DATA_ALONE and not (len(texts) == 1 and number in self._merges.wide)
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
        if self._above is not None and self._continues(named, own, self._above[0]):
            above, above_filled, above_number = self._above
            for target in UNIT_LEVEL:
                if target in named and _blank(named[target]) and not _blank(above[target]):
                    named[target] = above[target]
                    filled[target] = above_filled.get(target, above_number)
        self._above = (named, filled, number)
        for target in self._empty_so_far & named.keys():
            if named[target] != "":
                self._empty_so_far.discard(target)
                self.filled_columns.add(self._place.columns[target])
        yield from self._records.build(number, named, filled, self._place)

    def _continues(
        self, named: dict[str, object], own: list[object], above: dict[str, object]
    ) -> bool:
        """True for a further standard of the unit above: no number of its own and no other unit named."""
        if not _blank(self._cell(own, "seq")):
            return False
        if _blank(above["unit_name"]):
            return False
        name = named["unit_name"]
        if not _blank(name) and name_key(as_text(name)) != name_key(as_text(above["unit_name"])):
            return False
        code, code_above = named.get("uscc", ""), above.get("uscc", "")
        if _blank(code) or _blank(code_above):
            return True
        return normalise_uscc(as_text(code)) == normalise_uscc(as_text(code_above))


def _empty(cell: object) -> bool:
    """True for blanks and for the strokes people draw through an empty line."""
    return isinstance(cell, str) and (cell.isspace() or is_nothing(cell))


def _holds_certificate(text: str) -> bool:
    return "量标" in text and _SERIAL.search(text) is not None


def _is_summary(text: str) -> bool:
    text = text.strip()
    if text[:1] not in _SUMMARY_STARTS and text[-1:] not in _SUMMARY_ENDS:
        return False
    return _SUMMARY.search(compact(text)) is not None


def _blank(cell: object) -> bool:
    return cell == "" or (isinstance(cell, str) and (cell.isspace() or is_ditto(cell)))


def _counts_up(cells: list[object]) -> bool:
    """True for a row of column numbers: 1 2 3 4."""
    texts = [compact(as_text(cell)).strip("()") for cell in cells if cell != ""]
    return (
        len(texts) > 2
        and all(text.isdigit() for text in texts)
        and [int(t) for t in texts] == list(range(int(texts[0]), int(texts[0]) + len(texts)))
    )
