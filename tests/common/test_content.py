"""Files as phones, scanners and offices really write them: taken, or named as what they are."""

import io
import struct
import wave
import zipfile

import pikepdf
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from metrostd.common import content, uploads
from metrostd.common.content import claims_another, clean_name, named_as, office, sniff
from metrostd.common.content.compound import SIGNATURE
from metrostd.common.http import file_answer
from metrostd.common.uploads import check_upload, store_upload


def picture(kind: str = "JPEG", size=(64, 48), **extra) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, kind, **extra)
    return out.getvalue()


def document(change=None, **saving) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(200, 200))
        if change:
            change(made)
        made.save(out, **saving)
    return out.getvalue()


def package(parts: dict[str, str | bytes], **how) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **how) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return out.getvalue()


def compound(*streams: str) -> bytes:
    """A compound file whose directory names these streams."""
    free, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

    def entry(title: str, kind: int) -> bytes:
        text = title.encode("utf-16-le")
        place = struct.pack("<HBB3I36xIQ", len(text) + 2, kind, 1, free, free, free, end, 0)
        return text.ljust(64, b"\0") + place

    header = SIGNATURE + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    directory = entry("Root Entry", 5) + b"".join(entry(name, 2) for name in streams)
    chain = struct.pack("<128I", table, end, *[free] * 126)
    return header + chain + directory.ljust(512, b"\0")


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def recording(handler: bytes) -> bytes:
    told = box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12)
    return box(b"ftyp", b"mp42\0\0\0\0") + box(b"moov", told) + box(b"mdat", b"\0" * 400)


def webm(codec: bytes) -> bytes:
    """What the recorder of a browser begins with: lengths are left open."""
    head = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"
    return (
        head
        + b"\x18\x53\x80\x67"
        + b"\xff" * 8
        + b"\x16\x54\xae\x6b"
        + codec
        + b"\x1f\x43\xb6\x75"
        + b"\0" * 99
    )


def refusal(data: bytes, name: str, **kwargs) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        check_upload(data, name, **kwargs)
    return refused.value


class TestNames:
    @pytest.mark.parametrize(
        "name", ["照片.jfif", "照片.JPE", "1625100000000", "2026.06.01", "检定 第3.1次", "照片"]
    )
    def test_a_photograph_is_taken_whatever_is_usual_or_missing_behind_its_name(self, name):
        assert check_upload(picture(), name) == uploads.JPEG

    @pytest.mark.parametrize("name", ["照片.exe", "照片.7z", "照片.png", "照片.html"])
    def test_a_suffix_of_something_else_is_a_claim(self, name):
        assert refusal(picture(), name).code == "name_mismatch"

    def test_signs_that_turn_the_writing_do_not_hide_a_suffix(self):
        assert clean_name("照片\u202egpj.exe") == "照片gpj.exe"
        assert "照片gpj.exe" in refusal(picture(), "照片\u202egpj.exe").message

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
            ("长" * 300, "长" * 200),
            ("C:\\照片\\现场.jpg", "现场.jpg"),
            ("../../etc/passwd", "passwd"),
            ("现\u200b场\n照片.jpg", "现场照片.jpg"),
            ("\u202e", "未命名"),
            ("报告.pdf. ", "报告.pdf"),
        ],
    )
    def test_a_name_is_one_line_and_keeps_its_suffix(self, given, kept):
        assert clean_name(given) == kept

    @given(st.text(max_size=400))
    def test_any_name_is_kept_within_the_limit_and_cleaning_twice_changes_nothing(self, name):
        kept = clean_name(name, limit=60)

        assert 0 < len(kept) <= 60
        assert clean_name(kept, limit=60) == kept

    def test_a_download_gets_the_suffix_its_name_lacks(self):
        assert named_as("1625100000000", uploads.JPEG) == "1625100000000.jpg"
        assert named_as("照片.jfif", uploads.JPEG) == "照片.jfif"
        assert not claims_another("照片.hif", uploads.HEIC)


class TestHeic:
    DATA = picture("HEIF", quality=40)

    @pytest.mark.parametrize("name", ["IMG_0001.HEIC", "IMG_0001.heif", "IMG_0001"])
    def test_it_is_taken(self, name):
        assert check_upload(self.DATA, name) == uploads.HEIC

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
    def test_a_damaged_one_is_named_with_what_to_do(self, share):
        refused = refusal(self.DATA[: int(len(self.DATA) * share)], "IMG_0001.HEIC")

        assert "HEIC" in refused.message
        assert "兼容性最佳" in refused.message
        assert "mp4" not in refused.message.lower()

    def test_where_it_is_not_accepted_it_is_called_what_it_is(self):
        assert (
            "HEIC 图片" in refusal(self.DATA, "IMG.HEIC", accept=frozenset({uploads.PDF})).message
        )

    @pytest.mark.django_db
    def test_the_original_is_kept_and_a_browser_is_shown_a_jpeg(self):
        stored = store_upload(SimpleUploadedFile("IMG_0001.HEIC", self.DATA))

        with stored.content.open() as source:
            assert source.read() == self.DATA
        for shape, kind in (("view", "image/jpeg"), ("thumb", "image/jpeg"), ("", "image/heic")):
            answer = file_answer(stored, filename="IMG_0001.HEIC", shape=shape)
            assert answer["Content-Type"] == kind
            assert sniff(answer.getvalue()) == kind
            answer.close()
        assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.django_db
class TestThumbnails:
    def test_a_photograph_gets_a_small_upright_picture(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # taken with the camera turned
        stored = store_upload(SimpleUploadedFile("a.jpg", picture(size=(2000, 1000), exif=exif)))

        with stored.thumbnail.content.open() as source, Image.open(source) as small:
            assert small.size == (180, 360)
        assert stored.thumbnail.size < stored.size / 4
        assert stored.preview is None

    def test_one_without_a_small_picture_is_shown_as_it_is(self):
        whole = picture("PNG")
        stored = store_upload(SimpleUploadedFile("a.png", whole))
        stored.thumbnail = None

        answer = file_answer(stored, filename="a", shape="thumb")

        assert answer.getvalue() == whole
        answer.close()
        assert answer["Content-Disposition"] == 'inline; filename="a.png"'


def _script(made):
    made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def _launch(made):
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action
    )
    made.pages[0].Annots = made.make_indirect(pikepdf.Array([link]))


def _embedded(made):
    made.attachments["a.txt"] = b"hidden"


def _solid(made):
    made.pages[0].Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name("/3D"))])


def _other_file(made):
    act = pikepdf.Dictionary(S=pikepdf.Name("/GoToR"), F=pikepdf.String("//server/a.pdf"))
    made.Root.OpenAction = act


def _address():
    return pikepdf.Dictionary(S=pikepdf.Name("/URI"), URI=pikepdf.String("https://example.invalid"))


def _page_opens_address(made):
    made.pages[0].AA = pikepdf.Dictionary(O=_address())


def _linked(made):
    link = pikepdf.Dictionary(Subtype=pikepdf.Name("/Link"), A=_address())
    made.pages[0].Annots = pikepdf.Array([link])


def _mentions(made):
    made.docinfo["/Title"] = "关于 /JavaScript 与 /Launch 的说明"


class TestPdf:
    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"\r\n", b"\0\0 "])
    @pytest.mark.parametrize("end", [b"", b"\r\n\r\n", b"\0" * 5000])
    def test_one_after_a_byte_order_mark_and_before_padding_is_taken(self, start, end):
        assert check_upload(start + document() + end, "报告.pdf") == uploads.PDF

    @pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
    @pytest.mark.parametrize("linearize", [False, True])
    def test_a_cut_one_is_refused_as_not_whole(self, share, linearize):
        whole = document(
            lambda made: [made.add_blank_page() for _ in range(40)], linearize=linearize
        )

        refused = refusal(whole[: int(len(whole) * share)], "报告.pdf")

        assert (refused.code, "不完整" in refused.message) == ("damaged", True)

    @pytest.mark.parametrize("data", [b"%PDF-", b"%PDF-1.7\nstartxref\n0\n%%EOF"])
    def test_a_signature_alone_is_none(self, data):
        assert refusal(data, "报告.pdf").code == "damaged"

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (_script, "JavaScript"),
            (_launch, "启动程序"),
            (_embedded, "嵌入的文件"),
            (_solid, "嵌入的多媒体"),
            (_other_file, "打开其他文件"),
            (_page_opens_address, "自动打开网址"),
        ],
    )
    @pytest.mark.parametrize("mode", list(pikepdf.ObjectStreamMode))
    def test_one_that_acts_by_itself_is_refused_however_it_is_packed(self, change, words, mode):
        refused = refusal(document(change, object_stream_mode=mode), "报告.pdf")

        assert (refused.code, words in refused.message) == ("active_content", True)

    def test_a_name_written_in_hexadecimal_is_read(self):
        hidden = document(_script).replace(b"/JavaScript", b"/#4aavaScript")

        assert refusal(hidden, "报告.pdf").code == "active_content"

    def test_a_link_that_waits_for_a_click_is_taken(self):
        assert check_upload(document(_linked), "报告.pdf") == uploads.PDF

    def test_a_text_about_scripts_is_a_text(self):
        assert check_upload(document(_mentions), "报告.pdf") == uploads.PDF

    @pytest.mark.parametrize("strength", [2, 3, 4, 6])
    def test_one_that_asks_for_a_password_is_named(self, strength):
        locked = pikepdf.Encryption(owner="o", user="songfeng", R=strength, metadata=strength > 3)
        if strength < 4:
            locked = locked._replace(aes=False)

        refused = refusal(document(encryption=locked), "报告.pdf")

        assert (refused.code, "打开密码" in refused.message) == ("password", True)

    def test_one_that_only_forbids_printing_is_taken(self):
        locked = pikepdf.Encryption(owner="o", user="", R=6)

        assert check_upload(document(encryption=locked), "报告.pdf") == uploads.PDF

    def test_one_that_would_unpack_to_gigabytes_is_refused(self):
        def swell(made):
            for _ in range(9):
                made.make_indirect(pikepdf.String("a" * 4_000_000))
            made.Root.Kept = pikepdf.Array(
                [o for o in made.objects if isinstance(o, pikepdf.String)]
            )

        swollen = document(swell, object_stream_mode=pikepdf.ObjectStreamMode.generate)

        assert len(swollen) < 2_000_000
        assert refusal(swollen, "报告.pdf").code == "damaged"


WORKBOOK = {"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}


class TestOffice:
    @pytest.mark.parametrize(
        ("streams", "words"),
        [
            (["Workbook"], "Excel 97–2003 工作簿（.xls）"),
            (["WORKBOOK"], "Excel 97–2003 工作簿（.xls）"),
            (["Book"], "（.xls）"),
            (["WordDocument", "1Table"], "Word 97–2003 文档（.doc）"),
            (["PowerPoint Document"], "演示文稿（.ppt）"),
            (["EncryptedPackage", "EncryptionInfo"], "设有打开密码"),
            (["__properties_version1.0"], "Outlook 邮件"),
            (["Contents"], "复合文档"),
        ],
    )
    def test_an_old_or_locked_one_is_named_as_what_it_is(self, streams, words):
        assert words in refusal(compound(*streams), "台账.xlsx").message

    def test_one_with_macros_is_refused(self):
        for part in (
            "xl/vbaProject.bin",
            "xl\\vbaProject.bin",
            "xl/activeX/activeX1.xml",
            "xl/macrosheets/sheet1.xml",
        ):
            assert refusal(package(WORKBOOK | {part: b"x"}), "台账.xlsx").code == "macros"

    def test_backslashes_and_a_main_part_elsewhere_are_read(self):
        assert check_upload(package({"xl\\workbook.xml": "<x/>"}), "台账.xlsx") == uploads.XLSX
        assert check_upload(package({"./xl/workbook.xml": "<x/>"}), "台账.xlsx") == uploads.XLSX
        declared = "<Types>application/vnd…spreadsheetml.sheet.main+xml</Types>"
        elsewhere = {"[Content_Types].xml": declared, "book/main.xml": "<x/>"}
        assert check_upload(package(elsewhere), "台账.xlsx") == uploads.XLSX

    def test_one_that_would_unpack_to_gigabytes_is_refused(self, monkeypatch):
        monkeypatch.setattr(office, "MAX_UNPACKED", 8 << 20)
        big = bytes(office.MAX_UNPACKED // 4 + 1)
        bomb = package(WORKBOOK | {f"xl/media/{n}.bin": big for n in range(4)})

        assert len(bomb) < 200_000
        assert refusal(bomb, "台账.xlsx").code == "too_large"

    def test_one_of_thousands_of_parts_is_refused(self):
        parts = {f"xl/{n}.xml": "" for n in range(office.MAX_PARTS)}

        assert refusal(package(WORKBOOK | parts), "台账.xlsx").code == "too_large"

    def test_a_damaged_part_is_told(self):
        text = "<x>" + "记录" * 400 + "</x>"
        whole = package({"word/document.xml": text}, compresslevel=0)
        at = whole.index("记录".encode()) + 30

        refused = refusal(whole[:at] + b"??" + whole[at + 2 :], "报告.docx")

        assert (refused.code, "已损坏" in refused.message) == ("damaged", True)

    def test_entities_are_not_declared(self):
        declaring = WORKBOOK | {"xl/a.xml": "<!DOCTYPE x [<!ENTITY a 'b'>]><x/>"}

        assert refusal(package(declaring), "台账.xlsx").code == "damaged"

    def test_entities_are_not_declared_in_letters_of_two_bytes_either(self):
        wide = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'

        declaring = WORKBOOK | {"xl/a.xml": wide.encode("utf-16")}

        assert refusal(package(declaring), "台账.xlsx").code == "damaged"

    @pytest.mark.parametrize(
        ("target", "code"),
        [
            ("https://example.invalid/a.dotm", "active_content"),
            ("file://server/a.dotm", "active_content"),
            ("\\\\server\\a.dotm", "active_content"),
            ("file:///C:/Users/a/Normal.dotm", ""),
        ],
    )
    @pytest.mark.parametrize("first", [True, False])
    def test_a_template_from_elsewhere_is_refused_one_of_the_writer_is_not(
        self, target, code, first
    ):
        said = ['Type="x/attachedTemplate"', f'Target="{target}"']
        link = f"<Relationship {' '.join(said if first else said[::-1])}/>"
        data = package({"word/document.xml": "<x/>", "word/_rels/settings.xml.rels": link})

        if code:
            assert refusal(data, "报告.docx").code == code
        else:
            assert check_upload(data, "报告.docx") == uploads.DOCX

    def test_a_link_that_starts_a_program_is_refused(self):
        link = {"xl/externalLinks/externalLink1.xml": '<x><ddeLink ddeService="cmd"/></x>'}

        assert refusal(package(WORKBOOK | link), "台账.xlsx").code == "active_content"

    @pytest.mark.parametrize(
        ("part", "words"),
        [
            ("xl/workbook.bin", ".xlsb"),
            ("ppt/presentation.xml", ".pptx"),
            ("OFD.xml", "OFD"),
            ("a.txt", "压缩包"),
        ],
    )
    def test_another_package_is_called_what_it_is(self, part, words):
        assert words in refusal(package({part: "x"}), "台账.xlsx").message


class TestRecordings:
    ALL = content.MATERIALS | content.MEDIA

    def test_sound_and_pictures_of_phones_are_told_apart(self):
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(b"\0\0" * 400)
        frames = b"\xff\xfb\x90\x00" + b"\0" * 413
        taken = {
            "录像.mp4": (recording(b"vide"), content.MP4),
            "录像.MOV": (recording(b"vide"), content.MP4),
            "录音.m4a": (recording(b"soun"), content.AUDIO),
            "录音.webm": (webm(b"A_OPUS"), content.WEBM_SOUND),
            "录像.webm": (webm(b"A_OPUS V_VP8"), content.WEBM),
            "录音.wav": (out.getvalue(), content.WAV),
            "录音.mp3": (frames * 3, content.MP3),
            "带标题.mp3": (b"ID3\4\0\0\0\0\0\5title" + frames * 2, content.MP3),
        }

        for name, (data, kind) in taken.items():
            assert check_upload(data, name, accept=self.ALL) == kind

    def test_one_cut_short_is_refused(self):
        for handler in (b"vide", b"soun"):
            assert refusal(recording(handler)[:-100], "a.mp4", accept=self.ALL).code == "damaged"
        assert refusal(webm(b"A_OPUS")[:-120], "a.webm", accept=self.ALL).code == "damaged"

    def test_another_file_in_the_container_is_called_what_it_is(self):
        other = webm(b"V_MPEG4").replace(b"\x84webm", b"\x88matroska")
        assert "Matroska" in refusal(other, "a.mkv", accept=self.ALL).message

    def test_a_film_over_the_limit_is_told_how_to_be_smaller(self, settings):
        settings.UPLOAD_MAX_BYTES = 100
        assert "调低清晰度，或者分段录制后再传" in refusal(b"x" * 101, "a.MOV").message
        assert "请压缩后再传" in refusal(b"x" * 101, "a.pdf").message

    def test_as_material_it_is_named(self):
        assert "MP4 录像" in refusal(recording(b"vide"), "a.mp4").message
        assert "AVIF" in refusal(box(b"ftyp", b"avif\0\0\0\0"), "a.avif").message
