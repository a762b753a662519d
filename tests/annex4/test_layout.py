"""Where things stand: merged cells, sections, totals, hidden parts."""

import datetime as dt

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font

from .sheets import HEAD, A, B, book, codes, column, found, line, read, saved

FIRST = line()
SECOND = line(2, "南开区", "天津乙仪表有限公司", B, "热电偶检定装置", "〔2018〕津量标企证字第002号")


def test_clean_list_has_rows_and_no_issues():
    parsed = read(book(FIRST, SECOND))

    assert parsed.ok
    assert parsed.issues == []
    row = parsed.rows[0]
    assert (row.sheet, row.row_no, row.district_code) == ("名单", 2, "120101")
    assert (row.unit_name, row.uscc) == ("天津甲仪表有限公司", A)
    assert row.cert.identity == (2018, "津", False, "企", 1)
    assert row.values["valid_until"].value == dt.date(2022, 5, 31)
    assert row.values["valid_until"].raw == "2022-05-31"
    assert row.values["valid_until"].cell == "H2"
    assert (row.is_draft, row.expired, row.has_standard) == (False, False, True)
    assert parsed.sheets[0].header_row == 1
    assert parsed.sheets[0].columns[2] == ("unit_name", "单位名称")
    assert parsed.sheets[0].data_rows == 2


def test_mess_03_merged_data_cells_fill_down_inside_the_range_only():
    second = line(None, None, None, None, "真空表检定装置", "〔2018〕津量标企证字第003号")
    third = line(
        2, "南开区", "天津乙仪表有限公司", None, "热电偶检定装置", "〔2018〕津量标企证字第002号"
    )
    parsed = read(book(FIRST, second, third, merges=["A2:A3", "B2:B3", "C2:C3", "D2:D3"]))

    assert column(parsed, "uscc") == [A, A, None]
    assert column(parsed, "unit_name")[1] == "天津甲仪表有限公司"
    filled = parsed.rows[1].values["unit_name"]
    assert (filled.cell, filled.filled_from) == ("C3", 2)
    assert parsed.rows[0].values["unit_name"].filled_from is None
    assert found(parsed) == [("USCC_MISSING", "D4")]


@pytest.mark.parametrize("mark", [None, "同上", "〃", '"', "″", "“"])
def test_mess_04_blank_or_ditto_continuation(mark):
    second = line(None, mark, mark, mark, "真空表检定装置", "〔2018〕津量标企证字第003号")
    third = line(None, mark, mark, mark, "台秤检定装置", "〔2018〕津量标企证字第004号")
    parsed = read(book(FIRST, second, third))

    assert parsed.issues == []
    assert column(parsed, "uscc") == [A, A, A]
    assert [row.district_code for row in parsed.rows] == ["120101"] * 3
    assert parsed.rows[2].values["uscc"].filled_from == 2


def test_mess_04_a_numbered_row_is_not_filled():
    second = line(2, "和平区", None, None, "真空表检定装置", "〔2018〕津量标企证字第003号")
    third = line(3, "和平区", "同上", "同上", "台秤检定装置", "〔2018〕津量标企证字第004号")
    parsed = read(book(FIRST, second, third))

    assert column(parsed, "unit_name") == ["天津甲仪表有限公司", None, None]
    assert found(parsed) == [
        ("UNIT_MISSING", "C3"),
        ("DITTO_NOT_FILLED", "C4"),
        ("DITTO_NOT_FILLED", "D4"),
    ]


def test_mess_04_standard_level_cells_are_never_filled():
    second = line(
        None, None, None, None, "真空表检定装置", "〔2018〕津量标企证字第003号", "同上", None
    )
    parsed = read(book(FIRST, second))

    assert parsed.rows[1].get("issue_date") is None
    assert found(parsed) == [("DITTO_NOT_FILLED", "G3"), ("DATE_MISSING", "H3")]


def test_mess_04_nothing_is_filled_from_another_unit():
    other = line(
        None, None, "天津丙仪表有限公司", None, "真空表检定装置", "〔2018〕津量标企证字第003号"
    )
    parsed = read(book(FIRST, other))

    assert column(parsed, "uscc") == [A, None]
    assert found(parsed) == [("DISTRICT_MISSING", "B3"), ("USCC_MISSING", "D3")]


def test_mess_05_numbering_says_nothing():
    again = line("1、", *SECOND[1:])
    parsed = read(book(FIRST, again))

    assert parsed.issues == []
    assert column(parsed, "seq") == ["1", "1、"]


def test_mess_06_district_as_section_row():
    head = [HEAD[0], *HEAD[2:]]
    one, two = [FIRST[0], *FIRST[2:]], [SECOND[0], *SECOND[2:]]
    parsed = read(
        book(["一、和平区"], one, ["（二）南开区（1家）"], two, head=head, merges=["A2:G2"])
    )

    assert parsed.issues == []
    assert [row.district_code for row in parsed.rows] == ["120101", "120104"]
    assert parsed.rows[0].values["district"].cell == ""
    assert column(parsed, "district") == ["和平区", "南开区"]


@pytest.mark.parametrize(
    "heading",
    [
        "和平区", "一、和平区", "（一）和平区", "1.和平区", "第一部分、和平区", "和平区（12家）", "和平区（共12家36项）", "和平区 12家",
        "和平区：", "和平区：12家", "天津市和平区", "和平区市场监督管理局", "和 平 区", "一、和平",
    ],
)  # fmt: skip
def test_mess_06_ways_to_write_a_section(heading):
    head = [HEAD[0], *HEAD[2:]]
    parsed = read(book([heading], [FIRST[0], *FIRST[2:]], head=head))

    assert parsed.issues == []
    assert [row.district_code for row in parsed.rows] == ["120101"]


def test_mess_06_district_as_sheet_name():
    head = [HEAD[0], *HEAD[2:]]
    workbook = book([FIRST[0], *FIRST[2:]], head=head, title="和平区")
    sheet = workbook.create_sheet("2.南开")
    sheet.append(head)
    sheet.append([SECOND[0], *SECOND[2:]])
    parsed = read(workbook)

    assert parsed.issues == []
    assert [(row.sheet, row.district_code) for row in parsed.rows] == [
        ("和平区", "120101"),
        ("2.南开", "120104"),
    ]
    assert [info.district_code for info in parsed.sheets] == ["120101", "120104"]


def test_mess_06_unknown_district_section_ends_the_one_before():
    head = [HEAD[0], *HEAD[2:]]
    parsed = read(book(["一、和平区"], ["二、朝阳区"], [FIRST[0], *FIRST[2:]], head=head))

    assert parsed.rows[0].district_code == ""
    assert found(parsed) == [("DISTRICT_UNKNOWN", "A3"), ("DISTRICT_MISSING", "B4")]


def test_mess_07_totals_notes_and_signatures_are_skipped():
    tail = [
        ["小计", None, 1],
        ["合 计", None, None, None, "1项"],
        ["注：以上数据截至4月"],
        ["备注：无"],
        ["填表人：张三", None, None, "审核：李四"],
        ["制表日期：2021.4.30"],
        ["审核人：王五"],
    ]
    parsed = read(book(FIRST, *tail))

    assert len(parsed.rows) == 1
    assert found(parsed) == [("ROW_SUMMARY", f"A{row}") for row in range(3, 10)]
    assert parsed.ok


@pytest.mark.parametrize("name", ["注塑机械（天津）有限公司", "合计量具厂", "审核技术研究院"])
@pytest.mark.parametrize(("uscc", "cert"), [(A, "〔2018〕津量标企证字第001号"), (None, None)])
def test_mess_07_a_unit_whose_name_begins_like_a_note_is_data(name, uscc, cert):
    parsed = read(book(line(None, None, name, uscc, cert=cert)))

    assert column(parsed, "unit_name") == [name]
    assert "ROW_SUMMARY" not in codes(parsed)


def test_mess_07_a_total_behind_a_number_and_a_district_is_no_unit():
    total = line(2, "和平区", "小计", None, "1项", None, None, None)
    parsed = read(book(FIRST, total))

    assert column(parsed, "unit_name") == ["天津甲仪表有限公司"]
    assert found(parsed) == [("ROW_SUMMARY", "C3")]


@pytest.mark.parametrize(
    "foot",
    [
        ["单位负责人：张三", None, None, None, "填表日期：2021.4.30"],
        ["经办人：李四", "电话：022-00000000"],
        [None, "填报单位（盖章）：", None, None, "2021年4月30日"],
        ["审核：", None, "王五", None, "制表：", "赵六"],
    ],
)
def test_mess_07_a_line_of_signatures_is_no_data(foot):
    parsed = read(book(FIRST, foot))

    assert len(parsed.rows) == 1
    assert codes(parsed) == ["ROW_SUMMARY"]


def test_blank_numbered_rows_and_formatting_far_below_are_no_data():
    workbook = book(FIRST, [2], ["3"], [None, " ", "\u3000"])
    for cell in ("A1048576", "XFD1048576", "C500000"):
        workbook.active[cell].font = Font(bold=True)
    parsed = read(workbook)

    assert len(parsed.rows) == 1
    assert parsed.issues == []


def test_stray_space_in_the_last_cell_is_no_data():
    workbook = book(FIRST, SECOND)
    workbook.active["XFD1048576"] = " "
    parsed = read(workbook)

    assert [row.row_no for row in parsed.rows] == [2, 3]
    assert parsed.issues == []
    assert parsed.rows[0].get("valid_until") == dt.date(2022, 5, 31)


def test_text_outside_the_table_is_reported():
    parsed = read(book(FIRST, ["请各区于5月25日前反馈"]))

    assert found(parsed) == [("ROW_IGNORED", "A3")]


def test_mess_19_hidden_rows_columns_sheets_filters_and_comments():
    workbook = book(
        FIRST, SECOND, line(3, cert="〔2018〕津量标企证字第009号", standard="台秤检定装置")
    )
    sheet = workbook.active
    sheet.auto_filter.ref = "A1:H4"
    sheet.auto_filter.add_filter_column(1, ["和平区"])
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[9].hidden = True
    sheet.column_dimensions["D"].hidden = True
    sheet.column_dimensions["K"].hidden = True
    sheet["F2"].comment = Comment("另有〔2018〕津量标企证字第077号", "甲")
    other = workbook.create_sheet("补充")
    other.sheet_state = "hidden"
    other.append(HEAD)
    other.append(
        line(
            1,
            "河西区",
            "天津丁有限公司",
            "911201101030000119",
            "天平检定装置",
            "〔2018〕津量标企证字第010号",
        )
    )
    parsed = read(workbook)

    assert [row.row_no for row in parsed.rows] == [2, 3, 4, 2]
    assert [(i.code, i.sheet, i.cell) for i in parsed.issues] == [
        ("ROWS_HIDDEN", "名单", "A3"),
        ("COLUMN_HIDDEN", "名单", "D1"),
        ("FILTER_ACTIVE", "名单", "A1"),
        ("COMMENT", "名单", "F2"),
        ("SHEET_HIDDEN", "补充", ""),
    ]
    assert "第077号" in parsed.issues[3].found
    assert parsed.ok


def test_edits_replace_cells_before_reading():
    broken = book(
        line(until="长期"), line(2, None, None, None, "台秤检定装置", "〔2018〕津量标企证字第003号")
    )
    assert not read(broken).ok

    edits = {
        ("名单", "H2"): "2022-05-31",
        ("名单", "B3"): "和平区",
        ("名单", "C3"): "天津甲仪表有限公司",
        ("别的", "C3"): "无关",
    }
    parsed = read(broken, edits=edits)

    assert parsed.ok
    assert parsed.rows[1].unit_name == "天津甲仪表有限公司"
    assert parsed.rows[0].values["valid_until"].raw == "2022-05-31"


def test_units_only_list():
    head = [
        "序号",
        "所属区",
        "单位名称",
        "统一社会信用代码",
        "单位地址",
        "联系人",
        "联系电话",
        "计量标准项数",
    ]
    parsed = read(
        book([1, "和平区", "天津甲仪表有限公司", A, "某路1号", "张 三", 13800000000, 3], head=head)
    )

    row = parsed.rows[0]
    assert parsed.issues == []
    assert not row.has_standard
    assert (row.get("contact_name"), row.get("contact_phone"), row.get("standards_count")) == (
        "张三",
        "13800000000",
        3,
    )


def test_empty_list():
    assert codes(read(book())) == ["NO_DATA"]
    assert codes(read(openpyxl.Workbook())) == ["NO_DATA"]
    assert codes(read(book(["甲", 1, 2], head=["序号", "联系电话", "有效期至"]))) == [
        "NO_UNIT_COLUMN"
    ]


def test_reading_twice_gives_the_same():
    data = saved(book(FIRST, SECOND))

    assert [r.clean for r in read(data).rows] == [r.clean for r in read(data).rows]
