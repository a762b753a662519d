"""One look at the bytes: their kind, and the first thing that speaks against them."""

import puremagic

from . import media, office, pdf, pictures
from .compound import SIGNATURE
from .fault import Fault
from .kinds import PDF

__all__ = ("Fault", "examine", "sniff")

#: Byte order marks and white space that mail programs and scanners put before a PDF.
_BEFORE = b"\xef\xbb\xbf\xfe\xff \t\r\n\0"

_FOREIGN = (
    (b"MZ", "可执行程序"),
    (b"\x7fELF", "可执行程序"),
    (b"Rar!", " RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", " 7z 压缩包"),
    (b"\x1f\x8b", " gzip 压缩包"),
    (b"{\\rtf", " RTF 文档"),
    (b"OFD", " OFD 文件"),
    (b"II*\0", " TIFF 图片"),
    (b"MM\0*", " TIFF 图片"),
    (b"GIF8", " GIF 图片（.gif）"),
    (b"BM", " BMP 图片"),
)


def examine(data: bytes) -> tuple[str, Fault | None]:
    """The media type the bytes announce, and why they are not taken in.

    The type is empty when it is none the portal takes; then the fault tells what the bytes look like.
    """
    head = data[:1024].lstrip(_BEFORE)
    if head.startswith(b"%PDF-"):
        return PDF, pdf.fault(data)
    if kind := pictures.announced(data):
        return kind, pictures.fault(data, kind)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return office.package(data)
    if data.startswith(SIGNATURE):
        return "", office.compound(data)
    if kind := media.announced(data):
        return kind, media.fault(data, kind)
    return "", Fault("type_refused", looks_like=_looks_like(data))


def sniff(data: bytes) -> str:
    """The media type the bytes really have, or an empty string when they are not taken in."""
    kind, fault = examine(data)
    return "" if fault else kind


def _looks_like(data: bytes) -> str:
    """A few words on what a refused file seems to be; empty when nobody can tell."""
    for start, words in _FOREIGN:
        if data.startswith(start):
            return words
    if words := media.foreign(data):
        return words
    head = data[:2000].lstrip(_BEFORE).lower()
    if head.startswith((b"<html", b"<!doctype html")):
        return "网页"
    try:
        kind = puremagic.from_string(data[:4096])
    except (puremagic.PureError, ValueError):
        kind = ""
    return f" {kind} 文件" if kind else ""
