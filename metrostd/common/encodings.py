"""The text of a file in the encodings Chinese offices use."""

import codecs

_CONTROLS = frozenset(map(chr, [*range(9), *range(14, 32)]))
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


def decode(data: bytes) -> tuple[str, str] | None:
    """The text and its encoding, or None when the bytes are no text in utf-8, utf-16 with mark or gb18030."""
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    data = data.rstrip(b"\x1a")  # the mark at the end of a file of DOS and dBase
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            text = data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        return None if _CONTROLS.intersection(text[:100_000]) else (text, encoding)
    return None
