"""Photographs: whole, of a bearable size, and as a JPEG every browser shows."""

import io

import pillow_heif
from PIL import Image, ImageOps

from .fault import Fault
from .kinds import HEIC, JPEG, PNG, WEBP
from .media import boxes

#: No picture may unpack to more than this, however small its file is.
MAX_PIXELS = 80_000_000

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", HEIC: "HEIF"}
_HEIF_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2"}
)
_BROKEN = "不完整或已损坏，请重新拍摄或选择原文件。"
_BROKEN_HEIC = (
    "是 HEIC 图片，但不完整或无法读取。请在手机“相机→格式”中选择“兼容性最佳”后重新拍摄，"
    "或将照片导出为 JPEG 后再传。"
)

pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def announced(data: bytes) -> str:
    """The kind of picture the first bytes announce."""
    if data.startswith(b"\xff\xd8\xff"):
        return JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    return HEIC if data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS else ""


def fault(data: bytes, kind: str) -> Fault | None:
    """What speaks against a picture; None for a whole one of a bearable size.

    Phones write several pictures into one JPEG; Pillow calls that MPO and opens it as JPEG.
    """
    broken = Fault("damaged", _BROKEN_HEIC if kind == HEIC else _BROKEN)
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as image:
            if image.width * image.height > MAX_PIXELS:
                return _too_many()
            if kind == PNG:
                image.verify()
            elif kind == HEIC:
                image.load()  # which is lenient with a cut picture
                if any(end > len(data) for _, end in boxes(data)):
                    return broken
            # The decoder of WebP has refused incomplete data when it was opened.
            if kind == JPEG and not _jpeg_has_its_end(data):
                return broken
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _too_many()
    except Exception:  # a broken header makes Pillow raise nearly anything
        return broken
    return None


def _too_many() -> Fault:
    return Fault("too_many_pixels", f"的像素过多（上限 {MAX_PIXELS // 10000} 万），请缩小后再传。")


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


def as_jpeg(data: bytes, kind: str, *, longest: int) -> bytes | None:
    """The picture as a JPEG upright, no side longer than ``longest``; None when it cannot be read.

    A JPEG is decoded at the size that is needed and not at its own.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as image:
            image.draft("RGB", (longest * 2, longest * 2))
            image.thumbnail((longest, longest))
            upright = ImageOps.exif_transpose(image)
            out = io.BytesIO()
            _on_white(upright).save(out, "JPEG", quality=82)
    except Exception:  # a picture that opens may still break while its pixels are read
        return None
    return out.getvalue()


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGB", "L"}:
        return image
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    drawn = image.convert("RGBA")
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    return paper
