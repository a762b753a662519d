"""The parts of an .xlsx package, found as the standard says: by its relations, whatever parts are called.

Excel opens packages with backslashes in names, a workbook outside xl/ or names in other letters. The
native reader knows only the usual places; for it such a package is laid out anew.
"""

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import quoteattr

from .unreadable import UnreadableFile
from .xlsx_scan import refuse_declarations
from .xlsx_styles import is_true, local

MAX_UNPACKED = 500 << 20
MAX_TEXTS = 200 << 20
MAX_PARTS = 5000
_USUAL = {"main": "xl/workbook.xml", "texts": "xl/sharedStrings.xml", "styles": "xl/styles.xml"}
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_MERGES = re.compile(rb"<((?:\w+:)?)mergeCells\b.{0,50000000}?</\1mergeCells\s*>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Relation:
    """Where one part points to: what for, and the name of the other part."""

    kind: str
    part: str


def _related(relations: list[str]) -> str:
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(relations)}</Relationships>'


class Package:
    """A zip file with parts under their canonical names; raises ValueError and its like when damaged."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self._names: dict[str, zipfile.ZipInfo] = {}
        for info in self.zip.infolist():
            # zipfile itself turns the separator of this system only
            name = info.orig_filename.split("\0")[0].replace("\\", "/")
            name = posixpath.normpath(f"/{name}").lstrip("/")
            self._names.setdefault(name.lower(), info)
        self.main = self._main()

    @property
    def names(self) -> list[str]:
        """All parts, in small letters."""
        return list(self._names)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._names

    def open(self, name: str):
        """One part as a stream."""
        return self.zip.open(self._names[name.lower()])

    def read(self, name: str) -> bytes:
        data = self.zip.read(self._names[name.lower()])
        refuse_declarations(data)
        return data

    def tree(self, name: str) -> ET.Element:
        return ET.fromstring(self.read(name))  # noqa: S314 -- read refuses entity declarations

    def relations(self, part: str) -> dict[str, Relation]:
        """What a part points to, by id; the package itself is the empty name."""
        folder, base = posixpath.split(part)
        name = posixpath.join(folder, "_rels", f"{base}.rels")
        if name not in self:
            return {}
        found = {}
        for element in self.tree(name):
            target = unquote(element.get("Target", "")).replace("\\", "/")
            path = target if target.startswith("/") else f"/{folder}/{target}"
            path = posixpath.normpath(path).lstrip("/")
            found[element.get("Id", "")] = Relation(element.get("Type", ""), path)
        return found

    def _main(self) -> str:
        """The workbook, or an empty name when there is none."""
        named = [r.part for r in self.relations("").values() if r.kind.endswith("/officeDocument")]
        for name in (*named, _USUAL["main"]):
            if name in self and not name.lower().endswith(".bin") and self._is_workbook(name):
                return name
        return ""

    def _is_workbook(self, name: str) -> bool:
        return local(self.tree(name).tag) == "workbook"

    def guard(self) -> None:
        """Refuse what would unfold without end, and read all parts once: damage is met here."""
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
                f"文件展开后有{total / (1 << 20):.0f} MB，超过上限。请删除无关的工作表、图片和格式后重新上传。",
            )
        for name, info in self._names.items():
            # A part longer than it claims, or damaged, is caught here and not in native code.
            if not name.startswith("xl/worksheets/sheet"):
                with self.zip.open(info) as part:
                    head = part.read(1 << 20)
                    if name.endswith((".xml", ".rels")):
                        refuse_declarations(head)
                    while part.read(1 << 20):
                        pass

    def sheets(self) -> dict[str, str]:
        """The part of every sheet by its title."""
        targets, found = self.relations(self.main), {}
        for element in self.tree(self.main).iter():
            if local(element.tag) == "sheet":
                relation = next((v for k, v in element.attrib.items() if local(k) == "id"), "")
                target = targets.get(relation)
                found[element.get("name", "")] = target.part if target else ""
        return found

    def date1904(self) -> bool:
        """Whether days are counted from 1904."""
        properties = (e for e in self.tree(self.main).iter() if local(e.tag) == "workbookPr")
        return any(is_true(e.get("date1904", "")) for e in properties)

    def beside(self, what: str) -> str:
        """The part with the shared texts or the styles; an empty name when there is none."""
        ending = {"texts": "/sharedStrings", "styles": "/styles"}[what]
        for relation in self.relations(self.main).values():
            if relation.kind.endswith(ending) and relation.part in self:
                return relation.part
        return _USUAL[what] if _USUAL[what] in self else ""

    def usual(self, *, merges_left_out: bool = False) -> bytes:
        """The bytes the native reader can follow: these, or the package laid out in the usual way.

        Merged ranges of whole rows and columns (``1:1``) stop that reader; it can do without any.
        """
        named = {"main": self.main, "texts": self.beside("texts"), "styles": self.beside("styles")}
        plain = all(
            not part or (part == _USUAL[what] and self._names[part.lower()].filename == part)
            for what, part in named.items()
        )
        backslashes = any("\\" in info.orig_filename for info in self.zip.infolist())
        same = all(
            part not in self or self._names[part.lower()].filename == part
            for part in self.sheets().values()
        )
        usual = plain and same and not backslashes and not merges_left_out
        return self._data if usual else self._laid_out(named)

    def _laid_out(self, named: dict[str, str]) -> bytes:
        places = {self.main: _USUAL["main"]}
        relations = []
        for number, (key, relation) in enumerate(self.relations(self.main).items()):
            ending = relation.kind.rpartition("/")[2]
            if relation.part not in self or ending not in {
                "worksheet",
                "chartsheet",
                "sharedStrings",
                "styles",
            }:
                continue
            if ending in {"worksheet", "chartsheet"}:
                place = f"xl/{ending}s/sheet{number}.xml"
            else:
                place = _USUAL["texts" if ending == "sharedStrings" else "styles"]
            places[relation.part] = place
            relations.append(
                f'<Relationship Id={quoteattr(key)} Type="{_TYPES}/{ending}"'
                f' Target="{place.removeprefix("xl/")}"/>'
            )
        for what, part in named.items():
            if part and part not in places:
                places[part] = _USUAL[what]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
            for part, place in places.items():
                content = self.read(part)
                if place.startswith("xl/worksheets/"):
                    content = _MERGES.sub(b"", content)
                new.writestr(place, content)
            new.writestr("[Content_Types].xml", _CONTENT)
            new.writestr(
                "_rels/.rels",
                _related(
                    [
                        f'<Relationship Id="r1" Type="{_TYPES}/officeDocument" Target="xl/workbook.xml"/>'
                    ]
                ),
            )
            new.writestr("xl/_rels/workbook.xml.rels", _related(relations))
        return buffer.getvalue()
