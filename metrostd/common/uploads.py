"""Taking in files: checked by content, stored once by SHA-256, never overwritten."""

import hashlib

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import lazy

from .content import (
    DOCX,
    HEIC,
    JPEG,
    MATERIALS,
    MAX_PIXELS,
    MEDIA,
    PDF,
    PHOTOS,
    PNG,
    VIDEO,
    WEBP,
    XLSX,
    as_jpeg,
    claims_another,
    clean_name,
    examine,
    label,
    named_as,
    sniff,
    suffix_of,
    suffixes_of,
)
from .models import StoredFile

__all__ = (
    "DOCX",
    "HEIC",
    "JPEG",
    "MATERIALS",
    "MAX_PIXELS",
    "MEDIA",
    "PDF",
    "PHOTOS",
    "PNG",
    "WEBP",
    "XLSX",
    "check_upload",
    "clean_name",
    "file_name",
    "named_as",
    "sniff",
    "store_bytes",
    "store_upload",
)

#: Sides of the small picture beside a line of text, and of what a browser shows instead of HEIC.
THUMBNAIL = 360
PREVIEW = 2400


def check_upload(data: bytes, name: str, *, accept: frozenset[str] = MATERIALS) -> str:
    """Return the media type of an upload, or raise ValidationError with the reason.

    Refused: empty files, files over ``UPLOAD_MAX_BYTES``, contents outside ``accept``, damaged or
    locked ones, ones that act by themselves, and files whose suffix claims something else than the
    content is.
    """
    name = clean_name(name)
    if not data:
        raise ValidationError(f"“{name}”是空文件，请重新选择。", code="empty")
    if len(data) > settings.UPLOAD_MAX_BYTES:
        raise _too_large(name)
    media_type, fault = examine(data)
    wanted = "、".join(sorted(label(kind) for kind in accept))
    known = label(media_type)
    if known and media_type not in accept:
        raise ValidationError(
            f"“{name}”的内容是{known}，这里只接受 {wanted}。", code="type_refused"
        )
    if fault and fault.sentence:
        raise ValidationError(f"“{name}”{fault.sentence}", code=fault.code)
    if fault:
        seen = f"的内容是{fault.looks_like}" if fault.looks_like else "的内容无法识别"
        raise ValidationError(f"“{name}”{seen}，这里只接受 {wanted}。", code=fault.code)
    if claims_another(name, media_type):
        raise ValidationError(
            f"“{name}”的内容其实是{known}，与扩展名不符，请核对文件后再传。", code="name_mismatch"
        )
    return media_type


def _megabytes() -> int:
    return settings.UPLOAD_MAX_BYTES // 1024 // 1024


def _too_large(name: str) -> ValidationError:
    film = any(suffix_of(name) in suffixes_of(kind) for kind in VIDEO)
    advice = "请在相机中调低清晰度，或者分段录制" if film else "请压缩"
    return ValidationError(f"“{name}”超过 {_megabytes()} MB，{advice}后再传。", code="too_large")


def _size_limit() -> str:
    return f"不超过 {_megabytes()} MB"


#: For help texts: what a file may weigh, read from the setting when the page is written.
SIZE_LIMIT = lazy(_size_limit, str)()


def file_name(upload: UploadedFile, *, limit: int = 200, unnamed: str = "未命名") -> str:
    """The name under which an upload is kept and shown."""
    return clean_name(upload.name or "", limit=limit, unnamed=unnamed)


def store_upload(upload: UploadedFile, *, accept: frozenset[str] = MATERIALS) -> StoredFile:
    """Check and store an uploaded file; raises ValidationError when it is refused."""
    name = file_name(upload)
    if upload.size is not None and upload.size > settings.UPLOAD_MAX_BYTES:
        raise _too_large(name)
    data = upload.read()
    stored = store_bytes(data, media_type=check_upload(data, name, accept=accept))
    if stored.media_type in PHOTOS and stored.thumbnail_id is None:
        _add_pictures(stored, data)
    return stored


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


def _add_pictures(stored: StoredFile, data: bytes) -> None:
    """A small picture of a photograph, and a JPEG of one that browsers cannot show.

    The bytes that were given stay as they are; a picture nobody can decode has none.
    """
    wanted = {"thumbnail": THUMBNAIL}
    if stored.media_type == HEIC:
        wanted["preview"] = PREVIEW
    for field, longest in wanted.items():
        if picture := as_jpeg(data, stored.media_type, longest=longest):
            setattr(stored, field, store_bytes(picture, media_type=JPEG))
    stored.save(update_fields=list(wanted))
