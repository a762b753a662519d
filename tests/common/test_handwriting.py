"""A signature has ink: in its picture and in its strokes."""

import base64
import io
import json

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, ImageDraw

from metrostd.common.handwriting import handwriting, signature_png
from tests.factories.inspections import STROKES, png


def picture(draw=None, *, mode="RGBA", ground=(0, 0, 0, 0), size=(300, 120)) -> bytes:
    """What a pad sends: by default strokes on nothing."""
    image = Image.new(mode, size, ground)
    if draw:
        draw(ImageDraw.Draw(image))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def scribble(pen):
    pen.line([(20, 20), (80, 90), (140, 20), (200, 90)], fill=(16, 35, 61, 255), width=3)


@pytest.mark.parametrize(
    "data",
    [picture(scribble), picture(scribble, mode="RGB", ground="white"), png(), png("blue")],
    ids=["on nothing", "on white", "small", "light on dark"],
)
def test_what_was_written_is_taken(data):
    assert handwriting(data, STROKES).png == data
    assert handwriting(data, json.dumps(STROKES)).strokes == STROKES


def test_the_pads_data_url_is_taken():
    url = "data:image/png;base64," + base64.b64encode(png("black")).decode()

    assert signature_png(url) == png("black")


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("", "没有收到签名"),
        ("data:image/svg+xml;base64,PHN2Zz4=", "没有收到签名"),
        ("data:image/png;base64,not base64!", "损坏"),
        ("data:image/png;base64," + base64.b64encode(b"no picture").decode(), "PNG"),
        (b"\xff\xd8\xff\xe0 jpeg", "PNG"),
        (png() + b"x" * 1024 * 1024, "PNG"),
        (png()[:60], "PNG"),
        (picture(), "没有收到签名"),
        (picture(mode="RGB", ground="white"), "没有收到签名"),
        (picture(lambda pen: pen.ellipse((50, 50, 56, 56), fill="black")), "不完整"),
        (picture(lambda pen: pen.line([(10, 60), (290, 60)], fill="black")), "不完整"),
        (picture(lambda pen: pen.rectangle((1, 1, 300, 120), fill="black")), "不完整"),
    ],
    ids=[
        *("nothing", "svg", "broken", "text", "jpeg", "huge", "cut"),
        *("empty", "white", "a dot", "a line", "all black"),
    ],
)
def test_a_picture_without_ink_is_refused(image, said):
    with pytest.raises(ValidationError) as error:
        handwriting(image, STROKES)

    assert said in error.value.message_dict["image"][0]


@pytest.mark.parametrize(
    ("strokes", "said"),
    [
        ("", "没有收到签名"),
        ("[]", "没有收到签名"),
        ("[[]]", "没有收到签名"),
        ("{", "没有完整收到"),
        ("7", "没有完整收到"),
        ("[[[1,2]]]", "没有完整收到"),
        ("[[[1e999,2,3]]]", "没有完整收到"),
        ('[[["x",2,3]]]', "没有完整收到"),
        ([STROKES[0][:9]], "不完整"),
        ([[(10.0 * n, 50.0, n) for n in range(20)]], "不完整"),
        ([[(1.0 * (n % 9), 50.0 + n % 7, n) for n in range(40)]], "不完整"),
        ([[(1.0 * n, 2.0 * n, n) for n in range(20_001)]], "太多"),
    ],
)
def test_strokes_that_are_no_signature_are_refused(strokes, said):
    with pytest.raises(ValidationError) as error:
        handwriting(png(), strokes)

    assert said in error.value.message_dict["image"][0]
