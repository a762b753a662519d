"""Office files: what they are, whether they are whole, and what hides in them."""

import io
import posixpath
import re
import zipfile

from .compound import CompoundFile
from .fault import Fault
from .kinds import DOCX, XLSX

MAX_PARTS = 5000
MAX_UNPACKED = 200 << 20

_BLOCK = 1 << 20
_SAVE_AS = "请用 Excel、Word 或 WPS 打开，另存为{}后再传。"
#: Suffixes of the packages, told by the folder their main part lies in, and the kind they are.
_MAINS = {"xl/workbook.xml": XLSX, "word/document.xml": DOCX}
_PLAIN = {XLSX: ".xlsx", DOCX: ".docx"}
_MAIN_TYPES = {
    b"spreadsheetml.sheet.main+xml": XLSX,
    b"spreadsheetml.template.main+xml": XLSX,
    b"wordprocessingml.document.main+xml": DOCX,
    b"wordprocessingml.template.main+xml": DOCX,
    b"ms-excel.sheet.macroenabled.main+xml": XLSX,
    b"ms-word.document.macroenabled.main+xml": DOCX,
}
_MACROS = re.compile(
    r"(?:vbaproject\.bin|vbadata\.xml)$|/activex/|^xl/macrosheets/|^xl/intlmacrosheets/"
)
#: Declarations of entities, in letters of one byte or of two.
_DECLARES = re.compile(b"<!DOCTYPE|" + re.escape("<!DOCTYPE".encode("utf-16-le")))
#: A template by its address in the network; one on the writer's own disk is only a memory of it.
_FETCHED = re.compile(rb"Target=[\"'](?:https?:|\\\\|file://(?!/)|file:////)", re.IGNORECASE)
_RELATION = re.compile(rb"<Relationship\b[^>]*>")
_OTHERS = {
    "ppt/presentation.xml": "演示文稿（.pptx）",
    "xl/workbook.bin": "二进制工作簿（.xlsb）",
    "content.xml": " OpenDocument 文档（.odt、.ods）",
    "ofd.xml": " OFD 文件",
    "meta-inf/manifest.mf": " Java 程序（.jar）",
    "androidmanifest.xml": "安卓安装包（.apk）",
}


def package(data: bytes) -> tuple[str, Fault | None]:
    """The kind of a zip package and what speaks against it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _package(archive)
    except Exception:  # a damaged archive makes zipfile raise nearly anything
        return "", Fault(
            "type_refused", looks_like="不完整或已损坏的压缩包（也可能是没有传完的 Office 文件）"
        )


def _package(archive: zipfile.ZipFile) -> tuple[str, Fault | None]:
    parts = archive.infolist()
    names = {_plain(part.filename): part for part in parts}
    kind = next((kind for main, kind in _MAINS.items() if main in names), "") or _declared(archive)
    if not kind:
        found = next((words for main, words in _OTHERS.items() if main in names), "压缩包")
        return "", Fault("type_refused", looks_like=found)
    if any(part.flag_bits & 1 for part in parts):
        return kind, Fault("password", "设有密码，他人无法查看。请取消密码保护后再传。")
    if any(map(_MACROS.search, names)):
        return kind, Fault(
            "macros", f"含有宏程序，不予接收。{_SAVE_AS.format(f'不含宏的 {_PLAIN[kind]} ')}"
        )
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        return kind, Fault(
            "too_large",
            f"解压后超过 {MAX_UNPACKED >> 20} MB，请删除无关的工作表、图片和格式后再传。",
        )
    return kind, _unpacks(archive)


def _plain(name: str) -> str:
    """A part's name as its package means it; some programs write the separators of Windows."""
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/").lower()


def _declared(archive: zipfile.ZipFile) -> str:
    """The kind the list of contents declares, for a main part that lies elsewhere."""
    for part in archive.infolist():
        if _plain(part.filename) == "[content_types].xml":
            with archive.open(part) as source:
                told = source.read(_BLOCK).lower()
            return next((kind for main, kind in _MAIN_TYPES.items() if main in told), "")
    return ""


def _unpacks(archive: zipfile.ZipFile) -> Fault | None:
    """Every part unpacks to what it claims, and the parts to read declare no entities."""
    try:
        for part in archive.infolist():
            with archive.open(part) as source:
                head = source.read(_BLOCK)
                name = _plain(part.filename)
                if name.endswith((".xml", ".rels")) and _DECLARES.search(head):
                    return Fault("damaged", "内部有不应出现的声明，可能已被改动，请另存后再传。")
                if _calls_out(name, head):
                    return Fault(
                        "active_content",
                        "打开时会启动其他程序或者从网上取模板，不予接收。请新建一份，把内容复制过去后再传。",
                    )
                while source.read(_BLOCK):
                    pass
    except Exception:  # a part longer than it claims, or damaged
        return Fault("damaged", "不完整或已损坏，请用原程序打开并另存后再传。")
    return None


def _calls_out(name: str, head: bytes) -> bool:
    """A link that starts a program (DDE), or a template that is fetched from elsewhere on opening."""
    if name.startswith("xl/externallinks/"):
        return b"ddeLink" in head
    relations = _RELATION.findall(head) if name == "word/_rels/settings.xml.rels" else ()
    return any(b"attachedTemplate" in each and _FETCHED.search(each) for each in relations)


def compound(data: bytes) -> Fault:
    """What a file of the old Office formats is; none of them is taken in."""
    try:
        names = {name.lower() for name in CompoundFile(data).names}
    except ValueError:
        return Fault("type_refused", looks_like="不完整或已损坏的旧版 Office 文件")
    if "encryptedpackage" in names:
        return Fault(
            "password", "是设有打开密码的 Office 文件，他人无法查看。请取消密码保护后再传。"
        )
    for stream, what, wanted in (
        ("workbook", "Excel 97–2003 工作簿（.xls）", " .xlsx "),
        ("book", "Excel 5.0/95 工作簿（.xls）", " .xlsx "),
        ("worddocument", "Word 97–2003 文档（.doc）", " .docx "),
        ("powerpoint document", "PowerPoint 97–2003 演示文稿（.ppt）", " PDF "),
    ):
        if stream in names:
            return Fault("old_office", f"是 {what}，这里不收旧格式。{_SAVE_AS.format(wanted)}")
    if "__properties_version1.0" in names:
        return Fault("type_refused", looks_like=" Outlook 邮件（.msg）")
    return Fault("type_refused", looks_like="旧版 Office 或其他程序的复合文档")
