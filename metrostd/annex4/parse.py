"""The parser: sheets in, clean rows and issues out. Reads top to bottom, once."""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import takewhile

from metrostd.common.text import is_nothing

from . import headers
from .checks import CrossChecks
from .districts import Districts
from .headers import Header
from .issues import Issue, Severity
from .lines import Lines
from .measures import is_measure
from .records import Records
from .report import Report
from .rows import ParsedList, ParsedRow, SheetInfo
from .sheets import (
    NoCachedValue,
    Row,
    Sheet,
    Workbook,
    as_seen,
    cell_name,
    column_letters,
    column_number,
    overlaid,
)
from .told import tell_drawings, tell_hidden

_NOTES = frozenset({"填写说明", "填表说明", "说明", "使用说明", "数据字典", "选项", "字典"})
_OF_TITLES = frozenset({"COLUMN_UNKNOWN", "COLUMN_DUPLICATE"})
_WHOLE_SHEET = frozenset({"NO_UNIT_COLUMN", "BLOCKS_SIDE_BY_SIDE"})
_CELL = re.compile(r"([A-Z]{1,3})(\d+)")


def parse(
    workbook: Workbook,
    *,
    districts: Mapping[str, str],
    on: dt.date,
    header_map: Mapping[str, Mapping[int, str]] | None = None,
    edits: Mapping[tuple[str, str], str] | None = None,
    category: str = "ent_highest",
    left_out: Collection[tuple[str, int]] = (),
) -> ParsedList:
    """Read every sheet of a list.

    ``districts`` gives the authority code for each way to write a district; ``on`` is the day certificates
    are judged by; ``header_map`` decides columns by hand (sheet to column index to target, empty to leave
    out); ``edits`` replaces cells before reading; ``category`` is what the list as a whole is about;
    rows ``left_out`` (sheet and number) are read, but neither checked nor compared with others.
    """
    report = Report()
    known = Districts(districts)
    records = Records(report, known, on=on, date1904=workbook.date1904, category=category)
    reader = _Reader(report, known, records, left_out)
    for sheet in workbook.sheets:
        reader.read(
            sheet, _edits_of(sheet.name, edits or {}), (header_map or {}).get(sheet.name, {})
        )
    if workbook.external_links:
        report.add("EXTERNAL_LINK", sheet=workbook.sheets[0].name)
    return reader.finish()


def _edits_of(name: str, edits: Mapping[tuple[str, str], str]) -> dict[int, dict[int, object]]:
    overlay: dict[int, dict[int, object]] = {}
    for (sheet, cell), text in edits.items():
        if sheet == name and (place := _CELL.fullmatch(cell)):
            overlay.setdefault(int(place[2]), {})[column_number(place[1])] = text
    return overlay


class _Reader:
    def __init__(
        self,
        report: Report,
        districts: Districts,
        records: Records,
        left_out: Collection[tuple[str, int]],
    ) -> None:
        self._left_out = left_out
        self._aside: list[ParsedRow] = []
        self._repeated: list[ParsedRow] = []
        self._report = report
        self._districts = districts
        self._records = records
        self._checks = CrossChecks(report)
        self._rows: list[ParsedRow] = []
        self._sheets: list[SheetInfo] = []
        self._unread: list[str] = []

    def read(
        self, sheet: Sheet, edits: dict[int, dict[int, object]], mapped: Mapping[int, str]
    ) -> None:
        self._report.sheet = sheet.name
        info = SheetInfo(sheet.name, district_code=self._districts.of_sheet(sheet.name))
        self._sheets.append(info)
        top = takewhile(lambda row: row[0] <= headers.SEARCH_ROWS + 1, _rows(sheet, edits))
        head = list(top)
        if not head and not any(True for _ in _rows(sheet, edits)):
            return
        header = self._header(sheet, head, mapped)
        if header is None:
            if sheet.name in _NOTES:
                self._report.add("SHEET_NOTES")
            else:
                self._unread.append(sheet.name)
            return
        info.header_row = header.last_row
        info.columns = {
            column: (header.columns.get(column), text) for column, text in header.texts.items()
        }
        info.columns |= {c: (t, header.texts.get(c, "")) for c, t in header.columns.items()}
        if _side_by_side(header):
            first = min(header.duplicates)
            title = header.texts[first]
            self._report.add(
                "BLOCKS_SIDE_BY_SIDE", f"{column_letters(first)}{header.last_row}", title
            )
            return
        self._report_columns(header, mapped)
        if header.assumed:
            self._report.add(
                "HEADER_ASSUMED", f"A{header.last_row}", "、".join(header.texts.values())
            )
        if "unit_name" not in header.columns.values():
            self._report.add(
                "NO_UNIT_COLUMN", f"A{header.last_row}", "、".join(header.texts.values())
            )
            return
        lines = Lines(sheet, header, self._report, self._districts, self._records, info)
        numbers = []
        for row in lines.read(_rows(sheet, edits)):
            numbers.append(row.row_no)
            if (sheet.name, row.row_no) in self._left_out:
                self._aside.append(row)
            elif self._checks.is_repeat(row):
                self._repeated.append(row)
            else:
                self._checks.unit(row)
                self._rows.append(row)
        info.data_rows = len(set(numbers))
        self._report_certificates(header, lines, mapped)
        self._report_markup(sheet, header, set(numbers))
        tell_hidden(self._report, sheet, header, set(numbers), edits)
        tell_drawings(self._report, sheet, header)
        self._report_hidden(sheet, header, numbers, lines.filled_columns)

    def _header(self, sheet: Sheet, head: list[Row], mapped: Mapping[int, str]) -> Header | None:
        wide: dict[int, list[tuple[int, int]]] = {}
        for top, left, _, right in sheet.merged:
            if right > left and top <= headers.SEARCH_ROWS:
                wide.setdefault(top, []).append((left, right))
        header = headers.find(head, wide)
        if header is None and mapped:
            header = headers.assume(head, mapped)
        if header is None:
            return None
        if mapped:
            return headers.apply_map(header, mapped)
        return _without_measures(header, head)

    def _report_columns(self, header: Header, mapped: Mapping[int, str]) -> None:
        for column, text in header.texts.items():
            cell = f"{column_letters(column)}{header.last_row}"
            if column in header.duplicates:
                name = headers.TARGET_NAMES[header.duplicates[column]]
                self._report.add("COLUMN_DUPLICATE", cell, text, f"“{name}”已有一列")
            elif column not in header.columns and column not in mapped:
                self._report.add("COLUMN_UNKNOWN", cell, text)

    def _report_certificates(self, header: Header, lines: Lines, mapped: Mapping[int, str]) -> None:
        for column, (first, count) in sorted(lines.certificates.items()):
            if column not in mapped:
                cell = f"{column_letters(column)}{max(header.last_row, 1)}"
                advice = f"第{first}行起有{count}行"
                title = header.texts.get(column, "")
                self._report.add("COLUMN_CERTIFICATES", cell, title, advice)

    def _report_markup(self, sheet: Sheet, header: Header, read: set[int]) -> None:
        """Struck-out text, and what stands in cells that are not read."""
        facts, report = sheet.facts, self._report
        for row in sorted(read & facts.struck.keys()):
            columns = sorted(facts.struck[row] & header.columns.keys())
            if columns:
                titles = "、".join(headers.TARGET_NAMES[header.columns[c]] for c in columns)
                report.add("STRUCK_OUT", cell_name(row, columns[0]), titles)
        for cell in facts.part_struck:
            report.add("STRUCK_PART", cell)
        said = {issue.cell for issue in report.issues if issue.sheet == sheet.name}
        for row, cells in sorted(facts.overlay.items()):
            for column, value in sorted(cells.items()):
                cell = cell_name(row, column)
                if isinstance(value, NoCachedValue) and cell not in said and row > header.last_row:
                    advice = "该单元格不导入"
                    report.add("FORMULA_NO_VALUE", cell, value, advice, severity=Severity.WARNING)

    def _report_hidden(
        self, sheet: Sheet, header: Header, numbers: list[int], filled: set[int]
    ) -> None:
        facts = sheet.facts
        if sheet.hidden and numbers:
            self._report.add("SHEET_HIDDEN", "", f"{len(set(numbers))}行数据")
        data_rows = set(numbers)
        for first, last in facts.hidden_rows:
            hidden = (
                sorted(data_rows.intersection(range(first, last + 1)))
                if first != last
                else ([first] if first in data_rows else [])
            )
            if hidden:
                found = (
                    f"第{hidden[0]}行"
                    if len(hidden) == 1
                    else f"第{hidden[0]}至{hidden[-1]}行共{len(hidden)}行"
                )
                self._report.add("ROWS_HIDDEN", f"A{hidden[0]}", found)
        for column in sorted(facts.hidden_columns & filled):
            title = header.texts.get(column, "")
            self._report.add("COLUMN_HIDDEN", f"{column_letters(column)}{header.last_row}", title)
        if facts.filtered:
            self._report.add("FILTER_ACTIVE", f"A{header.last_row}")
        for cell, text in facts.comments:
            self._report.add("COMMENT", cell, text)

    def finish(self) -> ParsedList:
        read_any = any(info.header_row for info in self._sheets)
        for name in self._unread:
            self._report.add("SHEET_SKIPPED" if read_any else "HEADER_NOT_FOUND", "A1", sheet=name)
        if (
            not self._rows
            and not self._aside
            and not self._unread
            and not any(i.code in _WHOLE_SHEET for i in self._report.issues)
        ):
            self._report.add("NO_DATA", sheet=self._sheets[0].name if self._sheets else "")
        self._checks.finish()
        issues = _once_for_all_sheets(self._report.issues)
        if self._left_out:
            issues = [issue for issue in issues if not self._is_aside(issue)]
        return ParsedList(self._rows, issues, self._sheets, self._repeated, self._aside)

    def _is_aside(self, issue: Issue) -> bool:
        place = _CELL.fullmatch(issue.cell)
        return place is not None and (issue.sheet, int(place[2])) in self._left_out


def _once_for_all_sheets(issues: list[Issue]) -> list[Issue]:
    """Titles that repeat on sheet after sheet are named once, with how many sheets more have them."""
    places: dict[tuple[str, str], list[str]] = {}
    for issue in issues:
        if issue.code in _OF_TITLES:
            places.setdefault((issue.code, issue.found), []).append(issue.sheet)
    kept = []
    for issue in issues:
        sheets = places.get((issue.code, issue.found), [])
        if issue.code in _OF_TITLES:
            if issue.sheet != sheets[0]:
                continue
            if more := len(set(sheets)) - 1:
                issue = replace(issue, advice=f"另有{more}个工作表也有此列。{issue.advice}")
        kept.append(issue)
    return kept


def _side_by_side(header: Header) -> bool:
    """True when the titles repeat as a whole: a second list stands to the right of the first."""
    again = set(header.duplicates.values())
    return "unit_name" in again and len(again) >= headers.ENOUGH


def _without_measures(header: Header, head: list[Row]) -> Header:
    """The header without a column of units of measure, which 单位 may head as well."""
    column = next((c for c, t in header.columns.items() if t == "unit_name"), None)
    if column is None:
        return header
    below = [
        cells[column] for number, cells in head if number > header.last_row and column < len(cells)
    ]
    names = [cell.strip() for cell in below if isinstance(cell, str) and not is_nothing(cell)]
    measures = sum(map(is_measure, names))
    return headers.without(header, column) if names and measures * 2 > len(names) else header


def _rows(sheet: Sheet, edits: dict[int, dict[int, object]]) -> Iterator[Row]:
    return as_seen(overlaid(sheet.rows(), edits))
