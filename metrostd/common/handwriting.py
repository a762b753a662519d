"""Signatures drawn on a screen: the picture of the pad and its strokes, checked for ink before they are kept.

A pad that was turned or resized may call an empty picture written on. Who says that somebody has signed is
the server: the picture shows ink, and the strokes have a least number of points and a least extent.
"""

import base64
import binascii
import io
import math
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from PIL import Image, ImageChops

from .outside import given_json
from .uploads import PNG, sniff

_PREFIX = "data:image/png;base64,"
_LIMIT = 1024 * 1024
#: Where a point is, in the measure of a page that was not turned, and how many milliseconds after the first.
Point = tuple[float, float, int]
Strokes = list[list[Point]]
#: A signature has so many points at least and extends so far, the longer side first.
LEAST_POINTS, LEAST_LONG, LEAST_SHORT = 10, 40, 8
_MOST_POINTS = 20_000
#: How far the ink of the picture extends at least: a turned tablet shows a signature smaller.
_INK_LONG, _INK_SHORT = 20, 4
#: How much a pixel differs from the ground before it is ink, and how much of a picture ink may cover.
_CONTRAST, _MOST_INK = 60, 0.5
_MOST_PIXELS = 16_000_000
_EMPTY = "没有收到签名，请在方框内签名。"
_TOO_LITTLE = "签名不完整，请在方框内写完整的姓名，不要只点一下或者画一条线。"
_BROKEN = "签名图片已损坏，请重签。"


@dataclass(frozen=True, slots=True)
class Handwriting:
    """A signature that has been looked at: the PNG of the pad and the strokes it was drawn with."""

    png: bytes
    strokes: Strokes


def handwriting(image: str | bytes, strokes: str | Strokes) -> Handwriting:
    """What a pad sent, if it is a signature; ValidationError with a sentence for anything else."""
    return Handwriting(signature_png(image), _written(strokes))


def signature_png(image: str | bytes) -> bytes:
    """The PNG of a signature: its bytes, or the data URL of the pad; ValidationError for anything else."""
    if isinstance(image, str):
        if not image.startswith(_PREFIX):
            raise ValidationError({"image": _EMPTY})
        try:
            image = base64.b64decode(image.removeprefix(_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError({"image": _BROKEN}) from None
    if len(image) > _LIMIT or sniff(image) != PNG:
        raise ValidationError({"image": "签名不是有效的 PNG 图片，请重签。"})
    _require_ink(image)
    return image


def _require_ink(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > _MOST_PIXELS:
                raise ValidationError({"image": "签名图片太大，请重签。"})
            shown = picture.convert("RGBA")
    except (OSError, SyntaxError, ValueError):
        raise ValidationError({"image": _BROKEN}) from None
    paper = Image.new("RGBA", shown.size, "white")
    paper.alpha_composite(shown)
    grey = paper.convert("L")
    ground = Image.new("L", grey.size, grey.getpixel((0, 0)))
    ink = ImageChops.difference(grey, ground).point(lambda value: 255 * (value > _CONTRAST))
    box = ink.getbbox()
    if box is None:
        raise ValidationError({"image": _EMPTY})
    covered = ink.histogram()[255] / (ink.width * ink.height)
    if _is_small(box, long=_INK_LONG, short=_INK_SHORT) or covered > _MOST_INK:
        raise ValidationError({"image": _TOO_LITTLE})


def _is_small(box: tuple[float, float, float, float], *, long: float, short: float) -> bool:
    sides = sorted((box[2] - box[0], box[3] - box[1]))
    return sides[0] < short or sides[1] < long


def _written(sent: str | Strokes) -> Strokes:
    """The strokes, if there are enough of them; what is no list of points is refused."""
    strokes = _read(sent)
    points = [point for stroke in strokes for point in stroke]
    if not points:
        raise ValidationError({"image": _EMPTY})
    if len(points) > _MOST_POINTS:
        raise ValidationError({"image": "签名的笔画太多，请重签。"})
    across, down = [point[0] for point in points], [point[1] for point in points]
    box = (min(across), min(down), max(across), max(down))
    if len(points) < LEAST_POINTS or _is_small(box, long=LEAST_LONG, short=LEAST_SHORT):
        raise ValidationError({"image": _TOO_LITTLE})
    return strokes


def _read(sent: str | Strokes) -> Strokes:
    try:
        strokes = given_json(sent or "[]") if isinstance(sent, str) else sent
        read = [[(float(x), float(y), int(ms)) for x, y, ms in stroke] for stroke in strokes]
    except (TypeError, ValueError, OverflowError):
        raise ValidationError({"image": "签名的笔迹没有完整收到，请重签。"}) from None
    if not all(math.isfinite(x) and math.isfinite(y) for stroke in read for x, y, _ in stroke):
        raise ValidationError({"image": "签名的笔迹没有完整收到，请重签。"})
    return read
