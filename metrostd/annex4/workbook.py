"""From uploaded bytes to a ``Workbook``. What a file is, is decided by its content and never by its name."""

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import PurePath

from python_calamine import SheetVisibleEnum
from python_calamine import load_workbook as calamine_load

from . import biff, csv_text, xlsx
from .ole import SIGNATURE, CompoundFile, rewrapped
from .package import Package
from .sheets import Row, Sheet, Workbook
from .unlocking import unlocked
from .unreadable import UnreadableFile, damage_refused

MAX_BYTES = 50 << 20
MAX_XLS_RECTANGLE = 8_000_000

_ACCEPTED = "请用表格软件（Excel、WPS 表格）打开，另存为 .xlsx 后重新上传。"
_COPY = "请把其中的表格复制到表格软件（Excel、WPS 表格），另存为 .xlsx 后重新上传。"
_UNPACK = "请先解压，再上传其中的表格。"
_ORIGINAL = "请向填报单位索取原来的电子表格后重新上传。"
_LOCKED = (
    "文件设有打开密码或已加密，无法读取。打开时不问密码的，是设了工作簿保护或“只读”密码；"
    "请在表格软件中取消保护和密码，另存后重新上传。"
)
_MAGIC = (
    (b"%PDF", " PDF 文件", _ORIGINAL),
    (b"Rar!", " RAR 压缩包", _UNPACK),
    (b"7z\xbc\xaf", " 7z 压缩包", _UNPACK),
    (b"\x89PNG", "图片", _ORIGINAL),
    (b"\xff\xd8\xff", "图片", _ORIGINAL),
    (b"GIF8", "图片", _ORIGINAL),
    (b"{\\rtf", " RTF 文档", _COPY),
    (b"MIME-Version", "单个文件网页（.mht）", _ACCEPTED),
)


def read_workbook(data: bytes, name: str) -> Workbook:
    """Read .xlsx, .xls or .csv by content.

    Raises UnreadableFile with a Chinese sentence that names what the file really is.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableFile("EMPTY_FILE", "文件是空的，没有任何内容。请检查后重新上传。")
    if len(data) > MAX_BYTES:
        raise UnreadableFile(
            "TOO_LARGE",
            f"文件有{len(data) / (1 << 20):.0f} MB，超过{MAX_BYTES >> 20} MB的上限。请拆分后上传。",
        )
    digest = hashlib.sha256(data).hexdigest()
    if data.startswith(b"PK"):
        return _read_package(data, name, digest)
    if data.startswith(SIGNATURE):
        return _read_compound(data, name, digest)
    for magic, what, advice in _MAGIC:
        if data.startswith(magic):
            raise UnreadableFile("WRONG_KIND", f"这是{what}，不是电子表格。{advice}")
    return _read_text(data, name, digest)


def _read_package(data: bytes, name: str, digest: str) -> Workbook:
    with damage_refused():
        package = Package(data)
    if not package.main:
        raise UnreadableFile("WRONG_KIND", _what_package(package.names))
    return xlsx.read(package, name, digest)


def _what_package(names: list[str]) -> str:
    folders = {name.split("/")[0] for name in names}
    if "word" in folders:
        what, advice = " Word 文档（.docx）", _COPY
    elif "ppt" in folders:
        what, advice = "演示文稿（.pptx）", _COPY
    elif any(name.endswith("workbook.bin") for name in names):
        what, advice = "二进制工作簿（.xlsb）", _ACCEPTED
    elif "content.xml" in folders:
        what, advice = " OpenDocument 文档（.ods 或 .odt）", _ACCEPTED
    elif not any(name.endswith((".xlsx", ".xls", ".csv", ".et")) for name in names) and folders & {
        "[content_types].xml",
        "_rels",
        "xl",
    }:
        what, advice = "不完整的 Office 文件，其中没有工作簿", _ACCEPTED
    elif any(name.endswith("/xl/workbook.xml") for name in names):
        what, advice = "拆开后重新压缩的工作簿", _ORIGINAL
    else:
        what, advice = "压缩包", _UNPACK
    return f"这是{what}，不是 .xlsx、.xls 或 .csv 表格。{advice}"


def _read_compound(data: bytes, name: str, digest: str) -> Workbook:
    with damage_refused():
        compound = CompoundFile(data)
    names = compound.names
    plain = {n.lower() for n in names}
    if "encryptedpackage" in plain:
        opened = unlocked(data)
        if opened is None or not opened.startswith(b"PK"):
            raise UnreadableFile("PASSWORD", _LOCKED)
        return _read_package(opened, name, digest)
    if "worddocument" in plain:
        raise UnreadableFile("WRONG_KIND", "这是 Word 或 WPS 文字文档，不是电子表格。" + _COPY)
    if "powerpoint document" in plain:
        raise UnreadableFile("WRONG_KIND", "这是演示文稿，不是电子表格。" + _COPY)
    wanted = {"workbook": "Workbook", "book": "Book"}
    stream = next((s for w in wanted for s in names if s.lower() == w), None)
    if stream is None:
        raise UnreadableFile("NOT_A_WORKBOOK", "文件中没有工作簿内容，不是电子表格。" + _ACCEPTED)
    with damage_refused():
        content = compound.stream(stream)
        if biff.scan(content).encrypted and (opened := unlocked(data)):
            content = CompoundFile(opened).stream(stream)
        return _read_xls(wanted[stream.lower()], content, name, digest)


def _read_xls(stream: str, content: bytes, name: str, digest: str) -> Workbook:
    found = biff.scan(content)
    encoding, content = found.encoding, biff.remarked(content, found)
    if found.encrypted:
        raise UnreadableFile("PASSWORD", _LOCKED)
    for row, column in found.corners:
        if (row + 1) * (column + 1) > MAX_XLS_RECTANGLE:
            raise UnreadableFile(
                "TOO_LARGE", "工作表的末端有零散内容，请删除空白区域的内容后重新上传。"
            )
    book = calamine_load(io.BytesIO(rewrapped(stream, content)))
    facts = dict(zip(book.sheet_names, found.sheets, strict=False))
    sheets = []
    for index, meta in enumerate(book.sheets_metadata):
        sheet = book.get_sheet_by_index(index)
        merged = [
            (t + 1, left, b + 1, right) for (t, left), (b, right) in sheet.merged_cell_ranges or []
        ]
        hidden = meta.visible != SheetVisibleEnum.Visible
        known = {"facts": facts[meta.name]} if meta.name in facts else {}
        title, rows = meta.name, xlsx.DenseRows(sheet)
        source: Callable[[], Iterator[Row]] = rows
        if encoding:
            title, source = biff.recoded(title, encoding), biff.RecodedRows(rows, encoding)
        sheets.append(Sheet(title, source, hidden, merged, **known))
    return Workbook(name, "xls", digest, sheets, found.date1904, found.external_links)


def _read_text(data: bytes, name: str, digest: str) -> Workbook:
    head = data[:2000].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")):
        raise UnreadableFile(
            "WRONG_KIND", "这是网页格式的表格，不是真正的 Excel 文件。" + _ACCEPTED
        )
    if head.startswith(b"<?xml"):
        raise UnreadableFile(
            "WRONG_KIND", "这是 XML 格式的表格，不是 .xlsx 或 .xls 文件。" + _ACCEPTED
        )
    decoded = csv_text.decode(data)
    if decoded is None:
        raise UnreadableFile(
            "NOT_A_WORKBOOK", "文件不是 .xlsx、.xls 或 .csv 表格，无法识别其内容。" + _ACCEPTED
        )
    text, _ = decoded
    return Workbook(
        name, "csv", digest, [Sheet(PurePath(name).stem or "表格", csv_text.CsvRows(text))]
    )
