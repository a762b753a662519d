"""Writes the files of the corpus anew. The tests read the committed files and need none of this.

From the root of the repository, with LibreOffice Calc (``soffice``) and its Python bridge (Debian:
``libreoffice-calc-nogui python3-uno``) installed::

    .venv/bin/python -m tests.annex4.corpus.make [NAME ...]

With names (``10-dates.xls``) only those files are written. ``--propose`` then prints what the parser
reads in each as the start of an expectation, which a person checks line by line against the rules
before it is kept beside the file.
"""

import io
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from metrostd.annex4.ole import rewrapped

from . import more_lists  # noqa: F401 -- registers its lists
from .lists import HEAD, LISTS, line
from .reading import HERE, reading

_OFFICE = "/usr/bin/python3"
_PASSWORD = """
import sys, time, uno
from com.sun.star.beans import NamedValue, PropertyValue
source, target, form, pipe = sys.argv[1:]
local = uno.getComponentContext()
resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
for _ in range(100):
    try:
        context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        break
    except Exception:
        time.sleep(0.3)
desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
def value(name, content):
    found = PropertyValue()
    found.Name, found.Value = name, content
    return found
document = desktop.loadComponentFromURL(source, "_blank", 0, (value("Hidden", True),))
keys = (value("FilterName", form), value("Password", "示例123"))
if "2007" in form:  # the package of Office is encrypted as a whole
    secret = (NamedValue("CryptoType", "Standard"), NamedValue("OOXPassword", "示例123"))
    keys = (keys[0], value("EncryptionData", uno.Any("[]com.sun.star.beans.NamedValue", secret)))
document.storeToURL(target, keys)
document.close(True)
desktop.terminate()
"""


def texts() -> dict[str, bytes]:
    """Lists typed into an editor or saved by a program that knows only text."""
    rows = [HEAD, line(), line(2, "B", "直流电桥（Ω）检定装置", "在办", None, None), [None] * 8]
    rows[2][2] = '"天津㐂𠮷示例,乙机械有限公司\n"'
    plain = "\r\n".join(
        ",".join("" if cell is None else str(cell) for cell in cells) for cells in rows
    )
    tabs = "\n".join("\t".join(str(cell or "") for cell in cells) for cells in (HEAD, line()))
    two = "序号,所属区,单位信息,,计量标准名称,证书信息,,\n,,单位名称,信用代码,,证书号,发证日期,有效期至\n"
    return {
        "21-gb18030.csv": plain.encode("gb18030"),
        "21-gb18030-marked.csv": ("\ufeff" + plain).encode("gb18030"),
        "21-utf8.csv": plain.encode(),
        "21-utf8-marked.csv": plain.encode("utf-8-sig"),
        "21-utf16-tabs.txt": tabs.encode("utf-16"),
        "21-text-named.xls": plain.encode("gb18030"),
        "02-two-row-header.csv": (two + ",".join(map(str, line()))).encode("gb18030"),
        "21-unclosed-quote.csv": (plain + '\r\n3,"和平区,天津示例丙化工有限公司').encode("utf-8"),
    }


def others() -> dict[str, bytes]:
    """Files that are no workbook of the three kinds."""
    page = "<html><body><table><tr><td>序号</td><td>单位名称</td></tr></table></body></html>"
    mail = "MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n"
    return {
        "21-word-table.docx": _docx(),
        "21-page.xls": page.encode("gb18030"),
        "21-page.mht": mail.encode(),
        "21-archive.zip": _package({"名单.xlsx": b"PK"}),
        "21-notice.pdf": b"%PDF-1.4\n%%EOF\n",
        "21-cut-off.xlsx": (HERE / "01-titles.xlsx").read_bytes()[:3000],
        "21-excel-95.xls": biff5(),
        "20-external-link.xlsx": _linked(),
    }


def _package(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


def _docx() -> bytes:
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    cells = "".join(f"<w:tc><w:p><w:r><w:t>{h}</w:t></w:r></w:p></w:tc>" for h in HEAD)
    body = f'<w:document xmlns:w="{main}"><w:body><w:tbl><w:tr>{cells}</w:tr></w:tbl></w:body></w:document>'
    return _package({"[Content_Types].xml": b"<Types/>", "word/document.xml": body.encode()})


def _linked() -> bytes:
    """A list whose unit comes from another workbook, with the result saved as Excel saves it."""
    source = zipfile.ZipFile(HERE / "01-titles.xlsx")
    members = {name: source.read(name) for name in source.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    cell = re.compile(rb'<c r="C6" t="inlineStr"><is><t>[^<]*</t></is></c>')
    formula = '<c r="C6" t="str"><f>[1]Sheet1!$A$1</f><v>天津示例甲仪表有限公司</v></c>'
    members[sheet], count = cell.subn(formula.encode(), members[sheet])
    assert count == 1
    members["xl/externalLinks/externalLink1.xml"] = b"<externalLink/>"
    return _package(members)


def biff5() -> bytes:
    """A workbook as Excel 95 wrote it: texts in the code page of the machine (GBK), a stream named Book."""

    def record(kind: int, body: bytes = b"") -> bytes:
        return struct.pack("<HH", kind, len(body)) + body

    def bof(what: int) -> bytes:
        return record(0x0809, struct.pack("<4H", 0x0500, what, 0x07CC, 0x07CC))

    sheet = bof(0x0010) + record(0x0200, struct.pack("<5H", 0, 3, 0, 8, 0))
    for row, cells in enumerate([HEAD, line(1, issue=43252, until=44712), line(2, "B", 1, 2)]):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                text = cell.encode("gbk")
                sheet += record(0x0204, struct.pack("<4H", row, column, 0, len(text)) + text)
            else:
                sheet += record(0x0203, struct.pack("<3Hd", row, column, 0, cell))
    sheet += record(0x000A)
    name = "名单".encode("gbk")
    start = bof(0x0005) + record(0x0042, struct.pack("<H", 936))
    bound = struct.pack("<IHB", len(start) + 4 + 7 + len(name) + 4, 0, len(name)) + name
    return rewrapped("Book", start + record(0x0085, bound) + record(0x000A) + sheet)


def workbooks(wanted: list[str], folder: Path) -> None:
    """The lists, by openpyxl and, where the name says so, saved again by LibreOffice Calc."""
    for build, names in LISTS:
        for name in names:
            if wanted and name not in wanted:
                continue
            target = HERE / name
            build().save(folder / "plain.xlsx")
            if name.endswith(("-calc.xlsx", ".xls")):
                _convert(folder, target)
            else:
                shutil.copy(folder / "plain.xlsx", target)


def _convert(folder: Path, target: Path) -> None:
    kind = target.suffix[1:]
    out = folder / "out"
    command = ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
    subprocess.run(
        [*command, "--convert-to", kind, "--outdir", str(out), str(folder / "plain.xlsx")],
        check=True,
        capture_output=True,
    )
    shutil.copy(out / f"plain.{kind}", target)


def locked(wanted: list[str], folder: Path) -> None:
    """Files with a password, and the same list as WPS and OpenDocument name it."""
    kinds = {
        "21-password.xlsx": "Calc MS Excel 2007 XML",
        "21-password.xls": "MS Excel 97",
        "21-password.ods": "calc8",
    }
    for name, form in kinds.items():
        if wanted and name not in wanted:
            continue
        pipe = f"corpus{len(name)}{name[-1]}"
        profile = f"-env:UserInstallation=file://{folder}/profile"
        accept = f"--accept=pipe,name={pipe};urp;"
        office = subprocess.Popen(["soffice", profile, "--headless", accept])
        source = (HERE / "01-titles.xlsx").as_uri()
        arguments = [source, (HERE / name).as_uri(), form, pipe]
        subprocess.run([_OFFICE, "-c", _PASSWORD, *arguments], check=True)
        office.wait(60)
    if not wanted or "21-wps.et" in wanted:
        shutil.copy(HERE / "01-titles.xls", HERE / "21-wps.et")
    if not wanted or "21-open-document.ods" in wanted:
        shutil.copy(HERE / "01-titles.xlsx", folder / "plain.xlsx")
        _convert(folder, HERE / "21-open-document.ods")


def main(wanted: list[str]) -> None:
    propose = "--propose" in wanted
    wanted = [name for name in wanted if not name.startswith("--")]
    if not propose:
        with tempfile.TemporaryDirectory() as folder:
            workbooks(wanted, Path(folder))
            locked(wanted, Path(folder))
        for name, content in (texts() | others()).items():
            if not wanted or name in wanted:
                (HERE / name).write_bytes(content)
        return
    for path in sorted(HERE.iterdir()):
        if path.suffix in {".py", ".json"} or (wanted and path.name not in wanted):
            continue
        lines = []
        for key, value in reading(path).items():
            if isinstance(value, list) and value:
                items = ",\n  ".join(json.dumps(item, ensure_ascii=False) for item in value)
                lines.append(f' "{key}": [\n  {items}\n ]')
            else:
                lines.append(f' "{key}": {json.dumps(value, ensure_ascii=False)}')
        body = ",\n".join(lines)
        (HERE / f"{path.name}.json").write_text("{\n" + body + "\n}\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
