"""Recordings of sound and picture as phones and recorders write them: known, and whole."""

import re
from collections.abc import Iterator

from .fault import Fault
from .kinds import AUDIO, MP3, MP4, WAV, WEBM, WEBM_SOUND

_BROKEN = Fault("damaged", "不完整或已损坏，请从录制设备重新导出后再传。")
#: Matroska as browsers write it: the mark of the container, and the elements a recording has.
_EBML, _WEBM = b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm"
_SEGMENT, _TRACKS, _CLUSTER = b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\x1f\x43\xb6\x75"
_FRAME = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xeb]")
#: Brands of the container that are other things than a recording.
_BRANDS = {
    b"avif": " AVIF 图片",
    b"avis": " AVIF 图片",
    b"crx ": " CR3 相机原始图片",
    b"jpx ": " JPEG 2000 图片",
}


def announced(data: bytes) -> str:
    """The kind of recording the first bytes announce."""
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return WAV
    if data[4:8] == b"ftyp" and data[8:12] not in _BRANDS:
        return MP4 if _has_pictures(data) else AUDIO
    if data.startswith(_EBML) and _WEBM in data[:64]:
        return WEBM if b"V_VP" in data[:4096] or b"V_AV1" in data[:4096] else WEBM_SOUND
    if data.startswith(b"ID3"):
        return MP3
    return MP3 if _FRAME.match(data) and _FRAME.search(data, 24) else ""


def foreign(data: bytes) -> str:
    """What else uses the same container, in a few words."""
    if data.startswith(_EBML):
        return " Matroska 文件（.mkv）"
    return _BRANDS.get(data[8:12], "") if data[4:8] == b"ftyp" else ""


def fault(data: bytes, kind: str) -> Fault | None:
    """None for a whole recording."""
    if kind == WAV:
        whole = int.from_bytes(data[4:8], "little") + 8 <= len(data) + 1 and b"fmt " in data[:4096]
    elif kind in (WEBM, WEBM_SOUND):
        # Lengths are left open by a recorder that writes as it hears: what is there has to be a recording.
        head = data[:4096]
        whole = _SEGMENT in head and _TRACKS in head and _CLUSTER in data
    elif kind == MP3:
        whole = _FRAME.search(data, _after_tag(data)) is not None
    else:
        ends = dict(boxes(data))
        whole = b"moov" in ends and b"mdat" in ends and max(ends.values()) <= len(data)
    return None if whole else _BROKEN


def _after_tag(data: bytes) -> int:
    if not data.startswith(b"ID3") or len(data) < 10:
        return 0
    size = 0
    for part in data[6:10]:
        size = size << 7 | part & 0x7F
    return size + 10


def boxes(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The boxes of the container, each with where it ends."""
    at = 0
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        end = at + size if size else len(data)
        if end < at + 8:
            return
        yield name, end
        at = end


def _has_pictures(data: bytes) -> bool:
    return re.search(rb"hdlr.{8}vide", data, re.DOTALL) is not None
