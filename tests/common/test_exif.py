"""What a photograph claims of itself: read from real JPEG and HEIC files, and nothing at all from made-up ones."""

import datetime as dt
import io

import pytest
from PIL import Image

from metrostd.common.content import HEIC, JPEG, PDF, PNG, Claims, claims
from tests.cameras import camera

TEN = dt.datetime(2021, 6, 15, 2, tzinfo=dt.UTC)  # ten o'clock here
PLACE = (39.084158, 117.200983)


@pytest.mark.parametrize(("shape", "kind"), [("JPEG", JPEG), ("HEIF", HEIC)])
def test_time_and_place_are_read_from_what_the_camera_wrote(shape, kind):
    found = claims(camera(taken="2021:06:15 10:00:00", place=PLACE, shape=shape), kind)

    assert found.taken_at == TEN
    assert found.place == pytest.approx(PLACE, abs=1e-5)


@pytest.mark.parametrize(
    ("taken", "offset", "at"),
    [
        ("2021:06:15 10:00:00", "+08:00", TEN),
        ("2021:06:15 03:00:00", "+01:00", TEN),
        ("2021:06:14 21:00:00", "-05:00", TEN),
        ("2021:06:15 10:00:00", "east", TEN),
        ("0000:00:00 00:00:00", "", None),
        ("2021-06-15", "", None),
        ("    :  :     :  :  ", "", None),
        ("0001:01:01 00:00:00", "+23:59", None),
    ],
)
def test_a_time_is_that_of_its_offset_or_of_here(taken, offset, at):
    assert claims(camera(taken=taken, offset=offset), JPEG).taken_at == at


def test_south_and_west_are_below_zero():
    found = claims(camera(place=(-33.9, -70.6)), JPEG).place
    assert found == pytest.approx((-33.9, -70.6), abs=1e-5)


@pytest.mark.parametrize("place", [(91.0, 10.0), (10.0, 181.0), (0.0, 0.0)])
def test_a_place_that_is_none_is_left_out(place):
    assert claims(camera(place=place), JPEG).place is None


def test_what_says_nothing_or_cannot_be_read_claims_nothing():
    plain = io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "PNG")
    whole = camera(taken="2021:06:15 10:00:00")

    assert claims(plain.getvalue(), PNG) == Claims()
    assert claims(whole[:40], JPEG) == Claims()
    assert claims(whole, PDF) == Claims()
    assert claims(b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\xff\xff\xff\xff", JPEG) == Claims()
