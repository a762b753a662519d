"""One pass over the records of an .xls stream ([MS-XLS]) for what the value reader leaves out."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .biff_styles import FONT, FORMAT, XF, BiffStyles
from .drawings import BiffDrawings
from .sheets import CellError, Row, SheetFacts, cell_name

_ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}
_BOF, _FORMULA, _BOOLERR, _ROW, _COLINFO, _NOTE = 0x0809, 0x0006, 0x0205, 0x0208, 0x007D, 0x001C
_BOUNDSHEET, _DATEMODE, _FILEPASS, _FILTERMODE, _SUPBOOK = 0x0085, 0x0022, 0x002F, 0x009B, 0x01AE
_SST, _DIMENSIONS = 0x00FC, 0x0200
_OBJ, _TXO, _CONTINUE = 0x005D, 0x01B6, 0x003C
_CELLS = frozenset({0x00FD, 0x0204, 0x0203, 0x027E, _FORMULA, _BOOLERR})
_MULRK, _CODEPAGE = 0x00BD, 0x0042
_BIFF8, _WESTERN, _UNICODE = 0x0600, 1252, 1200
_ENCODINGS = {0: "gb18030", 936: "gb18030", 54936: "gb18030", 950: "big5"}
_BYTES = {ord(bytes([b]).decode("cp1252", "ignore") or chr(b)): b for b in range(128, 256)}


class _Comments:
    """Pairs the cell of a comment (NOTE) with its text, which stands in a drawn object (OBJ, TXO, CONTINUE)."""

    def __init__(self) -> None:
        self._object = 0
        self._expected = 0
        self._texts: dict[int, str] = {}
        self._places: list[tuple[str, int]] = []

    def see(self, kind: int, body: bytes) -> None:
        if kind == _OBJ and len(body) >= 8:
            self._object = struct.unpack_from("<H", body, 6)[0]
        elif kind == _TXO and len(body) >= 12:
            self._expected = struct.unpack_from("<H", body, 10)[0]
        elif kind == _CONTINUE and self._expected and body:
            wide = body[0] & 1
            part = body[1 : 1 + self._expected * (2 if wide else 1)]
            text = part.decode("utf-16-le" if wide else "latin-1", "replace")
            self._texts[self._object] = self._texts.get(self._object, "") + text
            self._expected -= len(text)
        elif kind == _NOTE and len(body) >= 8:
            row, column, _, number = struct.unpack_from("<4H", body)
            self._places.append((cell_name(row + 1, column), number))
        if kind not in {_TXO, _CONTINUE}:
            self._expected = 0

    def found(self) -> list[tuple[str, str]]:
        return [(cell, self._texts.get(number, "").strip()) for cell, number in self._places]


@dataclass(slots=True)
class Scan:
    """Facts per sheet in the order of the workbook, and flags of the workbook."""

    sheets: list[SheetFacts] = field(default_factory=list)
    corners: list[tuple[int, int]] = field(default_factory=list)
    date1904: bool = False
    encrypted: bool = False
    external_links: bool = False
    version: int = _BIFF8
    codepage: int = 0
    codepage_at: int = 0

    @property
    def encoding(self) -> str:
        """The encoding of texts of Excel 95 and older in East Asia, which the value reader gets wrong."""
        return "" if self.version == _BIFF8 else _ENCODINGS.get(self.codepage, "")


def scan(stream: bytes) -> Scan:
    """Walk all records; stops quietly where the stream is cut off."""
    result = Scan()
    by_offset: dict[int, int] = {}
    styles = BiffStyles()
    current, row_end, column_end, depth, comments = None, 0, 0, 0, _Comments()
    drawings, last = BiffDrawings(), 0
    for at, kind, body in _records(stream):
        if kind == _BOF:
            depth += 1
            if at == 0 and len(body) >= 2:
                result.version = struct.unpack_from("<H", body)[0]
            if at in by_offset:
                current = by_offset[at]
        elif kind == 0x000A:
            depth -= 1
            if depth == 0 and current is not None:
                result.corners[current] = (row_end, column_end)
                result.sheets[current].comments = comments.found()
                result.sheets[current].drawings = drawings.found
                current, row_end, column_end, comments = None, 0, 0, _Comments()
                drawings = BiffDrawings()
        elif kind == _FILEPASS:
            result.encrypted = True
            return result
        elif kind == _BOUNDSHEET and len(body) >= 6:
            by_offset[struct.unpack_from("<I", body)[0]] = len(result.sheets)
            result.sheets.append(SheetFacts())
            result.corners.append((0, 0))
        elif kind in (FONT, FORMAT, XF):
            styles.see(kind, body)
        elif kind == _SST and len(body) >= 8:
            if struct.unpack_from("<I", body, 4)[0] > len(stream):
                raise ValueError("more texts than bytes")
            styles.texts.see(body)
        elif kind == _CONTINUE and last == _SST:
            styles.texts.see(body)
            kind = _SST
        elif kind == _DIMENSIONS and len(body) >= 12:
            top, bottom, left, right = struct.unpack_from("<IIHH", body)
            if not (top <= bottom <= 65536 and left <= right <= 256):
                raise ValueError("sheet larger than the format allows")
        elif kind == _CODEPAGE and len(body) >= 2:
            result.codepage, result.codepage_at = struct.unpack_from("<H", body)[0], at + 4
        elif kind == _DATEMODE and len(body) >= 2:
            result.date1904 = body[0] == 1
        elif kind == _SUPBOOK and len(body) > 4 and body[2:4] != b"\x01\x04":
            result.external_links = True
        elif current is not None and depth == 1:
            if (kind in _CELLS or kind == _MULRK) and len(body) >= 6:
                row, column = struct.unpack_from("<HH", body)
                if kind == _MULRK:
                    column = struct.unpack_from("<H", body, len(body) - 2)[0]
                row_end, column_end = max(row_end, row), max(column_end, column)
                styles.dress(result.sheets[current], kind, body)
            comments.see(kind, body)
            drawings.see(kind, body)
            _note(result.sheets[current], kind, body)
        last = kind
    return result


def remarked(stream: bytes, found: Scan) -> bytes:
    """The stream under a code page the value reader gets right.

    Old texts are marked as Western, so that every byte is handed on. Texts of Excel 97 and later are
    Unicode whatever the record says, which some programs fill in for the reader's language.
    """
    at, page = found.codepage_at, _WESTERN if found.encoding else _UNICODE
    if not at or (not found.encoding and found.version != _BIFF8):
        return stream
    return stream[:at] + struct.pack("<H", page) + stream[at + 2 :]


def recoded(text: str, encoding: str) -> str:
    """A text read byte for byte, in its real encoding."""
    return text.translate(_BYTES).encode("latin-1", "replace").decode(encoding, "replace")


class RecodedRows:
    """The rows of a sheet read byte for byte, with their texts put right."""

    def __init__(self, rows: Callable[[], Iterator[Row]], encoding: str) -> None:
        self._rows, self._encoding = rows, encoding

    def __call__(self) -> Iterator[Row]:
        for number, cells in self._rows():
            yield (
                number,
                [
                    recoded(cell, self._encoding) if isinstance(cell, str) else cell
                    for cell in cells
                ],
            )


def _records(stream: bytes) -> Iterator[tuple[int, int, bytes]]:
    at, end = 0, len(stream)
    while at + 4 <= end:
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _note(facts: SheetFacts, kind: int, body: bytes) -> None:
    if kind == _ROW and len(body) >= 16:
        if body[12] & 0x20:
            facts.hide_row(struct.unpack_from("<H", body)[0] + 1)
    elif kind == _COLINFO and len(body) >= 10:
        first, last = struct.unpack_from("<HH", body)
        if body[8] & 1:
            facts.hidden_columns.update(range(first, min(last, 255) + 1))
    elif kind == _FILTERMODE:
        facts.filtered = True
    elif kind == _BOOLERR and len(body) >= 8 and body[7] == 1:
        _error(facts, body, body[6])
    elif kind == _FORMULA and len(body) >= 14 and body[12:14] == b"\xff\xff" and body[6] == 2:
        _error(facts, body, body[8])


def _error(facts: SheetFacts, body: bytes, code: int) -> None:
    row, column = struct.unpack_from("<HH", body)
    facts.put(row + 1, column, CellError(_ERRORS.get(code, "#ERR")))
