"""Finding the header and what each column holds."""

import datetime as dt

import pytest

from metrostd.annex4.headers import match

from .sheets import HEAD, A, B, book, codes, column, found, line, read

FIRST = line()
SECOND = line(2, "南开区", "天津乙仪表有限公司", B, "热电偶检定装置", "〔2018〕津量标企证字第002号")


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


@pytest.mark.parametrize(
    "manner", [" yyyy-mm-dd", "（年/月/日）", " 年月日", "，格式：YYYYMMDD", " 例：2021-05-31", "如2021.5.31", " yyyy年mm月dd日"]
)  # fmt: skip
def test_how_a_value_is_to_be_written_is_no_part_of_the_title(manner):
    assert match(f"发证日期{manner}") == "issue_date"
    assert match(f"有效期至{manner}") == "valid_until"


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


def test_mess_02_groups_above_a_complete_row_of_titles():
    top = ["单位信息", None, None, None, "计量标准", None, None, None]
    child = ["序号", "所属区", "名称", "代码", "名称", "证书编号", "发证日期", "有效期"]
    parsed = read(book(child, FIRST, head=top, merges=["A1:D1", "E1:H1"]))

    assert parsed.issues == []
    assert (parsed.rows[0].uscc, parsed.rows[0].get("standard_name")) == (A, "压力表检定装置")


@pytest.mark.parametrize(
    ("head", "targets"),
    [
        (["序号", "单位名称", "所属区", "负责人"], ["contact_name"]),
        (
            ["序号", "单位名称", "所属区", "负责人", "联系人"],
            ["responsible_person", "contact_name"],
        ),
    ],
)
def test_person_in_charge_is_the_contact_unless_there_is_one(head, targets):
    parsed = read(book([1, "天津甲仪表有限公司", "和平区", "张三", "李四"], head=head))

    assert [target for target, _ in parsed.sheets[0].columns.values()][3:] == targets


@pytest.mark.parametrize(
    ("title", "target"),
    [
        ("统一社会信用代码/组织机构代码", "uscc"),
        ("统一社会信用代码（组织机构代码）", "uscc"),
        ("组织机构代码或统一社会信用代码", "uscc"),
        ("组织机构代码证", "org_code"),
        ("单位名称/建标单位", "unit_name"),
        ("证书号或证书编号", "cert_no"),
        ("不确定度或准确度等级或最大允许误差", "performance"),
        ("测量范围/准确度", ""),
        ("联系人/电话", ""),
        ("有效期至\n（年月日）", "valid_until"),
    ],
)
def test_titles_that_offer_two_words_are_known_when_both_mean_one_thing(title, target):
    assert match(title) == target


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

    assert codes(parsed) == ["HEADER_ASSUMED"]
    assert parsed.rows[0].cert.norm == "〔2018〕津量标企证字第001号"


def test_list_without_any_header_mapped_by_hand():
    targets = {2: "unit_name", 4: "standard_name", 5: "cert_no", 1: "district"}
    parsed = read(book(FIRST, SECOND, head=None), header_map={"名单": targets})

    assert parsed.issues == []
    assert [row.row_no for row in parsed.rows] == [1, 2]
    assert parsed.sheets[0].header_row == 0


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


def test_edits_can_mend_a_header():
    head = ["甲", "乙", *HEAD[2:3], *HEAD[4:5], "丙"]
    workbook = book([1, "和平区", "天津甲仪表有限公司", "压力表检定装置", "在办"], head=head)
    parsed = read(workbook, edits={("名单", "E1"): "证书号"})

    assert parsed.sheets[0].header_row == 1
    assert parsed.rows[0].is_draft
