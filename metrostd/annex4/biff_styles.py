"""The styles of an .xls stream, as far as they change what a person reads ([MS-XLS] FONT, FORMAT, XF)."""

import struct
from dataclasses import dataclass, field

from .biff_texts import SharedTexts
from .hiding import Hides, hides
from .sheets import SheetFacts, cell_name
from .shown import BUILT_IN, Shown, reading_of

FONT, FORMAT, XF = 0x0031, 0x041E, 0x00E0
_MULRK, LABELSST = 0x00BD, 0x00FD
_STRUCK = 0x0008


@dataclass(slots=True)
class BiffStyles:
    """Gathers styles as their records pass, and knows then what a cell of each shows."""

    _struck_fonts: list[bool] = field(default_factory=list)
    _formats: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    _styles: list[tuple[int, int]] = field(default_factory=list)
    _known: dict[int, tuple[Shown | None, Hides | None, bool]] = field(default_factory=dict)
    texts: SharedTexts = field(default_factory=SharedTexts)

    def see(self, kind: int, body: bytes) -> None:
        """Take one record of the workbook."""
        if kind == FONT and len(body) >= 4:
            self._struck_fonts.append(bool(struct.unpack_from("<H", body, 2)[0] & _STRUCK))
        elif kind == FORMAT and len(body) >= 5:
            number, _, wide = struct.unpack_from("<HHB", body)
            text = body[5:].decode("utf-16-le" if wide & 1 else "latin-1", "replace")
            self._formats[number] = text
        elif kind == XF and len(body) >= 4:
            self._styles.append(struct.unpack_from("<HH", body))

    def _strikes(self, font: int) -> bool:
        font -= font > 4  # number 4 is left out
        return font < len(self._struck_fonts) and self._struck_fonts[font]

    def _style(self, index: int) -> tuple[Shown | None, Hides | None, bool]:
        found = self._known.get(index)
        if found is None:
            font, code = self._styles[index] if index < len(self._styles) else (0, 0)
            written = self._formats.get(code, "")
            found = reading_of(written), hides(written), self._strikes(font)
            self._known[index] = found
        return found

    def dress(self, facts: SheetFacts, kind: int, body: bytes) -> None:
        """Note what the style of a cell, or of a run of numbers, makes of it."""
        row, column = struct.unpack_from("<HH", body)
        at = range(4, len(body) - 2, 6) if kind == _MULRK else (4,)
        for step, place in enumerate(at):
            shown, hidden, struck = self._style(struct.unpack_from("<H", body, place)[0])
            if shown is not None:
                facts.shown.setdefault(row + 1, {})[column + step] = shown
            if hidden is not None:
                facts.hiding.setdefault(row + 1, {})[column + step] = hidden
            if kind == LABELSST and len(body) >= 10 and any(self._struck_fonts):
                struck = self._in_part(facts, row + 1, column, body, outset=struck)
            if struck:
                facts.struck.setdefault(row + 1, set()).add(column + step)

    def _in_part(
        self, facts: SheetFacts, row: int, column: int, body: bytes, *, outset: bool
    ) -> bool:
        """Leave out the struck-out part of a text; True when nothing of it is left."""
        rich = self.texts.rich(struct.unpack_from("<I", body, 6)[0])
        if rich is None:
            return outset
        left = rich.left(self._strikes, outset=outset)
        if left:
            facts.put(row, column, left)
            facts.part_struck.append(cell_name(row, column))
        return left == ""
