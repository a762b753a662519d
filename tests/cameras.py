"""Photographs as cameras write them: with EXIF in them."""

import io
from random import Random

from PIL import ExifTags, Image

from metrostd.common.content import pictures  # noqa: F401 -- registers HEIF with Pillow


def camera(
    *,
    taken: str = "",
    offset: str = "",
    place: tuple[float, float] | None = None,
    orientation: int = 0,
    shape: str = "JPEG",
    size: tuple[int, int] = (64, 48),
    seed: int = 1,
) -> bytes:
    """A photograph of noise. ``taken`` as EXIF says it (2021:06:15 10:00:00), ``place`` latitude and longitude."""
    exif = Image.Exif()
    more = exif.get_ifd(ExifTags.IFD.Exif)
    if orientation:
        exif[ExifTags.Base.Orientation] = orientation
    if taken:
        more[ExifTags.Base.DateTimeOriginal] = taken
    if offset:
        more[ExifTags.Base.OffsetTimeOriginal] = offset
    if place:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        for tag, value, names in (
            (ExifTags.GPS.GPSLatitude, place[0], "NS"),
            (ExifTags.GPS.GPSLongitude, place[1], "EW"),
        ):
            gps[tag - 1] = names[value < 0]  # the reference stands before its value
            gps[tag] = _parts(abs(value))
    out = io.BytesIO()
    noise = Random(seed).randbytes(size[0] * size[1] * 3)
    Image.frombytes("RGB", size, noise).save(out, shape, exif=exif.tobytes(), quality=95)
    return out.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    whole, rest = divmod(degrees, 1)
    minutes, rest = divmod(rest * 60, 1)
    return (whole, minutes, rest * 60)
