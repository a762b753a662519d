"""Reading .xlsx: values through calamine, everything calamine does not tell from the parts of the package."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from openpyxl import load_workbook as openpyxl_load
from openpyxl.worksheet._reader import WorkSheetParser
from python_calamine import CalamineWorkbook, SheetVisibleEnum
from python_calamine import load_workbook as calamine_load

from .sheets import CellError, Row, Sheet, Workbook
from .unreadable import UnreadableFile, damage_refused
from .xlsx_scan import Scan, refuse_declarations, scan

MAX_UNPACKED = 500 << 20
MAX_TEXTS = 200 << 20
MAX_PARTS = 5000
MAX_RECTANGLE = 4_000_000  # cells; a rectangle beyond this is read cell by cell instead

_DATE1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]{0,999}\bdate1904=\"(?:1|true)\"")


def read(data: bytes, name: str, sha256: str) -> Workbook:
    """The workbook in a zip package; raises UnreadableFile when it is damaged, locked or a trap."""
    with damage_refused():
        package = _Package(data)
        book = calamine_load(io.BytesIO(data))
        sheets = [_sheet(data, book, package, index) for index in range(len(book.sheet_names))]
    kept = [sheet for sheet in sheets if sheet is not None]
    return Workbook(name, "xlsx", sha256, kept, package.date1904, package.external_links)


class _Package:
    """The parts of the package this import cares about."""

    def __init__(self, data: bytes) -> None:
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self._guard()
        names = set(self.zip.namelist())
        main = next((n for n in names if n.lower() == "xl/workbook.xml"), "xl/workbook.xml")
        workbook = self._read(main)
        self.date1904 = _DATE1904.search(workbook) is not None
        self.external_links = any(n.startswith("xl/externalLinks/") for n in names)
        targets = self._relations(main)
        self.parts: dict[str, str] = {}
        for element in self._tree(main).iter():
            if element.tag.endswith("}sheet"):
                relation = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
                self.parts[element.get("name", "")] = targets.get(relation, ("", ""))[1]

    def _guard(self) -> None:
        infos = self.zip.infolist()
        if any(info.flag_bits & 1 for info in infos):
            raise UnreadableFile("PASSWORD", "文件设有密码，无法读取。请取消密码保护后重新上传。")
        texts = max(
            (i.file_size for i in infos if "sharedstrings" in i.filename.lower()), default=0
        )
        total = sum(info.file_size for info in infos)
        if len(infos) > MAX_PARTS:
            raise UnreadableFile(
                "TOO_LARGE",
                f"文件内部有{len(infos)}个部分，超过上限。请将名单复制到新的工作簿后重新上传。",
            )
        if total > MAX_UNPACKED or texts > MAX_TEXTS:
            raise UnreadableFile(
                "TOO_LARGE",
                f"文件解压后有{total / (1 << 20):.0f} MB，超过上限。请删除无关的工作表、图片和格式后重新上传。",
            )
        for info in (
            infos
        ):  # a part longer than it claims, or damaged, is caught here and not in native code
            if not info.filename.lower().startswith("xl/worksheets/sheet"):
                with self.zip.open(info) as part:
                    head = part.read(1 << 20)
                    if info.filename.lower().endswith((".xml", ".rels")):
                        refuse_declarations(head)
                    while part.read(1 << 20):
                        pass

    def _read(self, name: str) -> bytes:
        data = self.zip.read(name)
        refuse_declarations(data)
        return data

    def _tree(self, name: str) -> ET.Element:
        return ET.fromstring(self._read(name))  # noqa: S314 -- _read refuses entity declarations

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, base = posixpath.split(part)
        name = f"{folder}/_rels/{base}.rels"
        if name not in self.zip.NameToInfo:
            return {}
        found = {}
        for element in self._tree(name):
            target = element.get("Target", "")
            path = (
                target.lstrip("/")
                if target.startswith("/")
                else posixpath.normpath(f"{folder}/{target}")
            )
            found[element.get("Id", "")] = (element.get("Type", ""), path)
        return found

    def scan(self, sheet: str) -> Scan:
        part = self.parts.get(sheet, "")
        if part not in self.zip.NameToInfo:
            return Scan()
        with self.zip.open(part) as stream:
            result = scan(stream)
        for kind, path in self._relations(part).values():
            if path not in self.zip.NameToInfo:
                continue
            if kind.endswith("/comments"):
                result.facts.comments = list(self._comments(path))
            elif kind.endswith("/table") and b"filterColumn" in self._read(path):
                result.facts.filtered = True
        return result

    def _comments(self, path: str) -> Iterator[tuple[str, str]]:
        for element in self._tree(path).iter():
            if element.tag.endswith("}comment"):
                text = "".join(t.text or "" for t in element.iter() if t.tag.endswith("}t"))
                yield element.get("ref", ""), text.strip()


def _sheet(data: bytes, book: CalamineWorkbook, package: _Package, index: int) -> Sheet | None:
    meta = book.sheets_metadata[index]
    if package.parts.get(meta.name, "").startswith("xl/chartsheets"):
        return None
    found = package.scan(meta.name)
    hidden = meta.visible != SheetVisibleEnum.Visible
    if found.unusual or found.last_row * (found.last_column + 1) > MAX_RECTANGLE:
        return Sheet(meta.name, _Sparse(data, meta.name), hidden, found.merged, found.facts)
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

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = data, name

    def __call__(self) -> Iterator[Row]:
        with damage_refused():
            yield from self._rows()

    def _rows(self) -> Iterator[Row]:
        book = openpyxl_load(io.BytesIO(self._data), read_only=True, data_only=True)
        sheet = book[self._name]
        with sheet._get_source() as source:  # noqa: SLF001 -- the public reader pads every gap
            parser = WorkSheetParser(
                source,
                sheet._shared_strings,  # noqa: SLF001
                data_only=True,
                epoch=book.epoch,
                date_formats=book._date_formats,  # noqa: SLF001
                timedelta_formats=book._timedelta_formats,  # noqa: SLF001
            )
            for number, cells in parser.parse():
                filled = [c for c in cells if c["value"] is not None and c["value"] != ""]
                if filled:
                    yield number, _line(filled)
        book.close()


def _line(cells: list[dict]) -> list[object]:
    """A row list up to column ZZ; what lies further out is left over stray content."""
    near = [cell for cell in cells if cell["column"] <= 702]
    line: list[object] = [""] * max((cell["column"] for cell in near), default=0)
    for cell in near:
        value = cell["value"]
        line[cell["column"] - 1] = CellError(value) if cell["data_type"] == "e" else value
    return line
