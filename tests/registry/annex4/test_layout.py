"""Where things stand: titles, headers, merged cells, sections, totals, hidden parts."""

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


def test_mess_01_title_subtitle_and_blank_rows():
    title = [["市级办理的企业最高等级计量标准的单位名单"], ["（截至2021年4月）"], [], [None]]
    parsed = read(book(*title, HEAD, FIRST, head=None, merges=["A1:H1"]))

    assert parsed.sheets[0].header_row == 5
    assert column(parsed, "unit_name") == ["天津甲仪表有限公司"]
    assert parsed.issues == []


@pytest.mark.parametrize(("blank", "ok"), [(14, True), (15, False)])
def test_mess_01_header_is_sought_in_fifteen_rows(blank, ok):
    parsed = read(book(*[["说明"]] * blank, HEAD, FIRST, head=None))

    assert parsed.ok is ok
    assert ("HEADER_NOT_FOUND" in codes(parsed)) is not ok


def test_mess_02_two_row_header_with_groups():
    top = ["序号", "所属区", "单位信息", None, "计量标准名称", "证书信息", None, None]
    child = [None, None, "名称", "统一社会信用代码", None, "编号", "发证日期", "有效期"]
    merges = ["A1:A2", "B1:B2", "C1:D1", "E1:E2", "F1:H1"]
    parsed = read(book(child, FIRST, head=top, merges=merges))

    assert parsed.issues == []
    assert parsed.sheets[0].header_row == 2
    titles = parsed.sheets[0].columns
    assert titles[2] == ("unit_name", "单位信息/名称")
    assert titles[5] == ("cert_no", "证书信息/编号")
    assert titles[7] == ("valid_until", "证书信息/有效期")
    assert [row.cert.norm for row in parsed.rows] == ["〔2018〕津量标企证字第001号"]


def test_mess_02_two_row_header_without_merges():
    top = ["序号", "所属区", "单位名称", "统一社会信用代码", "计量标准名称", "证书信息"]
    child = [None, None, None, None, None, "证书号", "发证日期", "有效期至"]
    parsed = read(book(child, FIRST, head=top))

    assert parsed.issues == []
    assert column(parsed, "issue_date") == [dt.date(2018, 6, 1)]


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


def test_mess_07_a_unit_whose_name_begins_like_a_note_is_data():
    parsed = read(book(line(None, None, "注塑机械（天津）有限公司"), head=HEAD))

    assert column(parsed, "unit_name") == ["注塑机械（天津）有限公司"]


def test_repeated_header_and_column_numbers_are_no_data():
    numbers = list(range(1, 9))
    parsed = read(book(numbers, FIRST, HEAD, SECOND))

    assert len(parsed.rows) == 2
    assert found(parsed) == [("HEADER_REPEATED", "A2"), ("HEADER_REPEATED", "C4")]


def test_second_table_below_with_other_columns():
    head = ["序号", "单位名称", "所属区", "计量标准名称"]
    parsed = read(book(FIRST, head, [1, "天津乙仪表有限公司", "南开区", "热电偶检定装置"]))

    assert [row.district_code for row in parsed.rows] == ["120101", "120104"]
    assert column(parsed, "standard_name") == ["压力表检定装置", "热电偶检定装置"]


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


def test_sheets_without_header_beside_a_list():
    workbook = book(FIRST)
    workbook.create_sheet("填写说明").append(["每行一项计量标准"])
    workbook.create_sheet("Sheet3").append(["随便写的"])
    workbook.create_sheet("空表")
    parsed = read(workbook)

    assert [(i.code, i.sheet, i.severity) for i in parsed.issues] == [
        ("SHEET_NOTES", "填写说明", "info"),
        ("SHEET_SKIPPED", "Sheet3", "warning"),
    ]


def test_header_mapped_by_hand():
    head = ["No", "区名", "厂名", "社会代码", "装置", "号码", "起", "止"]
    assert codes(read(book(FIRST, head=head))) == ["HEADER_NOT_FOUND"]

    targets = [
        "seq",
        "district",
        "unit_name",
        "uscc",
        "standard_name",
        "cert_no",
        "issue_date",
        "valid_until",
    ]
    parsed = read(book(FIRST, head=head), header_map={"名单": dict(enumerate(targets))})

    assert parsed.issues == []
    assert parsed.rows[0].cert.norm == "〔2018〕津量标企证字第001号"


def test_hand_mapping_overrides_and_leaves_out():
    head = [*HEAD[:7], "到期日期", "有效期至"]
    lines = [[*FIRST[:7], "2022-05-31", "2021-05-31"]]
    automatic = read(book(*lines, head=head))
    by_hand = read(book(*lines, head=head), header_map={"名单": {8: "valid_until", 3: ""}})

    assert found(automatic) == [("COLUMN_DUPLICATE", "I1")]
    assert column(automatic, "valid_until") == [dt.date(2022, 5, 31)]
    assert column(by_hand, "valid_until") == [dt.date(2021, 5, 31)]
    assert column(by_hand, "uscc") == [None]


def test_unknown_columns_are_named():
    parsed = read(book([*FIRST, "张三"], head=[*HEAD, "经办"]))

    assert [(i.code, i.cell, i.found) for i in parsed.issues] == [("COLUMN_UNKNOWN", "I1", "经办")]
    assert parsed.sheets[0].columns[8] == (None, "经办")


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


def test_edits_can_mend_a_header():
    head = ["甲", "乙", *HEAD[2:3], *HEAD[4:5], "丙"]
    workbook = book([1, "和平区", "天津甲仪表有限公司", "压力表检定装置", "在办"], head=head)
    parsed = read(workbook, edits={("名单", "E1"): "证书号"})

    assert parsed.sheets[0].header_row == 1
    assert parsed.rows[0].is_draft


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
