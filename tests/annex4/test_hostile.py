"""Files made to hurt, or grown by accident: each is read, or refused in a sentence, within seconds."""

import io
import time
import tracemalloc
import zipfile

import pytest

from metrostd.annex4 import UnreadableFile, read_workbook

from .sheets import HEAD, book, codes, column, found, line, read, saved

SHEET = "xl/worksheets/sheet1.xml"
SECONDS = 10  # of processor time; the slowest of these takes under three


def repacked(changes, source=None) -> bytes:
    """A saved list with some parts changed by functions from bytes to bytes."""
    old, buffer = zipfile.ZipFile(io.BytesIO(source or saved(book(line())))), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, bytes)(old.read(name)))
    return buffer.getvalue()


def with_rows(more: bytes, source=None) -> bytes:
    """A saved list with more markup behind its rows."""
    return repacked(
        {SHEET: lambda part: part.replace(b"</sheetData>", more + b"</sheetData>")}, source
    )


def with_merges(*refs: str, source=None) -> bytes:
    cells = "".join(f'<mergeCell ref="{ref}"/>' for ref in refs)
    more = f"</sheetData><mergeCells>{cells}</mergeCells>".encode()
    return repacked({SHEET: lambda part: part.replace(b"</sheetData>", more)}, source)


@pytest.fixture(autouse=True)
def _within_seconds():
    start = time.process_time()
    yield
    assert time.process_time() - start < SECONDS


def refusal(data: bytes, name="名单.xlsx") -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(data, name)
    assert caught.value.message.endswith("。")
    return caught.value.code


def test_a_quarter_of_a_million_formatted_rows_without_cells():
    """More than 64 MB of row marks in one sheet, as dressing whole rows leaves behind."""
    mark = (
        '<row r="{}" spans="1:8" s="1" customFormat="1" ht="14.25" customHeight="1"'
        + " " * 200
        + "/>"
    )
    rows = "".join(mark.format(n) for n in range(3, 260_000)).encode()
    assert len(rows) > 64 << 20
    parsed = read(with_rows(rows))

    assert parsed.issues == []
    assert len(parsed.rows) == 1


def test_formatted_cells_take_no_memory():
    styled = "".join(
        f'<row r="{n}">' + "".join(f'<c r="{c}{n}" s="1"/>' for c in "ABCDEFGH") + "</row>"
        for n in range(3, 100_000)
    ).encode()
    data = with_rows(styled)
    del styled
    tracemalloc.start()
    parsed = read(data)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(parsed.rows) == 1
    assert most < 40 << 20


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_entities_that_unfold_without_end_are_refused_in_every_part(part):
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'

    assert (
        refusal(
            repacked(
                {
                    part: lambda old: (
                        laughs + old[old.index(b"?>") + 2 :] if b"?>" in old else laughs + old
                    )
                }
            )
        )
        == "DAMAGED"
    )


def test_a_picture_drawn_in_svg_is_no_trap():
    buffer = io.BytesIO(saved(book(line())))
    with zipfile.ZipFile(buffer, "a") as package:
        package.writestr(
            "xl/media/image1.svg", '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" ""><svg/>'
        )

    assert read(buffer.getvalue()).issues == []


def test_a_package_that_unfolds_to_half_a_gigabyte():
    with io.BytesIO(saved(book(line()))) as buffer:
        with (
            zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as package,
            package.open("xl/worksheets/sheet2.xml", "w") as part,
        ):
            for _ in range(510):
                part.write(b" " * (1 << 20))
        data = buffer.getvalue()

    assert len(data) < 3 << 20
    assert refusal(data) == "TOO_LARGE"


def test_a_package_of_thousands_of_parts():
    buffer = io.BytesIO(saved(book(line())))
    with zipfile.ZipFile(buffer, "a") as package:
        for number in range(5001):
            package.writestr(f"xl/media/{number}", b"")

    assert refusal(buffer.getvalue()) == "TOO_LARGE"


def test_one_row_without_end():
    assert (
        refusal(with_rows(b'<row r="9">' + b'<c r="A9" s="1"/>' * 1_100_000 + b"</row>"))
        == "TOO_LARGE"
    )


@pytest.mark.parametrize("mark", [b't="e" ', b'r="A9" ', b"<c ", b"<f ", b'r="AA1" '])
def test_markup_that_never_closes(mark):
    data = with_rows(b'<row r="9"><c ' + mark * 200_000 + b"/></row>")
    try:
        assert len(read(data).rows) == 1
    except UnreadableFile as error:
        assert error.code == "DAMAGED"  # noqa: PT017 -- being refused is one of two right answers


def test_merged_ranges_over_everything():
    lines = [line(n, cert=f"〔2018〕津量标企证字第{n}号") for n in range(1, 1500)]
    deep = [
        f"{letter}{top}:{letter}1500"
        for top in range(2, 1500)
        for letter in ("I", "K", "ZZ", "XFD")
    ]
    parsed = read(with_merges("J1:XFD1", *deep, "J2:XFD1048576", source=saved(book(*lines))))

    assert parsed.issues == []
    assert len(parsed.rows) == 1499


def test_a_merge_of_the_whole_list_fills_nothing_in():
    """One range over many lines and columns: only its first column may carry down."""
    parsed = read(with_merges("C2:H1048576"))

    assert len(parsed.rows) == 1
    assert set(codes(parsed)) == {
        "MERGED_OVER",
        "USCC_MISSING",
    }  # of its own first line all but the first cell


@pytest.mark.parametrize(
    "text",
    [
        "序号,单位名称,所属区," + "x" * 20_000_000,
        "," * 20_000_000,
        "序号,单位名称,所属区\r\n1,甲,和平区\r\n" + "乙" * 2_000_000,
        '序号,单位名称,所属区\n"' + "甲,乙\n" * 1_000_000,
    ],
    ids=["one field", "commas", "third line", "open quote"],
)
def test_text_files_of_one_endless_line(text):
    assert refusal(text.encode(), "名单.csv") == "DAMAGED"


def test_lines_of_the_widest_allowed_text_file():
    text = "序号,单位名称,所属区\n" + ("," * 900_000 + "\n") * 5

    assert codes(read(text.encode(), "名单.csv")) == ["NO_DATA"]


@pytest.mark.parametrize("char", ["(", " (1", "〔2018", "2021.", "号、", "量标", "\u3000x", "A"])
@pytest.mark.parametrize("place", range(1, 8))
def test_cells_full_of_one_thing_are_named(char, place):
    cells = line()
    cells[place] = char * 12_000
    parsed = read(book(cells))

    assert len(parsed.rows) == 1
    assert any(i.cell == f"{'ABCDEFGH'[place]}2" and i.severity == "error" for i in parsed.issues)
    assert all(len(i.found) <= 301 for i in parsed.issues)


def test_a_long_text_where_long_texts_belong_is_kept():
    text = "(0～1)MPa；" * 2000
    parsed = read(book([*line(), text], head=[*HEAD, "测量范围"]))

    assert parsed.issues == []
    assert column(parsed, "measuring_range") == [text]


def test_a_header_of_thousands_of_columns():
    parsed = read(book([*line()], head=[*HEAD, *(f"列{n}" for n in range(2000))]))

    assert len(parsed.rows) == 1
    assert found(parsed)[-1] == ("COLUMN_UNKNOWN", "BYF1")


@pytest.mark.parametrize(
    "name", ["名单.csv", "名单.xls", "名单.docx", "名单", "../../名单.xlsx", "名" * 300]
)
def test_the_name_of_a_file_decides_nothing(name):
    assert read_workbook(saved(book(line())), name).format == "xlsx"
