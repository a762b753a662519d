"""The kinds of file the portal takes, how people call them, and what a file's name may claim."""

import re
import unicodedata
from pathlib import PurePosixPath

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
HEIC = "image/heic"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MP3 = "audio/mpeg"
WAV = "audio/wav"
AUDIO = "audio/mp4"
MP4 = "video/mp4"
#: What the recorder of a browser writes.
WEBM_SOUND = "audio/webm"
WEBM = "video/webm"

#: The first is the one a file without a suffix gets when it is downloaded.
_SUFFIXES: dict[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg", ".jfif", ".jpe"),
    PNG: (".png",),
    WEBP: (".webp",),
    HEIC: (".heic", ".heif", ".hif"),
    XLSX: (".xlsx",),
    DOCX: (".docx",),
    MP3: (".mp3",),
    WAV: (".wav",),
    AUDIO: (".m4a", ".mp4", ".aac"),
    MP4: (".mp4", ".m4v", ".mov", ".3gp"),
    WEBM_SOUND: (".weba", ".webm"),
    WEBM: (".webm",),
}
_LABELS = {
    PDF: "PDF",
    JPEG: "JPEG 图片",
    PNG: "PNG 图片",
    WEBP: "WebP 图片",
    HEIC: "HEIC 图片",
    XLSX: "Excel 工作簿",
    DOCX: "Word 文档",
    MP3: "MP3 录音",
    WAV: "WAV 录音",
    AUDIO: "M4A 录音",
    MP4: "MP4 录像",
    WEBM_SOUND: "WebM 录音",
    WEBM: "WebM 录像",
}
PHOTOS = frozenset({JPEG, PNG, WEBP, HEIC})
MATERIALS = PHOTOS | {PDF, XLSX, DOCX}
VIDEO = frozenset({MP4, WEBM})
MEDIA = frozenset({MP3, WAV, AUDIO, WEBM_SOUND}) | VIDEO

#: What looks like the suffix of a file and not like the end of a date or of a number.
_SUFFIX = re.compile(r"\.(?:[A-Za-z][A-Za-z0-9]{0,9}|7z|3gp)\Z")


def label(media_type: str) -> str:
    """How people call this kind; empty for one the portal does not take."""
    return _LABELS.get(media_type, "")


def accept_attribute(kinds: frozenset[str]) -> str:
    """What a file field offers to choose from: every suffix of these kinds."""
    return ",".join(suffix for kind in _SUFFIXES if kind in kinds for suffix in _SUFFIXES[kind])


def suffixes_of(media_type: str) -> tuple[str, ...]:
    """The suffixes under which files of this kind go."""
    return _SUFFIXES.get(media_type, ())


def suffix_of(name: str) -> str:
    """The suffix a name claims, in small letters; empty when it claims none."""
    found = _SUFFIX.search(name)
    return found[0].lower() if found else ""


def claims_another(name: str, media_type: str) -> bool:
    """Whether the name says the file is something else. A name without a suffix says nothing."""
    suffix = suffix_of(name)
    return bool(suffix) and suffix not in _SUFFIXES[media_type]


def named_as(name: str, media_type: str) -> str:
    """The name under which a file is downloaded: one that claims nothing gets the usual suffix."""
    suffixes = _SUFFIXES.get(media_type)
    return name + suffixes[0] if suffixes and not suffix_of(name) else name


def clean_name(name: str, *, limit: int = 200, unnamed: str = "未命名") -> str:
    """A name to keep and to show: one line without folders and without signs nobody sees.

    Signs that turn the direction of writing would show a name's end as something else. A name too
    long is cut before its suffix.
    """
    whole = unicodedata.normalize("NFC", name)
    whole = "".join(
        sign
        for sign in whole
        if unicodedata.category(sign) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    )
    whole = PurePosixPath(whole.replace("\\", "/")).name.strip().rstrip(". ")
    if len(whole) <= limit:
        return whole or unnamed
    suffix = whole[-len(end) :] if (end := suffix_of(whole)) else ""
    return whole[: limit - len(suffix)].rstrip() + suffix
