"""Struck-out parts of the shared texts of an .xls stream ([MS-XLS] SST, CONTINUE, XLUnicodeRichExtendedString)."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

_WIDE, _PHONETIC, _RICH = 0x01, 0x04, 0x08


@dataclass(frozen=True, slots=True)
class Rich:
    """A text with the fonts of its runs: from which letter on, which font."""

    text: str
    runs: tuple[tuple[int, int], ...]

    def left(self, is_struck: Callable[[int], bool], *, outset: bool) -> str | None:
        """What is not struck out; None when nothing is. ``outset`` tells of letters before the first run."""
        marks, struck, at = [], outset, 0
        for start, font in (*self.runs, (len(self.text), 0)):
            marks.append((self.text[at:start], struck))
            struck, at = is_struck(font), start
        if not any(struck for text, struck in marks if text):
            return None
        return "".join(text for text, struck in marks if not struck)


@dataclass(slots=True)
class SharedTexts:
    """The blocks of the table of texts as their records pass; read when some font strikes out."""

    _blocks: list[bytes] = field(default_factory=list)
    _rich: dict[int, Rich] | None = None

    def see(self, body: bytes) -> None:
        """Take the table itself, or the record that continues it."""
        self._blocks.append(body)

    def rich(self, number: int) -> Rich | None:
        """The text of a number, if parts of it have fonts of their own."""
        if self._rich is None:
            self._rich = _read(self._blocks)
            self._blocks = []
        return self._rich.get(number)


class _Reader:
    """Bytes across blocks; letters that go on in the next block say there anew how wide they are."""

    def __init__(self, blocks: list[bytes]) -> None:
        self._blocks, self._block, self._at = blocks, 0, 8

    @property
    def is_over(self) -> bool:
        return self._block >= len(self._blocks)

    def take(self, count: int) -> bytes:
        got = b""
        while count > len(got) and not self.is_over:
            part = self._blocks[self._block][self._at : self._at + count - len(got)]
            self._at += len(part)
            got += part
            self._next()
        return got

    def letters(self, count: int, *, wide: bool) -> str:
        text = ""
        while count > len(text) and not self.is_over:
            size = 2 if wide else 1
            rest = self._blocks[self._block][self._at :]
            part = rest[: min(count - len(text), len(rest) // size) * size]
            text += part.decode("utf-16-le" if wide else "latin-1", "replace")
            self._at += len(part)
            if count > len(text):
                self._block, self._at = self._block + 1, 1
                if not self.is_over and self._blocks[self._block]:
                    wide = bool(self._blocks[self._block][0] & _WIDE)
        self._next()
        return text

    def _next(self) -> None:
        while not self.is_over and self._at >= len(self._blocks[self._block]):
            self._block, self._at = self._block + 1, 0


def _read(blocks: list[bytes]) -> dict[int, Rich]:
    found: dict[int, Rich] = {}
    reader, number = _Reader(blocks), 0
    while not reader.is_over:
        head = reader.take(3)
        if len(head) < 3:
            break
        count, flags = struct.unpack("<HB", head)
        runs = struct.unpack("<H", reader.take(2).ljust(2, b"\0"))[0] if flags & _RICH else 0
        extra = struct.unpack("<I", reader.take(4).ljust(4, b"\0"))[0] if flags & _PHONETIC else 0
        text = reader.letters(count, wide=bool(flags & _WIDE))
        raw = reader.take(4 * runs)
        reader.take(extra)
        if raw:
            found[number] = Rich(text, tuple(struct.iter_unpack("<HH", raw[: len(raw) // 4 * 4])))
        number += 1
    return found
