"""Sample photographs and signatures, drawn so that nobody takes them for real ones."""

import io
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from metrostd.common.handwriting import Handwriting, handwriting


def photo(dice: Random, code: str) -> SimpleUploadedFile:
    """A greyish-blue picture with the item's code on it, as a tablet would upload it."""
    top, low = dice.randint(150, 210), dice.randint(70, 130)
    picture = Image.linear_gradient("L").resize((640, 480))
    picture = Image.merge(
        "RGB", [picture.point(lambda v, k=k: low + (top - low) * v // 255 + k) for k in (0, 8, 22)]
    )
    pen = ImageDraw.Draw(picture)
    for _ in range(6):
        x, y = dice.randint(40, 500), dice.randint(40, 380)
        pen.rectangle(
            (x, y, x + dice.randint(30, 120), y + dice.randint(20, 80)), outline="white", width=3
        )
    pen.text((24, 440), f"SAMPLE {code}", fill="white", font_size=28)
    return SimpleUploadedFile(f"sample-{code}.jpg", _bytes(picture, "JPEG"), "image/jpeg")


def signature(dice: Random) -> Handwriting:
    """A scribble on white, as a pad would send it."""
    picture = Image.new("RGB", (360, 140), "white")
    pen = ImageDraw.Draw(picture)
    points = [(20 + n * 16, 70 + dice.randint(-38, 38)) for n in range(20)]
    pen.line(points, fill="#14365f", width=4, joint="curve")
    strokes = [[(float(x), float(y), 40 * n) for n, (x, y) in enumerate(points)]]
    return handwriting(_bytes(picture, "PNG"), strokes)


def _bytes(picture: Image.Image, kind: str) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, quality=70)
    return target.getvalue()
