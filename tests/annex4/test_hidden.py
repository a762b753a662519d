"""What a list hides or lays over its cells is told with the cell, in both formats of Excel."""

import datetime as dt
import io
import struct

import openpyxl
import pytest
import xlwt
from openpyxl.drawing.image import Image as Drawn
from PIL import Image

from metrostd.annex4.biff_texts import SharedTexts
from metrostd.annex4.drawings import drawings_of
from metrostd.annex4.hiding import hides
from metrostd.annex4.ole import CompoundFile, rewrapped
from metrostd.annex4.package import ET

from .sheets import HEAD, book, column, found, line, read

DAY = dt.date(2026, 5, 31)


def png() -> Drawn:
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(picture, "PNG")
    return Drawn(picture)


def xls(configure=lambda workbook, sheet: None, **cells) -> bytes:
    """A list of one line as .xls; ``cells`` maps names such as H2 to (value, style)."""
    workbook = xlwt.Workbook(encoding="utf-8")
    sheet = workbook.add_sheet("名单", cell_overwrite_ok=True)
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for place, title in enumerate(HEAD):
        sheet.write(0, place, title)
    for place, value in enumerate(line()):
        if value is not None:
            sheet.write(1, place, value, day if isinstance(value, dt.date) else xlwt.XFStyle())
    for name, (value, style) in cells.items():
        sheet.write(1, ord(name[0]) - 65, value, style)
    configure(workbook, sheet)
    data = io.BytesIO()
    workbook.save(data)
    return data.getvalue()


@pytest.mark.parametrize(
    ("code", "value", "what"),
    [
        (";;;", 13, "VALUE_HIDDEN"),
        (";;;", "示例", "VALUE_HIDDEN"),
        (";;;", DAY, "VALUE_HIDDEN"),
        (";;;@", "示例", ""),
        (";;", "示例", ""),
        (";;", 13, "VALUE_HIDDEN"),
        ('"略"', 13, "VALUE_HIDDEN"),
        ("0;;;@", -1, "VALUE_HIDDEN"),
        ("0;-0;;@", 0, "VALUE_HIDDEN"),
        ("0;-0;;@", 7, ""),
        ('m"月"d"日"', DAY, "YEAR_HIDDEN"),
        ("d-mmm", DAY, "YEAR_HIDDEN"),
        ("h:mm", DAY, "YEAR_HIDDEN"),
        ('yyyy"年"', DAY, "MONTH_HIDDEN"),
        ('yyyy"年"m"月"', dt.date(2026, 5, 15), "DAY_HIDDEN"),
        ("[$-409]mmm-yy;@", dt.date(2026, 5, 14), "DAY_HIDDEN"),
        ('yyyy"年"m"月"', DAY, ""),
        ('yyyy"年"', "2026年", ""),
        ('m"月"d"日"', "5月31日", ""),
        ('[$-804]yyyy"年"m"月"d"日"', DAY, ""),
        ("yy-mm-dd", DAY, ""),
        ('e"年"m"月"', DAY, ""),
        ("0.00E+00", 13.0, ""),
        ("General", 13, ""),
        ("@", "示例", ""),
        ('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 13, ""),
    ],
)
def test_what_a_format_hides(code, value, what):
    hidden = hides(code)

    assert (hidden(value) if hidden else "") == what


def test_hidden_values_and_years_are_named_with_their_cell():
    workbook = book(line(issue=dt.date(2022, 6, 1), until=DAY))
    workbook.active["C2"].number_format = ";;;"
    workbook.active["H2"].number_format = 'm"月"d"日"'
    parsed = read(workbook)

    assert ("VALUE_HIDDEN", "C2") in found(parsed)
    assert ("YEAR_HIDDEN", "H2") in found(parsed)
    assert column(parsed, "valid_until") == [DAY]
    said = {issue.cell: issue.found for issue in parsed.issues}
    assert said["H2"] == "2026-05-31"


def test_hidden_values_and_years_in_an_xls():
    style = xlwt.easyxf
    data = xls(
        C2=("天津隐藏公司", style(num_format_str=";;;")),
        H2=(DAY, style(num_format_str='m"月"d"日"')),
    )
    parsed = read(data)

    assert {("VALUE_HIDDEN", "C2"), ("YEAR_HIDDEN", "H2")} <= set(found(parsed))


def test_what_hides_nothing_is_not_told():
    workbook = book(line())
    workbook.active["J2"] = "不读取的列"
    workbook.active["J2"].number_format = ";;;"
    workbook.active["C1"].number_format = ";;;"

    assert not {"VALUE_HIDDEN", "YEAR_HIDDEN"} & {code for code, _ in found(read(workbook))}


def test_a_part_struck_out_in_an_xls_is_left_out():
    plain, gone = xlwt.Font(), xlwt.Font()
    gone.struck_out = True

    def configure(workbook, sheet):
        sheet.write_rich_text(1, 2, (("天津旧名公司", gone), ("天津新名公司", plain)))

    parsed = read(xls(configure))

    assert column(parsed, "unit_name") == ["天津新名公司"]
    assert ("STRUCK_PART", "C2") in found(parsed)


def test_a_text_struck_out_run_by_run_is_struck_out():
    gone = xlwt.Font()
    gone.struck_out = True

    def configure(workbook, sheet):
        sheet.write_rich_text(1, 2, (("天津旧名", gone), ("公司", gone)))

    parsed = read(xls(configure))

    assert ("STRUCK_OUT", "C2") in found(parsed)
    assert column(parsed, "unit_name") == ["天津旧名公司"]


def test_texts_torn_apart_by_a_block_are_read_whole():
    """A letter that is the first of the next block, and a run list that begins there."""
    texts = SharedTexts()
    head = struct.pack("<II", 2, 2)
    first = struct.pack("<HB", 3, 0) + b"abc"
    second = struct.pack("<HBH", 4, 0x09, 1) + "天津".encode("utf-16-le")
    texts.see(head + first + second)
    texts.see(b"\x01" + "旧名".encode("utf-16-le"))
    texts.see(struct.pack("<HH", 2, 5))

    rich = texts.rich(1)

    assert (rich.text, rich.runs) == ("天津旧名", ((2, 5),))
    assert rich.left(lambda font: font == 5, outset=False) == "天津"
    assert texts.rich(0) is None


def test_a_picture_over_cells_is_named_with_what_it_covers():
    workbook = book(line())
    workbook.active.add_image(png(), "D2")
    parsed = read(workbook)

    issue = next(issue for issue in parsed.issues if issue.code == "DRAWING_OVER")
    assert (issue.cell, issue.found) == ("D2", "图片盖住D2")


def test_a_letterhead_is_no_data():
    workbook = openpyxl.Workbook()
    for row in ([], [], [], [], HEAD, line()):
        workbook.active.append(row)
    workbook.active.insert_rows(1, 4)
    workbook.active.add_image(png(), "A1")

    assert "DRAWING_OVER" not in {code for code, _ in found(read(workbook))}


def test_a_text_box_says_what_it_says():
    tree = ET.fromstring(
        '<wsDr xmlns:a="a"><twoCellAnchor><from><col>2</col><row>4</row></from>'
        "<to><col>5</col><row>6</row></to><sp><txBody><a:p><a:r><a:t>已注销</a:t></a:r></a:p>"
        "</txBody></sp></twoCellAnchor></wsDr>"
    )

    box = drawings_of(tree)[0]

    assert (box.kind, box.span, box.text) == ("文本框", (5, 2, 7, 5), "已注销")


def test_a_picture_over_cells_of_an_xls():
    data = xls(lambda workbook, sheet: sheet.insert_bitmap_data(bitmap(), 1, 3))
    parsed = read(with_anchor(data))

    assert ("DRAWING_OVER", "D2") in found(parsed)


def bitmap() -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(picture, "BMP")
    return picture.getvalue()


def with_anchor(data: bytes) -> bytes:
    """The picture as Excel writes it: its anchor in a record before the object."""
    stream = CompoundFile(data).stream("Workbook")
    anchor = struct.pack("<HHI9H", 0, 0xF010, 18, 2, 3, 0, 1, 0, 4, 0, 2, 0)
    record = struct.pack("<HH", 0x00EC, len(anchor)) + anchor
    at = 0
    while struct.unpack_from("<H", stream, at)[0] != 0x005D:
        at += 4 + struct.unpack_from("<H", stream, at + 2)[0]
    size = 4 + struct.unpack_from("<H", stream, at + 2)[0]
    common = struct.pack("<HHHHHH", 0x005D, 18, 0x15, 14, 8, 1) + bytes(10)
    return rewrapped("Workbook", stream[:at] + record + common + stream[at + size :])
