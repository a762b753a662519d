"""A compound file around one stream, for the native reader of .xls; reading one is the platform's."""

import struct

from metrostd.common.content.compound import SIGNATURE, CompoundFile

__all__ = ("SIGNATURE", "CompoundFile", "rewrapped")


def rewrapped(name: str, stream: bytes) -> bytes:
    """A faultless compound file with this one stream.

    The native reader trusts the counts in a file's own header and ends the process on absurd ones; it is
    therefore given a container written here.
    """
    size, free, end, table = 4096, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    count = max(-(-len(stream) // size), 1)
    tables = -(-(count + 3) // (size // 4 - 1))
    first = tables + 1
    chain = [table] * tables + [end] + [*range(first + 1, first + count), end, end]
    chain += [free] * (tables * (size // 4) - len(chain))

    def entry(title: str, kind: int, child: int, start: int, length: int) -> bytes:
        text = title.encode("utf-16-le")
        tail = struct.pack("<HBB3I36xIQ", len(text) + 2, kind, 1, free, free, child, start, length)
        return text.ljust(64, b"\0") + tail

    # The last sector is an empty mini stream, which the reader expects the root entry to have.
    directory = entry("Root Entry", 5, 1, first + count, 64) + entry(
        name, 2, free, first, count * size
    )
    header = SIGNATURE + bytes(16) + struct.pack("<5H6x", 0x3E, 4, 0xFFFE, 12, 6)
    header += struct.pack("<9I", 1, tables, tables, 0, size, end, 0, end, 0)
    header += struct.pack("<109I", *range(tables), *[free] * (109 - tables))
    body = struct.pack(f"<{len(chain)}I", *chain) + directory.ljust(size, b"\0")
    return header.ljust(size, b"\0") + body + stream.ljust((count + 1) * size, b"\0")
