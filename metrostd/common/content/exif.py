"""What a photograph says of itself: when its camera took it, and where. Claims, shown and never believed."""

import datetime as dt
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import ExifTags, Image

from .kinds import HEIC, JPEG, PNG, WEBP

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", HEIC: "HEIF"}
_OFFSET = re.compile(r"([+-])(\d{2}):(\d{2})")
#: Cameras without an offset are believed to stand where the portal does.
_HERE = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Claims:
    """``taken_at`` is None and ``place`` empty where the photograph says nothing usable."""

    taken_at: dt.datetime | None = None
    #: Latitude and longitude in degrees.
    place: tuple[float, float] | None = None


def claims(data: bytes, kind: str) -> Claims:
    """What the EXIF of a photograph claims (DateTimeOriginal, OffsetTimeOriginal, GPS); never raises."""
    if kind not in _FORMATS:
        return Claims()
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as image:
            found = image.getexif()
            more = found.get_ifd(ExifTags.IFD.Exif)
            gps = found.get_ifd(ExifTags.IFD.GPSInfo)
    except Exception:  # whatever is in there came from outside
        return Claims()
    return Claims(_taken(more), _place(gps))


def _taken(tags: Mapping[int, object]) -> dt.datetime | None:
    said = str(tags.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ")
    offset = _OFFSET.fullmatch(str(tags.get(ExifTags.Base.OffsetTimeOriginal, "")).strip("\0 "))
    try:
        zone = _HERE if offset is None else _zone(*offset.groups())
        there = dt.datetime.strptime(said, "%Y:%m:%d %H:%M:%S").replace(tzinfo=zone)
        return there.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _zone(sign: str, hours: str, minutes: str) -> dt.timezone:
    apart = dt.timedelta(hours=int(hours), minutes=int(minutes))
    return dt.timezone(-apart if sign == "-" else apart)


def _place(tags: Mapping[int, object]) -> tuple[float, float] | None:
    try:
        north = _degrees(tags[ExifTags.GPS.GPSLatitude])
        east = _degrees(tags[ExifTags.GPS.GPSLongitude])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (0 <= north <= 90 and 0 <= east <= 180) or north == east == 0:
        return None
    south = str(tags.get(ExifTags.GPS.GPSLatitudeRef, "N")).strip("\0 ") == "S"
    west = str(tags.get(ExifTags.GPS.GPSLongitudeRef, "E")).strip("\0 ") == "W"
    return (-north if south else north, -east if west else east)


def _degrees(said: object) -> float:
    degrees, minutes, seconds = (float(each) for each in said)  # type: ignore[attr-defined]
    return degrees + minutes / 60 + seconds / 3600
