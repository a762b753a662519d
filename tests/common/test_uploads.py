"""Files are what their bytes are, whatever their names say."""

import io
import struct
import zipfile
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from metrostd.common import uploads
from metrostd.common.models import StoredFile
from metrostd.common.pdf import html_to_pdf
from metrostd.common.uploads import check_upload, sniff, store_bytes, store_upload

EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00" * 200


def picture(kind: str, size=(64, 48)) -> bytes:
    out = io.BytesIO()
    noise = Image.effect_noise(size, 60)
    extra = {"save_all": True, "append_images": [noise]} if kind == "MPO" else {}
    noise.save(out, kind, **extra)
    return out.getvalue()


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, "<x/>")
    return out.getvalue()


def workbook() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that announces a size; its pixels are never looked at."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


DOCX = archive("[Content_Types].xml", "word/document.xml")
ACCEPTED = {
    "报告.pdf": (html_to_pdf("<p>x</p>"), uploads.PDF),
    "照片.jpg": (picture("JPEG"), uploads.JPEG),
    "照片.JPEG": (picture("JPEG"), uploads.JPEG),
    "手机照片.jpg": (picture("MPO"), uploads.JPEG),
    "照片.png": (picture("PNG"), uploads.PNG),
    "照片.webp": (picture("WEBP"), uploads.WEBP),
    "台账.xlsx": (workbook(), uploads.XLSX),
    "报告.docx": (DOCX, uploads.DOCX),
}
PICTURES = [picture(kind) for kind in ("JPEG", "PNG", "WEBP")]


def refusal(data: bytes, name: str, **kwargs) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        check_upload(data, name, **kwargs)
    return refused.value


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_types_are_told_by_content(name):
    data, media_type = ACCEPTED[name]

    assert check_upload(data, name) == media_type


@pytest.mark.parametrize(
    ("data", "name", "code", "words"),
    [
        (EXE, "照片.jpg", "type_refused", ["照片.jpg", "可执行程序", "JPEG 图片"]),
        (b"<html><script>alert(1)</script>", "a.png", "type_refused", ["a.png"]),
        (b"plain words", "a.png", "type_refused", ["内容无法识别"]),
        (b"GIF89a" + b"\0" * 40, "a.png", "type_refused", [".gif"]),
        (ACCEPTED["报告.pdf"][0], "照片.png", "name_mismatch", ["PDF", "扩展名"]),
        (workbook(), "报告.docx", "name_mismatch", ["Excel 工作簿"]),
        (DOCX, "台账.xlsx", "name_mismatch", ["Word 文档"]),
        (archive("readme.txt"), "台账.xlsx", "type_refused", ["压缩包"]),
        (workbook()[:200], "台账.xlsx", "type_refused", ["压缩包"]),
        (b"", "空.pdf", "empty", ["空.pdf"]),
    ],
)
def test_refusals_name_the_file_and_what_is_wrong(data, name, code, words):
    refused = refusal(data, name)

    assert refused.code == code
    assert [word for word in words if word not in refused.message] == []


def test_a_type_may_be_refused_in_one_place_and_accepted_in_another():
    refused = refusal(ACCEPTED["报告.pdf"][0], "报告.pdf", accept=uploads.PHOTOS)

    assert refused.code == "type_refused"
    assert "内容是PDF，这里只接受 HEIC 图片、JPEG 图片、PNG 图片、WebP 图片" in refused.message


def test_a_file_over_the_limit_is_refused_unread(settings):
    settings.UPLOAD_MAX_BYTES = 2 * 1024 * 1024

    class Unreadable(SimpleUploadedFile):
        def read(self, *args):
            raise AssertionError("A file over the limit is not read.")

    assert refusal(b"%PDF-" + b"0" * settings.UPLOAD_MAX_BYTES, "a.pdf").code == "too_large"
    with pytest.raises(ValidationError, match="超过 2 MB") as refused:
        store_upload(Unreadable("a.pdf", b"%PDF-" + b"0" * settings.UPLOAD_MAX_BYTES))
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("data", PICTURES, ids=["jpeg", "png", "webp"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.97])
def test_a_truncated_picture_is_refused(data, share):
    cut = data[: int(len(data) * share)]

    assert sniff(cut) == ""
    assert refusal(cut, "照片.jpg").code == "damaged"


def test_the_end_of_an_embedded_preview_is_not_the_end_of_the_picture():
    preview = b"Exif\0\0" + picture("JPEG", (8, 8))
    segment = b"\xff\xff\xe1" + (len(preview) + 2).to_bytes(2) + preview
    whole = PICTURES[0][:2] + segment + PICTURES[0][2:]

    assert sniff(whole) == uploads.JPEG
    assert sniff(whole[:-200]) == ""


@pytest.mark.parametrize("size", [(9000, 9000), (10000, 9500), (60000, 60000)])
def test_a_picture_that_would_unpack_to_gigabytes_is_refused(size):
    bomb = png_of(*size)

    assert len(bomb) < 1000
    assert sniff(bomb) == ""
    refused = refusal(bomb, "照片.png")
    assert refused.code == "too_many_pixels"
    assert "8000 万" in refused.message


def test_a_large_picture_within_the_bounds_is_accepted():
    assert check_upload(png_of(8000, 8000), "照片.png") == uploads.PNG


class TestRandomBytes:
    @given(st.binary(min_size=1, max_size=400))
    def test_random_bytes_are_never_accepted(self, data):
        assert sniff(data) == ""

    @given(
        st.sampled_from(
            [b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\1\0\0WEBP"]
        ),
        st.binary(max_size=300),
    )
    def test_a_signature_alone_proves_nothing(self, start, rest):
        assert sniff(start + rest) == ""

    @given(st.sampled_from([*PICTURES, DOCX]), st.integers(0, 10_000), st.binary(max_size=40))
    def test_damage_never_escapes_as_another_error(self, data, place, noise):
        at = place % len(data)
        changed = data[:at] + noise + data[at + len(noise) :]

        assert sniff(changed) in ("", *uploads.MATERIALS)


@pytest.mark.django_db
class TestStoring:
    def test_the_same_bytes_are_stored_once(self):
        data = picture("PNG")

        first = store_upload(SimpleUploadedFile("一.png", data))
        second = store_upload(SimpleUploadedFile("二.png", data))

        assert first == second
        assert set(StoredFile.objects.all()) == {first, first.thumbnail}
        assert (first.size, first.media_type) == (len(data), uploads.PNG)
        assert first.content.name.endswith(first.sha256)
        with first.content.open() as content:
            assert content.read() == data

    def test_other_bytes_are_another_file(self):
        one, two = (store_bytes(data, media_type=uploads.PDF) for data in (b"%PDF-1", b"%PDF-2"))

        assert one != two
        assert one.content.name != two.content.name

    def test_a_refused_file_leaves_nothing(self):
        with pytest.raises(ValidationError):
            store_upload(SimpleUploadedFile("照片.jpg", EXE))

        assert not StoredFile.objects.exists()

    def test_a_file_without_a_name_gets_a_word_for_one(self):
        upload = SimpleUploadedFile("x", b"")
        upload._name = None

        with pytest.raises(ValidationError, match="未命名"):
            store_upload(upload)
