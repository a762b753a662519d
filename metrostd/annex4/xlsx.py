"""Reading .xlsx: values through calamine, everything calamine does not tell from the parts of the package."""

import io
from collections.abc import Iterator

from openpyxl.reader.strings import read_string_table
from openpyxl.utils.datetime import CALENDAR_MAC_1904, WINDOWS_EPOCH
from openpyxl.worksheet._reader import WorkSheetParser
from python_calamine import CalamineWorkbook, SheetVisibleEnum
from python_calamine import load_workbook as calamine_load

from .drawings import drawings_of
from .package import Package
from .sheets import CellError, Row, Sheet, Workbook
from .unreadable import damage_refused
from .xlsx_scan import Scan, plain_scan, scan
from .xlsx_styles import Styles, Texts, local, read_styles, read_texts

MAX_RECTANGLE = 4_000_000  # cells; a rectangle beyond this is read cell by cell instead


def read(package: Package, name: str, sha256: str) -> Workbook:
    """The workbook in a package; raises UnreadableFile when it is damaged, locked or a trap."""
    with damage_refused():
        package.guard()
        source = _Source(package)
        scans = {title: source.scan(title) for title in source.parts}
        whole = any(found.open_merges for found in scans.values())
        book = calamine_load(io.BytesIO(package.usual(merges_left_out=whole)))
        sheets = [_sheet(book, source, scans, n) for n in range(len(book.sheet_names))]
        date1904 = package.date1904()
    kept = [sheet for sheet in sheets if sheet is not None]
    linked = any(n.startswith("xl/externallinks/") for n in package.names)
    return Workbook(name, "xlsx", sha256, kept, date1904, linked)


class _Source:
    """The sheets of a package, and what they share."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.parts = package.sheets()
        styles = package.beside("styles")
        self.styles: Styles = read_styles(package.tree(styles) if styles else None)
        self.texts: Texts = {}
        self._shared = package.beside("texts")
        if self._shared and b"strike" in (content := package.read(self._shared)):
            del content
            self.texts = read_texts(package.tree(self._shared))
            self.styles.parts = bool(self.texts)

    def scan(self, sheet: str) -> Scan:
        """The facts of one sheet."""
        part = self.parts.get(sheet, "")
        if part not in self.package or "/chartsheets/" in f"/{part}":
            return Scan()
        result = None
        if not self.styles.parts:
            with self.package.open(part) as stream:
                result = plain_scan(stream, self.styles)
        if result is None:
            with self.package.open(part) as stream:
                result = scan(stream, self.styles, self.texts)
        for relation in self.package.relations(part).values():
            if relation.part not in self.package:
                continue
            if relation.kind.endswith("/comments"):
                result.facts.comments = list(self._comments(relation.part))
            elif relation.kind.endswith("/drawing"):
                result.facts.drawings += drawings_of(self.package.tree(relation.part))
            elif relation.kind.endswith("/table") and self._is_filtered(relation.part):
                result.facts.filtered = True
        return result

    def _is_filtered(self, part: str) -> bool:
        return any(local(e.tag) == "filterColumn" for e in self.package.tree(part).iter())

    def _comments(self, part: str) -> Iterator[tuple[str, str]]:
        for element in self.package.tree(part).iter():
            if local(element.tag) == "comment":
                text = "".join(t.text or "" for t in element.iter() if local(t.tag) == "t")
                yield element.get("ref", ""), text.strip()

    def shared(self) -> list[str]:
        """All shared texts."""
        if not self._shared:
            return []
        with self.package.open(self._shared) as stream:
            return read_string_table(stream)


def _sheet(
    book: CalamineWorkbook, source: _Source, scans: dict[str, Scan], index: int
) -> Sheet | None:
    meta = book.sheets_metadata[index]
    if "/chartsheets/" in f"/{source.parts.get(meta.name, '')}":
        return None
    found = scans.get(meta.name) or Scan()
    hidden = meta.visible != SheetVisibleEnum.Visible
    if found.last_row * (found.last_column + 1) > MAX_RECTANGLE:
        return Sheet(meta.name, _Sparse(source, meta.name), hidden, found.merged, found.facts)
    sheet = book.get_sheet_by_index(index)
    return Sheet(meta.name, DenseRows(sheet), hidden, found.merged, found.facts)


class DenseRows:
    """Rows of a calamine sheet, which stay outside Python until they are asked for."""

    def __init__(self, sheet) -> None:
        self._sheet = sheet

    def __call__(self) -> Iterator[Row]:
        start = self._sheet.start
        if start is None:
            return
        pad = [""] * start[1]
        for number, cells in enumerate(self._sheet.iter_rows(), start=1):
            if cells.count("") != len(cells):
                yield number, pad + cells if pad else cells


class _Sparse:
    """Rows of a sheet with a stray cell far away: slower, but only cells that exist take room."""

    def __init__(self, source: _Source, name: str) -> None:
        self._source, self._name = source, name

    def __call__(self) -> Iterator[Row]:
        package = self._source.package
        epoch = CALENDAR_MAC_1904 if package.date1904() else WINDOWS_EPOCH
        with package.open(self._source.parts[self._name]) as stream:
            parser = WorkSheetParser(
                stream,
                self._source.shared(),
                data_only=True,
                epoch=epoch,
                date_formats=self._source.styles.dates,
                timedelta_formats=set(),
            )
            for number, cells in parser.parse():
                filled = [c for c in cells if c["value"] is not None and c["value"] != ""]
                if filled:
                    yield number, _line(filled)


def _line(cells: list[dict]) -> list[object]:
    """A row list up to column ZZ; what lies further out is left over stray content."""
    near = [cell for cell in cells if cell["column"] <= 702]
    line: list[object] = [""] * max((cell["column"] for cell in near), default=0)
    for cell in near:
        value = cell["value"]
        line[cell["column"] - 1] = CellError(value) if cell["data_type"] == "e" else value
    return line
