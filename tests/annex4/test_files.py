"""What a file really is: .xlsx, .xls, .csv in several encodings, and everything that is none of these."""

import datetime as dt
import hashlib
import io
import random
import struct
import zipfile

import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrostd.annex4 import UnreadableFile, parse, read_workbook
from metrostd.annex4.ole import SIGNATURE, CompoundFile
from metrostd.annex4.unreadable import UNREADABLE

from .sheets import DISTRICTS, HEAD, ON, A, book, codes, column, found, line, read, saved

DATE = xlwt.easyxf(num_format_str="yyyy-mm-dd")


def xls(*lines, configure=lambda workbook, sheet: None, date1904=False) -> bytes:
    """A real BIFF8 file."""
    workbook = xlwt.Workbook(encoding="utf-8")
    workbook.dates_1904 = date1904
    sheet = workbook.add_sheet("名单")
    for number, cells in enumerate([HEAD, *lines]):
        for position, cell in enumerate(cells):
            if isinstance(cell, dt.date):
                sheet.write(number, position, cell, DATE)
            elif cell is not None:
                sheet.write(number, position, cell)
    configure(workbook, sheet)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def compound(*names: str, payload: bytes = b"x" * 5000) -> bytes:
    """A minimal compound file with the given streams."""
    free, end, fat_mark = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    per = -(-len(payload) // 512)

    def entry(name, kind, start, size):
        text = name.encode("utf-16-le")
        return text.ljust(64, b"\0") + struct.pack(
            "<HBB3I16sI8s8sIQ",
            len(text) + 2,
            kind,
            1,
            free,
            free,
            free,
            b"",
            0,
            b"",
            b"",
            start,
            size,
        )

    entries = entry("Root Entry", 5, end, 0)
    for index, name in enumerate(names):
        entries += entry(name, 2, 2 + index * per, len(payload))
    entries = entries.ljust(512, b"\0")
    chain = [fat_mark, end]
    for index in range(len(names)):
        first = 2 + index * per
        chain += [*range(first + 1, first + per), end]
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    header = SIGNATURE + b"\0" * 16 + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 10
    header += struct.pack("<6I", 1, 1, 0, 4096, end, 0)[0:0]
    header = header.ljust(44, b"\0") + struct.pack("<8I", 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    body = b"".join(payload.ljust(per * 512, b"\0") for _ in names)
    return header + fat + entries + body


def refused(data: bytes, name="list.xlsx") -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_workbook(data, name)
    assert caught.value.code in UNREADABLE
    assert str(caught.value) == caught.value.message
    return caught.value


def test_mess_21_real_xls():
    data = xls(
        line(issue=dt.date(2018, 6, 1), until=44712),
        line(2, cert="在办", standard="真空表检定装置"),
    )
    parsed = read(data, "list.xlsx")

    assert read_workbook(data, "x").format == "xls"
    assert found(parsed) == [("CERT_DRAFT", "F3")]
    assert column(parsed, "valid_until") == [dt.date(2022, 5, 31), dt.date(2022, 5, 31)]
    assert column(parsed, "uscc") == [A, A]


def test_xls_hidden_parts_merges_errors_and_date_system():
    def configure(workbook, sheet):
        sheet.write_merge(1, 2, 2, 2, "天津甲仪表有限公司")
        sheet.row(2).hidden = True
        sheet.col(3).hidden = True
        sheet.row(3).set_cell_error(4, "#REF!")
        other = workbook.add_sheet("隐藏的")
        other.visibility = 1
        other.write(0, 0, "旧数据")

    rows = [
        line(unit=None, issue=dt.date(2018, 6, 1), until=43250),
        line(2, unit=None, cert="〔2018〕津量标企证字第002号"),
        line(3, cert="〔2018〕津量标企证字第003号", standard=None),
    ]
    parsed = read(xls(*rows, configure=configure, date1904=True))

    assert column(parsed, "unit_name") == ["天津甲仪表有限公司"] * 3
    assert column(parsed, "valid_until")[0] == dt.date(2022, 5, 31)
    assert parsed.rows[1].values["unit_name"].filled_from == 2
    assert [(i.code, i.sheet, i.cell) for i in parsed.issues] == [
        ("CELL_ERROR", "名单", "E4"),
        ("ROWS_HIDDEN", "名单", "A3"),
        ("COLUMN_HIDDEN", "名单", "D1"),
        ("SHEET_SKIPPED", "隐藏的", "A1"),
    ]


TEXT = "\r\n".join(
    [
        ",".join(HEAD),
        ",".join(str(cell) for cell in line()),
        '2,南开区,"天津乙仪表有限公司\n",,热电偶检定装置,在办,,',
        ",,,,,,,",
    ]
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("name", ["list.csv", "list.xls", "无后缀"])
def test_mess_21_csv_by_content(encoding, name):
    parsed = read(TEXT.encode(encoding), name)

    assert [row.unit_name for row in parsed.rows] == ["天津甲仪表有限公司", "天津乙仪表有限公司"]
    assert found(parsed) == [("USCC_MISSING", "D3"), ("CERT_DRAFT", "F3")]
    assert read_workbook(TEXT.encode(encoding), name).format == "csv"


def test_csv_in_gb18030_with_its_own_mark_and_rare_characters():
    text = TEXT.replace("天津甲", "天津㐂𠮷")
    parsed = read(("\ufeff" + text).encode("gb18030"), "list.csv")

    assert parsed.rows[0].unit_name == "天津㐂𠮷仪表有限公司"


@pytest.mark.parametrize("mark", ["\t", ";"])
def test_csv_with_other_separators(mark):
    text = mark.join(HEAD) + "\n" + mark.join(str(cell) for cell in line())

    assert read(text.encode("gb18030"), "list.csv").issues == []


def test_csv_sheet_is_named_after_the_file_and_may_name_the_district():
    head, cells = HEAD[2:], line()[2:]
    parsed = read((",".join(head) + "\n" + ",".join(cells)).encode(), "和平区.csv")

    assert (parsed.rows[0].sheet, parsed.rows[0].district_code) == ("和平区", "120101")


def test_csv_numbers_kept_as_text_by_a_formula():
    text = TEXT.replace(A, f'="{A}"').replace("2018-06-01", '"=""20180601"""')
    parsed = read(text.encode("gb18030"), "list.csv")

    assert parsed.rows[0].uscc == A
    assert parsed.rows[0].get("issue_date") == dt.date(2018, 6, 1)


def test_csv_dates_and_serials_are_text():
    parsed = read(TEXT.replace("2022-05-31", "44712").encode(), "list.csv")

    assert column(parsed, "valid_until")[0] == dt.date(2022, 5, 31)


def test_csv_with_an_unclosed_quote_is_noticed():
    with pytest.raises(UnreadableFile, match="第6行的引号"):
        read((TEXT + '\n3,"和平区,天津丙').encode(), "list.csv")


def test_hash_is_that_of_the_original_bytes():
    data = saved(book(line()))

    assert read_workbook(data, "x").sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("data", [b"", b"   \r\n", b"\0\0\0"])
def test_empty_files(data):
    assert refused(data).code == "EMPTY_FILE"


@pytest.mark.parametrize(
    ("member", "word"),
    [
        ("word/document.xml", "Word"),
        ("ppt/presentation.xml", "演示文稿"),
        ("xl/workbook.bin", "xlsb"),
        ("content.xml", "OpenDocument"),
        ("名单.xlsx", "压缩包"),
    ],
)
def test_other_packages_are_named(member, word):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(member, "<x/>")
    error = refused(buffer.getvalue())

    assert error.code == "WRONG_KIND"
    assert word in error.message


@pytest.mark.parametrize(
    ("stream", "code", "word"),
    [
        ("EncryptedPackage", "PASSWORD", "密码"),
        ("WordDocument", "WRONG_KIND", "Word"),
        ("PowerPoint Document", "WRONG_KIND", "演示文稿"),
        ("Contents", "NOT_A_WORKBOOK", "没有工作簿"),
    ],
)
def test_other_compound_files_are_named(stream, code, word):
    data = compound(stream)
    error = refused(data)

    assert CompoundFile(data).names == {stream}
    assert CompoundFile(data).stream(stream) == b"x" * 5000
    assert error.code == code
    assert word in error.message


def test_password_inside_an_xls():
    data = xls(line())
    stream = CompoundFile(data).stream("Workbook")
    at = data.index(stream[:20])
    locked = bytearray(data)
    # The record after the first one becomes FILEPASS.
    length = struct.unpack_from("<H", data, at + 2)[0]
    struct.pack_into("<H", locked, at + 4 + length, 0x002F)

    assert refused(bytes(locked)).code == "PASSWORD"


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"<html><table><tr><td>x", "网页"),
        (b'<?xml version="1.0"?><Workbook/>', "XML"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
    ],
)
def test_other_formats_are_named(data, word):
    error = refused(data, "list.xls")

    assert error.code == "WRONG_KIND"
    assert word in error.message


def test_bytes_that_are_nothing():
    assert refused(bytes(range(256)) * 4).code == "NOT_A_WORKBOOK"
    assert refused(SIGNATURE + b"\0" * 2000).code == "DAMAGED"
    assert refused(b"PK\x03\x04" + b"x" * 100).code == "DAMAGED"


def test_cut_off_files():
    assert refused(saved(book(line()))[:-200]).code == "DAMAGED"
    assert refused(xls(line())[:700]).code == "DAMAGED"


def test_text_without_a_table_has_no_header():
    parsed = read("各区市场监管局：\n请查收。".encode(), "notice.txt")

    assert codes(parsed) == ["HEADER_NOT_FOUND"]
    assert not parsed.ok


def test_a_bomb_is_refused_before_it_is_unpacked():
    data = saved(book(line()))
    buffer = io.BytesIO(data)
    with (
        zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
        package.open("xl/media/x.bin", "w") as part,
    ):
        for _ in range(510):
            part.write(b"\0" * (1 << 20))

    assert refused(buffer.getvalue()).code == "TOO_LARGE"


def test_entity_declarations_are_refused():
    source, buffer = io.BytesIO(saved(book(line()))), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content
            new.writestr(name, content)

    assert refused(buffer.getvalue()).code == "DAMAGED"


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(["xlsx", "xls", "csv"]))
def test_damaged_files_are_read_or_refused_and_never_crash(rng: random.Random, kind):
    data = bytearray({"xlsx": SAMPLE_XLSX, "xls": SAMPLE_XLS, "csv": TEXT.encode("gb18030")}[kind])
    for _ in range(rng.randint(1, 8)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    try:
        workbook = read_workbook(bytes(data), "x")
        parse(workbook, districts=DISTRICTS, on=ON)
    except UnreadableFile as error:
        assert error.code in UNREADABLE  # noqa: PT017 -- being refused is one of two right answers


SAMPLE_XLSX, SAMPLE_XLS = saved(book(line())), xls(line())
