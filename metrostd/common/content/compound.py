"""Just enough of the compound file format ([MS-CFB]) to name its streams and take one out."""

import struct

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_END = 0xFFFFFFFA  # sector numbers from here up mean free, end of chain, or the tables themselves


class CompoundFile:
    """A compound file held in memory; raises ValueError when it is damaged."""

    def __init__(self, data: bytes) -> None:
        if data[:8] != SIGNATURE or len(data) < 512:
            raise ValueError("not a compound file")
        self._data = data
        try:
            self._read()
        except (struct.error, IndexError) as error:
            raise ValueError("damaged compound file") from error

    def _read(self) -> None:
        shift, mini_shift = struct.unpack_from("<HH", self._data, 30)
        if shift not in (9, 12) or mini_shift != 6:
            raise ValueError("unknown sector size")
        self._size = 1 << shift
        directory, self._cutoff, mini_fat = (
            struct.unpack_from("<I", self._data, at)[0] for at in (48, 56, 60)
        )
        difat = list(struct.unpack_from("<109I", self._data, 76))
        sector, seen = struct.unpack_from("<I", self._data, 68)[0], set()
        while sector < _END:
            if sector in seen:
                raise ValueError("circular chain")
            seen.add(sector)
            numbers = self._numbers(self._sector(sector))
            difat += numbers[:-1]
            sector = numbers[-1]
        self._fat = [n for s in difat if s < _END for n in self._numbers(self._sector(s))]
        self._mini_fat = self._numbers(self._chain(mini_fat)) if mini_fat < _END else []
        self._entries: dict[str, tuple[int, int]] = {}
        listing = self._chain(directory)
        self._mini = b""
        for at in range(0, len(listing) - 127, 128):
            length, kind = struct.unpack_from("<HB", listing, at + 64)
            start, size = struct.unpack_from("<IQ", listing, at + 116)
            if kind == 5:
                self._mini = self._chain(start) if start < _END else b""
            elif kind == 2 and 2 <= length <= 64:
                name = listing[at : at + length - 2].decode("utf-16-le", "replace")
                self._entries.setdefault(name, (start, size & 0xFFFFFFFF))

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        part = self._data[at : at + self._size]
        if not part:
            raise ValueError("sector beyond the end")
        return part.ljust(self._size, b"\0")

    @staticmethod
    def _numbers(data: bytes) -> list[int]:
        return list(struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4]))

    def _chain(self, sector: int) -> bytes:
        parts, limit = [], len(self._data) // self._size + 1
        while sector < _END:
            parts.append(self._sector(sector))
            if len(parts) > limit:
                raise ValueError("circular chain")
            sector = self._fat[sector]
        return b"".join(parts)

    def _mini_chain(self, sector: int) -> bytes:
        parts, limit = [], len(self._mini) // 64 + 1
        while sector < _END:
            parts.append(self._mini[sector * 64 : sector * 64 + 64])
            if len(parts) > limit:
                raise ValueError("circular chain")
            sector = self._mini_fat[sector]
        return b"".join(parts)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._entries)

    def stream(self, name: str) -> bytes:
        """The bytes of one stream; KeyError if there is none of that name."""
        start, size = self._entries[name]
        try:
            data = self._mini_chain(start) if size < self._cutoff else self._chain(start)
        except IndexError as error:
            raise ValueError("damaged compound file") from error
        return data[:size]
