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
from PIL import Image, UnidentifiedImageError

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
_NAMES = {PDF: "PDF", JPEG: "JPEG 图片", PNG: "PNG 图片", WEBP: "WebP 图片", XLSX: "Excel 工作簿", DOCX: "Word 文档"}
PHOTOS = frozenset({JPEG, PNG, WEBP})
MATERIALS = frozenset(_EXTENSIONS)


def sniff(data: bytes) -> str:
    """The media type the bytes really have, or an empty string when it is none we accept."""
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _office_type(data)
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.verify()
            return {"JPEG": JPEG, "PNG": PNG, "WEBP": WEBP}.get(image.format or "", "")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return ""


def _office_type(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return ""
    if "xl/workbook.xml" in names:
        return XLSX
    return DOCX if "word/document.xml" in names else ""


def _looks_like(data: bytes) -> str:
    """A short word on what a refused file seems to be."""
    try:
        return puremagic.from_string(data[:4096]) or "无法识别的内容"
    except (puremagic.PureError, ValueError):
        return "无法识别的内容"


def check_upload(data: bytes, name: str, *, accept: frozenset[str] = MATERIALS) -> str:
    """Return the media type of an upload, or raise ValidationError with the reason.

    Refused: empty files, files over ``UPLOAD_MAX_BYTES``, contents outside ``accept``, and files
    whose extension claims something else than the content is.
    """
    limit = settings.UPLOAD_MAX_BYTES
    if not data:
        raise ValidationError(f"“{name}”是空文件，请重新选择。", code="empty")
    if len(data) > limit:
        raise ValidationError(f"“{name}”超过 {limit // 1024 // 1024} MB，请压缩后再传。", code="too_large")
    media_type = sniff(data)
    wanted = "、".join(sorted(_NAMES[kind] for kind in accept))
    if media_type not in accept:
        found = _NAMES.get(media_type) or _looks_like(data)
        raise ValidationError(
            f"“{name}”的内容是{found}，这里只接受 {wanted}。", code="type_refused"
        )
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
