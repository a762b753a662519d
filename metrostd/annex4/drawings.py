"""Pictures and text boxes laid over the cells of a sheet: where they lie, and what a text box says.

The cells below are read as they are; what the drawing shows in their place is for a person to compare.
"""

import struct
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from .sheets import Drawing, Span
from .xlsx_styles import local

PICTURE, TEXT_BOX = "图片", "文本框"
_OBJ, _MSODRAWING = 0x005D, 0x00EC
#: OfficeArtClientAnchorSheet: its type and its length ([MS-XLS] 2.5.193).
_ANCHOR = struct.pack("<HI", 0xF010, 18)
_KINDS = {0x06: TEXT_BOX, 0x08: PICTURE}
_LONGEST = 60


def drawings_of(tree: ET.Element) -> list[Drawing]:
    """What a drawing part of a package lays over the cells of its sheet."""
    return [drawing for anchor in tree for drawing in _anchored(anchor)]


def _anchored(anchor: ET.Element) -> Iterator[Drawing]:
    """One anchor: groups and alternatives are looked through, one picture or text box stands for all."""
    inside = list(anchor.iter())
    names = {local(element.tag) for element in inside}
    text = "".join(e.text or "" for e in inside if local(e.tag) == "t").strip()
    if "pic" in names:
        yield Drawing(PICTURE, _span(anchor))
    elif "txBody" in names and text:
        yield Drawing(TEXT_BOX, _span(anchor), text[:_LONGEST])


def _span(anchor: ET.Element) -> Span:
    corners = {local(e.tag): e for e in anchor if local(e.tag) in ("from", "to")}
    top, left = _corner(corners.get("from"))
    bottom, right = _corner(corners["to"]) if "to" in corners else (top, left)
    return top, left, max(top, bottom), max(left, right)


def _corner(place: ET.Element | None) -> tuple[int, int]:
    """Row from one, column from zero; an anchor without cells lies at the first."""
    found = {local(e.tag): (e.text or "").strip() for e in place} if place is not None else {}
    row, column = found.get("row", ""), found.get("col", "")
    return (int(row) + 1 if row.isdecimal() else 1, int(column) if column.isdecimal() else 0)


class BiffDrawings:
    """The same from the records of an .xls stream: the anchor comes before the object it places."""

    def __init__(self) -> None:
        self._span: Span | None = None
        self.found: list[Drawing] = []

    def see(self, kind: int, body: bytes) -> None:
        """Take one record of a sheet."""
        if kind == _MSODRAWING:
            at = body.rfind(_ANCHOR)
            if at >= 0 and len(body) >= at + 24:
                _, left, _, top, _, right, _, bottom, _ = struct.unpack_from("<9H", body, at + 6)
                self._span = top + 1, left, max(top, bottom) + 1, max(left, right)
        elif kind == _OBJ and len(body) >= 8 and self._span is not None:
            what = _KINDS.get(struct.unpack_from("<H", body, 4)[0])
            if what:
                self.found.append(Drawing(what, self._span))
