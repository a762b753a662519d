"""What a person sees of a list is what is read: letters without a shape, covered cells, empty lines."""

import datetime as dt

import pytest

from metrostd.common.text import compact, is_nothing, loose_key, name_key, tidy

from .sheets import HEAD, A, B, book, codes, column, found, line, read

NAME = "天津甲仪表有限公司"
UNSEEN = "\u200b\u200e\u202a\u202c\u202d\u2068\u2069\u00ad\u034f\u115f\u3164\uffa0\u2800\ufe0f\U000e0100\U000e0041\ufff9"


@pytest.mark.parametrize("mark", UNSEEN)
def test_letters_nobody_sees_change_nothing_anywhere(mark):
    head = [f"{mark}{title}{mark}" for title in HEAD]
    cells = [f"{mark}{cell[:2]}{mark}{cell[2:]}" for cell in map(str, line())]
    parsed = read(book(cells, line(2, cert="〔2018〕津量标企证字第002号"), head=head))

    assert parsed.issues == []
    assert column(parsed, "unit_name") == [NAME, NAME]
    assert column(parsed, "valid_until") == [dt.date(2022, 5, 31)] * 2
    assert [row.cert.identity[-1] for row in parsed.rows] == [1, 2]
    assert column(parsed, "uscc") == [A, A]


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("天津⻔⻋⻛机厂", "天津门车风机厂"),
        ("天津⼭⽔仪表厂", "天津山水仪表厂"),
        ("天津\uf9e1工厂", "天津李工厂"),
    ],
)
def test_radicals_and_compatibility_forms_are_the_letters_they_look_like(typed, seen):
    parsed = read(book(line(unit=typed), line(2, unit=seen, uscc=None, cert=None)))

    assert column(parsed, "unit_name") == [seen, seen]
    assert (tidy(typed), compact(typed), name_key(typed)) == (seen, seen, seen)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("天津А表厂", "天津A表厂"),
        ("天津甲·乙厂", "天津甲•乙厂"),
        ("天津O1厂", "天津〇l厂"),
        ("天津曰昇厂", "天津日昇厂"),
    ],
)
def test_names_that_look_alike_are_a_question(one, other):
    parsed = read(book(line(unit=one, uscc=None), line(2, unit=other, uscc=None, cert=None)))

    (issue,) = [issue for issue in parsed.issues if issue.code == "NAME_VARIANT"]
    assert issue.cell == "C3"
    assert issue.about
    assert loose_key(one) == loose_key(other)


@pytest.mark.parametrize("mark", "'＇‘’")
def test_an_apostrophe_in_front_makes_a_text_and_is_none_of_it(mark):
    text = "\r\n".join([",".join(HEAD), ",".join(f"{mark}{cell}" for cell in line())])
    parsed = read(text.encode("gb18030"), "名单.csv")

    assert parsed.issues == []
    assert column(parsed, "cert_no") == ["〔2018〕津量标企证字第001号"]


@pytest.mark.parametrize("lost", ["\ufffd", "\ue000", "\U000f0001"])
def test_a_letter_that_cannot_be_shown_is_told_once(lost):
    name = f"天津{lost}仪表有限公司"
    parsed = read(book(line(unit=name), line(2, unit=name, cert="〔2018〕津量标企证字第002号")))

    assert found(parsed) == [("LETTER_LOST", "C2")]
    assert column(parsed, "unit_name") == [name, name]


def test_the_mark_at_the_end_of_a_file_of_dos_is_no_letter_of_it():
    text = "\r\n".join([",".join(HEAD), ",".join(map(str, line()))])

    assert read(text.encode("gb18030") + b"\r\n\x1a", "名单.csv").issues == []


def test_two_apostrophes_still_mean_the_line_above():
    parsed = read(
        book(line(), [None, "''", "''", "''", *line(cert="〔2018〕津量标企证字第002号")[4:]])
    )

    assert column(parsed, "unit_name") == [NAME, NAME]


def test_a_value_under_a_merged_cell_gives_way_to_what_is_shown_and_is_told():
    second = line(None, unit="天津隐藏机械有限公司", uscc=B, cert="〔2018〕津量标企证字第002号")
    workbook = book(line(), second)
    for ref in ("C2:C3", "D2:D3"):  # openpyxl would empty the covered cells
        workbook.active.merged_cells.add(ref)
    parsed = read(workbook)

    assert column(parsed, "unit_name") == [NAME, NAME]
    assert column(parsed, "uscc") == [A, A]
    assert found(parsed) == [("MERGED_OVER", "C3"), ("MERGED_OVER", "D3")]
    assert "天津隐藏机械有限公司" in parsed.issues[0].found
    assert NAME in parsed.issues[0].advice


def test_a_value_beside_the_first_cell_of_a_merged_range_is_told_as_well():
    workbook = book(line())
    workbook.active.merged_cells.add("C2:D2")
    parsed = read(workbook)

    assert parsed.rows[0].uscc is None
    assert ("MERGED_OVER", "D2") in found(parsed)


def test_the_same_value_under_a_merged_cell_is_no_matter():
    workbook = book(line(), line(None, cert="〔2018〕津量标企证字第002号"))
    for ref in ("B2:B3", "C2:C3", "D2:D3"):
        workbook.active.merged_cells.add(ref)

    assert read(workbook).issues == []


@pytest.mark.parametrize("stroke", ["-", "/", "—", "--", "——", "－", "———", "/ /", "…"])
def test_lines_of_strokes_are_blank(stroke):
    parsed = read(book(line(), [stroke] * 8, line(2, cert="〔2018〕津量标企证字第002号")))

    assert [row.row_no for row in parsed.rows] == [2, 4]
    assert parsed.issues == []
    assert is_nothing(stroke)


def test_a_time_of_day_behind_a_date_is_a_warning():
    late, early = dt.datetime(2022, 5, 30, 23, 59, 17), dt.datetime(2022, 5, 30, 16)  # noqa: DTZ001
    parsed = read(book(line(until=late), line(2, until=early, cert="〔2018〕津量标企证字第002号")))

    assert column(parsed, "valid_until") == [dt.date(2022, 5, 31), dt.date(2022, 5, 30)]
    assert found(parsed) == [("DATE_TIME", "H2"), ("DATE_TIME", "H3")]


def test_one_date_beside_two_numbers_belongs_to_both():
    two = "〔2018〕津量标企证字第001号、〔2018〕津量标企证字第002号"
    parsed = read(book(line(standard="压力表检定装置、真空表检定装置", cert=two)))

    assert column(parsed, "issue_date") == [dt.date(2018, 6, 1)] * 2
    assert column(parsed, "valid_until") == [dt.date(2022, 5, 31)] * 2
    assert found(parsed) == [("SPLIT", "F2"), ("DATE_SHARED", "G2"), ("DATE_SHARED", "H2")]


@pytest.mark.parametrize(
    "number",
    [
        "〔2019〕津量标企证字第Z012号",
        "〔2019〕国量标津证字第JZ013号",
        "〔2019〕津量标企Z012号",
        "〔2019〕津量标企证字第012-1号",
    ],
)
def test_a_serial_that_is_no_number_is_kept_as_typed(number):
    parsed = read(book(line(cert=number, issue="2019-06-01", until="2023-05-31")))

    assert column(parsed, "cert_no") == [number]
    assert codes(parsed) == ["CERT_PATTERN"]


def test_a_quotation_mark_never_closed_names_its_line():
    lines = [
        ",".join(map(str, line(n, cert=f"〔2018〕津量标企证字第{n:03d}号"))) for n in range(1, 151)
    ]
    lines[2] += ',"二等'
    text = "\n".join([",".join([*HEAD, "备注"]), *lines])
    for content in (
        text,
        text + '\n"甲","乙"',
        text.replace("津量标企证字第009号", '津量标企证字第009号"'),
    ):
        with pytest.raises(Exception, match="第4行的引号"):
            read(content.encode("gb18030"), "名单.csv")


def test_a_cell_of_several_lines_is_no_open_quotation_mark():
    cells = [*map(str, line()), '"(0～60)MPa,\n(0～250)MPa,k=2\n"']
    parsed = read("\n".join([",".join([*HEAD, "测量范围"]), ",".join(cells)]).encode(), "名单.csv")

    assert parsed.rows[0].get("measuring_range") == "(0～60)MPa,\n(0～250)MPa,k=2"
