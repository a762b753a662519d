"""Taking in files: checked by content, stored once by SHA-256, never overwritten."""

import hashlib
import io
import zipfile
from pathlib import PurePath

import puremagic
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from PIL import Image

from .models import StoredFile

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_EXTENSIONS = {
    PDF: {".pdf"},
    JPEG: {".jpg", ".jpeg"},
    PNG: {".png"},
    WEBP: {".webp"},
    XLSX: {".xlsx"},
    DOCX: {".docx"},
}
_NAMES = {
    PDF: "PDF",
    JPEG: "JPEG 图片",
    PNG: "PNG 图片",
    WEBP: "WebP 图片",
    XLSX: "Excel 工作簿",
    DOCX: "Word 文档",
}
PHOTOS = frozenset({JPEG, PNG, WEBP})
MATERIALS = frozenset(_EXTENSIONS)
#: No picture may unpack to more than this, however small its file is.
MAX_PIXELS = 80_000_000


def sniff(data: bytes) -> str:
    """The media type the bytes really have, or an empty string when it is none we accept.

    A damaged picture, or one of more than ``MAX_PIXELS``, is none.
    """
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _office_type(data)
    kind = _signature(data)
    return kind if kind and _picture_fault(data, kind) is None else ""


def _office_type(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except Exception:  # a damaged archive makes zipfile raise nearly anything
        return ""
    if "xl/workbook.xml" in names:
        return XLSX
    return DOCX if "word/document.xml" in names else ""


def _signature(data: bytes) -> str:
    """The kind of picture the first bytes announce."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WEBP if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else ""


def _picture_fault(data: bytes, kind: str) -> str | None:
    """``too_many_pixels`` or ``damaged``; None for a whole picture of a bearable size.

    Phones write several pictures into one JPEG; Pillow calls that MPO and opens it as JPEG.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[kind.removeprefix("image/").upper()]) as image:
            if image.width * image.height > MAX_PIXELS:
                return "too_many_pixels"
            if kind == PNG:
                image.verify()
            # The decoder of WebP has refused incomplete data when it was opened.
            if kind == JPEG and not _jpeg_has_its_end(data):
                return "damaged"
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return "too_many_pixels"
    except Exception:  # a broken header makes Pillow raise nearly anything
        return "damaged"
    return None


def _jpeg_has_its_end(data: bytes) -> bool:
    """Whether the end marker follows the pixels.

    Loading would not tell: WeasyPrint makes Pillow lenient with cut pictures for the whole process.
    """
    at = 2
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        if data[at + 1] == 0xDA:  # start of scan; a preview inside a segment has been stepped over
            return data.find(b"\xff\xd9", at) > 0
        filler = data[at + 1] == 0xFF
        at += 1 if filler else 2 + int.from_bytes(data[at + 2 : at + 4])
    return False


def _looks_like(data: bytes) -> str:
    """A few words on what a refused file seems to be; empty when nobody can tell."""
    for start, words in (
        (b"PK\x03\x04", "压缩包"),
        (b"MZ", "可执行程序"),
        (b"\x7fELF", "可执行程序"),
    ):
        if data.startswith(start):
            return words
    try:
        kind = puremagic.from_string(data[:4096])
    except (puremagic.PureError, ValueError):
        kind = ""
    return f" {kind} 文件" if kind else ""


def _refuse_picture(data: bytes, name: str) -> None:
    kind = _signature(data)
    fault = _picture_fault(data, kind) if kind else None
    if fault == "too_many_pixels":
        raise ValidationError(
            f"“{name}”的像素过多（上限 {MAX_PIXELS // 10000} 万），请缩小后再传。", code=fault
        )
    if fault:
        raise ValidationError(f"“{name}”不完整或已损坏，请重新拍摄或选择原文件。", code=fault)


def check_upload(data: bytes, name: str, *, accept: frozenset[str] = MATERIALS) -> str:
    """Return the media type of an upload, or raise ValidationError with the reason.

    Refused: empty files, files over ``UPLOAD_MAX_BYTES``, contents outside ``accept``, and files
    whose extension claims something else than the content is.
    """
    limit = settings.UPLOAD_MAX_BYTES
    if not data:
        raise ValidationError(f"“{name}”是空文件，请重新选择。", code="empty")
    if len(data) > limit:
        raise ValidationError(
            f"“{name}”超过 {limit // 1024 // 1024} MB，请压缩后再传。", code="too_large"
        )
    media_type = sniff(data)
    wanted = "、".join(sorted(_NAMES[kind] for kind in accept))
    if not media_type:
        _refuse_picture(data, name)
    if media_type not in accept:
        found = _NAMES.get(media_type) or _looks_like(data)
        seen = f"的内容是{found}" if found else "的内容无法识别"
        raise ValidationError(f"“{name}”{seen}，这里只接受 {wanted}。", code="type_refused")
    if PurePath(name).suffix.lower() not in _EXTENSIONS[media_type]:
        raise ValidationError(
            f"“{name}”的内容其实是{_NAMES[media_type]}，与扩展名不符，请核对文件后再传。",
            code="name_mismatch",
        )
    return media_type


def store_upload(upload: UploadedFile, *, accept: frozenset[str] = MATERIALS) -> StoredFile:
    """Check and store an uploaded file; raises ValidationError when it is refused."""
    name = upload.name or "未命名"
    if upload.size is not None and upload.size > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise ValidationError(f"“{name}”超过 {limit} MB，请压缩后再传。", code="too_large")
    data = upload.read()
    return store_bytes(data, media_type=check_upload(data, name, accept=accept))


def store_bytes(data: bytes, *, media_type: str) -> StoredFile:
    """Store bytes of a known type; the same bytes are stored once."""
    digest = hashlib.sha256(data).hexdigest()
    if stored := StoredFile.objects.filter(sha256=digest).first():
        return stored
    stored = StoredFile(sha256=digest, size=len(data), media_type=media_type)
    stored.content.save(f"{digest[:2]}/{digest}", ContentFile(data), save=False)
    saved, _ = StoredFile.objects.get_or_create(
        sha256=digest,
        defaults={"size": stored.size, "media_type": media_type, "content": stored.content.name},
    )
    return saved
