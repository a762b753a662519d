"""What the markup of a workbook says beside its values, in whatever way a program writes it."""

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest
import xlwt
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from metrostd.annex4 import UnreadableFile
from metrostd.annex4.ole import CompoundFile, rewrapped
from metrostd.annex4.shown import reading_of
from metrostd.annex4.workbook import read_workbook

from .sheets import HEAD, A, book, codes, column, found, line, read, saved
from .test_hostile import SHEET, repacked

NUMBER = "〔2018〕津量标企证字第{:03d}号"


def changed(old: str, new: str, source=None) -> bytes:
    """A saved list with its sheet's markup changed."""
    return repacked({SHEET: lambda part: part.replace(old.encode(), new.encode())}, source)


def renamed(names, source=None) -> bytes:
    """A saved list with its parts under other names."""
    old, buffer = zipfile.ZipFile(io.BytesIO(source or saved(book(line())))), io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            info = zipfile.ZipInfo(name)
            info.filename = names(name)
            new.writestr(info, content)
    return buffer.getvalue()


def shared_formulas() -> bytes:
    """Three dates as formulas whose results were never saved: one shared by two rows, one empty."""
    formulas = (
        '<f t="shared" ref="H2:H4" si="0">EDATE(G2,48)-1</f>',
        '<f t="shared" si="0"/>',
        "<f/>",
    )
    data = saved(book(*(line(n, cert=NUMBER.format(n), until=None) for n in (1, 2, 3))))
    pieces = zipfile.ZipFile(io.BytesIO(data)).read(SHEET).decode().split("</row>")
    for row, formula in enumerate(formulas, start=2):
        pieces[row - 1] += f'<c r="H{row}">{formula}</c>'
    part = "</row>".join(pieces).encode()
    return repacked({SHEET: lambda _: part}, data)


def test_formulas_without_a_result_are_told_however_they_are_written():
    parsed = read(shared_formulas())

    assert found(parsed) == [("FORMULA_NO_VALUE", f"H{row}") for row in (2, 3, 4)]
    assert [issue.found for issue in parsed.issues] == ["=EDATE(G2,48)-1"] * 2 + ["="]


def test_a_formula_without_a_result_is_told_in_a_column_that_is_not_read():
    workbook = book(
        [*line(), "=H2-TODAY()"],
        ["合计", None, None, None, None, None, "=SUM(A2:A2)"],
        head=[*HEAD, "剩余天数"],
    )
    parsed = read(workbook)

    assert ("FORMULA_NO_VALUE", "I2") in found(parsed)
    assert ("FORMULA_NO_VALUE", "G3") in found(parsed)
    assert parsed.ok  # nothing of the list is missing


@pytest.mark.parametrize(
    ("old", "new"),
    [("<row r=", "<row  r ="), ('<c r="', '<c\nr="'), (' t="s"', " t='s'")],
)
def test_quotes_and_spaces_of_markup_do_not_matter(old, new):
    workbook = book(line())
    workbook.active.row_dimensions[2].hidden = True
    parsed = read(changed(old, new, saved(workbook)))

    assert column(parsed, "uscc") == [A]
    assert codes(parsed) == ["ROWS_HIDDEN"]


def test_facts_in_single_quotes_are_facts():
    workbook = book(line())
    workbook.active.row_dimensions[2].hidden = True
    data = changed('hidden="1"', "hidden = 'true'", saved(workbook))

    assert codes(read(data)) == ["ROWS_HIDDEN"]


@pytest.mark.parametrize("mark", ["date1904='1'", 'date1904 = "true"', 'date1904="on"'])
def test_the_other_calendar_is_noticed_in_any_quotes(mark):
    data = saved(book(line()))
    data = repacked(
        {
            "xl/workbook.xml": lambda part: re.sub(
                rb"<workbookPr\b", f"<workbookPr {mark}".encode(), part
            )
        },
        data,
    )

    assert read_workbook(data, "x").date1904


def test_a_month_shown_is_a_month_read():
    workbook = book(line(issue=dt.date(2018, 6, 1), until=dt.date(2022, 5, 1)))
    workbook.active["G2"].number_format = 'yyyy"年"m"月"'
    workbook.active["H2"].number_format = "mmm-yy"
    parsed = read(workbook)

    assert column(parsed, "issue_date") == [dt.date(2018, 6, 1)]
    assert column(parsed, "valid_until") == [dt.date(2022, 5, 31)]
    assert found(parsed) == [("DAY_ASSUMED", "G2"), ("DAY_ASSUMED", "H2")]


@pytest.mark.parametrize(
    "code",
    [
        '[$-804]yyyy"年"m"月";@',
        "yyyy\\-mm;@",
        "yyyy/m",
        "yyyy.mm",
        'e"年"m"月"',
        "[$-409]mmm\\-yy;@",
    ],
)
def test_formats_that_show_a_month_alone(code):
    assert reading_of(code)(dt.date(2026, 6, 1)) == "2026年6月"


def test_a_day_behind_a_month_is_believed():
    workbook = book(line(until=dt.date(2022, 5, 30)))
    workbook.active["H2"].number_format = 'yyyy"年"m"月"'

    assert column(read(workbook), "valid_until") == [dt.date(2022, 5, 30)]


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ('"〔2024〕津量标企证字第"000"号"', 13, "〔2024〕津量标企证字第013号"),
        ('"022-"00000000', 27900001, "022-27900001"), ("00000000", 1219000, "01219000"),
        ("000-0000-0000", 13800000000, "138-0000-0000"), ('@"有限公司"', "天津甲仪表", "天津甲仪表有限公司"),
        ('General"项"', 3, "3项"), ('0.00"级"', 0.05, "0.05级"), ('0.0"级"', 0.05, 0.05),
        ('"第"0"号";;', 7, "第7号"), ("00", 5.0, "05"),
    ],
)  # fmt: skip
def test_what_a_format_writes_around_a_value(code, value, shown):
    assert reading_of(code)(value) == shown


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0",
        "0.00",
        "#,##0",
        "@",
        "yyyy-mm-dd",
        "0%",
        "0.00E+00",
        "",
        "[Red]0",
        "yyyy年m月d日",
        ";;;",
    ],
)
def test_formats_that_change_nothing(code):
    assert reading_of(code) is None


def test_numbers_dressed_by_a_format_are_read_as_shown_in_both_kinds_of_file():
    workbook = book(line(cert=13))
    workbook.active["F2"].number_format = '"〔2018〕津量标企证字第"000"号"'
    old, sheet = xlwt.Workbook(), None
    sheet = old.add_sheet("名单")
    style = xlwt.easyxf(num_format_str='"〔2018〕津量标企证字第"000"号"')
    for column_no, (title, value) in enumerate(zip(HEAD, line(cert=13), strict=True)):
        sheet.write(0, column_no, title)
        sheet.write(1, column_no, value, *([style] if column_no == 5 else []))
    for source in (workbook, saved(old)):
        assert column(read(source), "cert_no") == [NUMBER.format(13)]


def test_text_struck_out_is_not_read_and_a_line_struck_out_is_told():
    workbook = book(line(), line(2, cert=NUMBER.format(2)))
    struck = TextBlock(InlineFont(strike=True), "天津旧表厂")
    workbook.active["C2"] = CellRichText(struck, "天津甲仪表有限公司")
    for cell in workbook.active[3]:
        cell.font = Font(strike=True)
    parsed = read(workbook)

    assert column(parsed, "unit_name") == ["天津甲仪表有限公司"] * 2
    assert found(parsed) == [("STRUCK_OUT", "A3"), ("STRUCK_PART", "C2")]


def test_a_picture_in_a_cell_is_told_and_is_no_text():
    """WPS keeps the formula of the picture as its result."""
    cells = [*map(str, line()), '"=DISPIMG(""ID"",1)"']
    text = "\n".join([",".join([*HEAD, "备注"]), ",".join(cells)])
    parsed = read(text.encode(), "名单.csv")

    assert found(parsed) == [("PICTURE", "I2")]
    assert parsed.rows[0].get("remark") is None


def test_a_picture_placed_in_a_cell_by_excel_is_told():
    data = saved(book([*line(), 5], head=[*HEAD, "备注"]))
    data = changed(
        '<c r="I2" t="n"><v>5</v></c>', '<c r="I2" t="e" vm="1"><v>#VALUE!</v></c>', data
    )

    assert found(read(data)) == [("PICTURE", "I2")]


@pytest.mark.parametrize(
    "names",
    [
        lambda name: name.replace("/", "\\"),
        lambda name: name.replace("xl/workbook.xml", "XL/Workbook.xml"),
        lambda name: f"/{name}",
        lambda name: f"./{name}",
        lambda name: name.replace("xl/", "xl//"),
    ],
)
def test_packages_with_names_in_other_spelling(names):
    parsed = read(renamed(names))

    assert column(parsed, "uscc") == [A]
    assert parsed.issues == []


def test_a_workbook_outside_its_usual_place():
    def moved(name):
        return name.replace("xl/workbook.xml", "xl/book2.xml").replace(
            "workbook.xml.rels", "book2.xml.rels"
        )

    data = renamed(moved)
    data = repacked(
        {"_rels/.rels": lambda part: part.replace(b"xl/workbook.xml", b"xl/book2.xml")}, data
    )

    assert column(read(data), "uscc") == [A]


def test_a_workbook_packed_again_with_its_folder_is_named():
    with pytest.raises(UnreadableFile, match="拆开后重新压缩的工作簿") as caught:
        read_workbook(renamed(lambda name: f"名单/{name}"), "名单.zip")

    assert "解压" not in str(caught.value)


def test_a_package_without_its_workbook_is_not_to_be_unpacked():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    with pytest.raises(UnreadableFile) as caught:
        read_workbook(buffer.getvalue(), "名单.xlsx")

    assert "解压" not in caught.value.message


def test_merges_of_whole_rows_and_columns():
    more = '</sheetData><mergeCells><mergeCell ref="1:1"/><mergeCell ref="L:M"/></mergeCells>'
    parsed = read(changed("</sheetData>", more, saved(book(["名单"], HEAD, line(), head=None))))

    assert column(parsed, "uscc") == [A]


def test_a_stray_cell_far_away_and_styles_one_library_cannot_read():
    workbook = book(line())
    workbook.active["XFD400000"] = "x"
    data = repacked(
        {
            "xl/styles.xml": lambda part: part.replace(b"<fills", b"<fills").replace(
                b"<fill><patternFill /></fill>", b"<fill/>"
            )
        },
        saved(workbook),
    )
    parsed = read(data)

    assert column(parsed, "valid_until") == [dt.date(2022, 5, 31)]


def old_workbook() -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("名单")
    for row, cells in enumerate((HEAD, line())):
        for place, cell in enumerate(cells):
            sheet.write(row, place, cell)
    return saved(workbook)


@pytest.mark.parametrize("page", [936, 1252, 950, 65001])
def test_an_xls_is_unicode_whatever_code_page_it_names(page):
    stream = CompoundFile(old_workbook()).stream("Workbook")
    at = stream.index(b"\x42\x00\x02\x00\xb0\x04")
    stream = stream[: at + 4] + page.to_bytes(2, "little") + stream[at + 6 :]

    assert column(read(rewrapped("Workbook", stream)), "unit_name") == ["天津甲仪表有限公司"]


@pytest.mark.parametrize("name", ["WORKBOOK", "workbook", "BOOK"])
def test_the_stream_of_an_xls_in_other_letters(name):
    stream = CompoundFile(old_workbook()).stream("Workbook")

    assert column(read(rewrapped(name, stream)), "uscc") == [A]


def test_a_locked_file_is_told_apart_from_a_protected_one_in_words():
    with pytest.raises(UnreadableFile, match="工作簿保护"):
        read_workbook(rewrapped("EncryptedPackage", b"\0" * 5000), "名单.xlsx")


def test_titles_of_many_sheets_are_named_once():
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for number in range(28):
        sheet = workbook.create_sheet(f"表{number}")
        for cells in ([*HEAD, "经费"], [*line(number, cert=NUMBER.format(number)), 3]):
            sheet.append(cells)
    parsed = read(workbook)

    assert found(parsed) == [("COLUMN_UNKNOWN", "I1")]
    assert "另有27个工作表" in parsed.issues[0].advice
