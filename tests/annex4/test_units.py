"""Which unit, which certificate: names, codes, districts, repeats, drafts."""

from decimal import Decimal

import pytest

from .sheets import HEAD, A, B, C, book, column, found, line, read

SECOND = line(2, "南开区", "天津乙仪表有限公司", B, "热电偶检定装置", "〔2018〕津量标企证字第002号")
WIDE = [
    *HEAD,
    "计量标准代码",
    "测量范围",
    "不确定度或准确度等级或最大允许误差",
    "专业领域",
    "计量标准类别",
    "联系电话",
    "备注",
]


def test_mess_13_name_variants_are_shown_and_not_merged():
    names = [
        "天津甲仪表有限公司",
        "天津甲仪表有限责任公司",
        "（天津）甲仪表有限公司",
        "天津甲仪表有限公司河西分公司",
    ]
    lines = [
        line(n, unit=name, uscc=None, cert=f"〔2018〕津量标企证字第00{n}号")
        for n, name in enumerate(names, 1)
    ]
    parsed = read(book(*lines))

    assert column(parsed, "unit_name") == names
    assert [pair for pair in found(parsed) if pair[0] != "USCC_MISSING"] == [
        ("NAME_VARIANT", "C3"),
        ("NAME_VARIANT", "C4"),
    ]


def test_mess_13_widths_and_spaces_are_the_same_name():
    lines = [
        line(1, unit="甲仪表（天津）有限公司"),
        line(2, unit="甲仪表(天津) 有限公司", cert="〔2018〕津量标企证字第002号"),
    ]

    assert read(book(*lines)).issues == []


def test_mess_13_same_code_under_another_name():
    lines = [line(), line(2, unit="天津甲仪器有限公司", cert="〔2018〕津量标企证字第002号")]
    parsed = read(book(*lines))

    assert found(parsed) == [("NAME_VARIANT", "C3")]
    assert "C2" in parsed.issues[0].advice
    assert "天津甲仪表有限公司" in parsed.issues[0].advice


def test_mess_14_same_unit_in_two_districts():
    parsed = read(book(line(), line(2, "南开区", cert="〔2018〕津量标企证字第002号")))

    assert found(parsed) == [("CONFLICT", "B3")]
    assert "B2" in parsed.issues[0].advice
    assert not parsed.ok


def test_mess_14_same_name_with_two_codes():
    parsed = read(book(line(), line(2, uscc=B, cert="〔2018〕津量标企证字第002号")))

    assert found(parsed) == [("CONFLICT", "D3")]
    assert A in parsed.issues[0].advice


def test_mess_15_identical_row_is_skipped():
    parsed = read(book(line(), line(7, cert="[2018]津量标企证字第1号 ", until="2022年5月31日")))

    assert [row.row_no for row in parsed.rows] == [2]
    assert [(i.code, i.severity, i.cell) for i in parsed.issues] == [("DUP_ROW", "info", "F3")]


def test_mess_15_widths_and_brackets_in_names_do_not_make_another_row():
    lines = [
        line(unit="甲仪表（天津）有限公司", standard="压力表（低压）检定装置"),
        line(2, unit="甲仪表(天津)有限公司", standard="压力表(低压) 检定装置"),
    ]

    assert found(read(book(*lines))) == [("DUP_ROW", "F3")]


def test_mess_15_same_number_for_another_standard_is_an_error():
    workbook = book(line())
    other = workbook.create_sheet("其二")
    other.append(HEAD)
    other.append(line(standard="真空表检定装置"))
    parsed = read(workbook)

    issue = parsed.issues[0]
    assert (issue.code, issue.severity, issue.sheet, issue.cell) == (
        "DUP_CERT",
        "error",
        "其二",
        "F2",
    )
    assert "“名单”F2" in issue.advice
    assert len(parsed.rows) == 2


@pytest.mark.parametrize("cert", [None, "在办", "办理中", "/", "无"])
def test_mess_16_drafts(cert):
    parsed = read(book(line(cert=cert)))

    assert found(parsed) == [("CERT_DRAFT", "F2")]
    assert parsed.ok
    assert parsed.rows[0].is_draft
    assert parsed.rows[0].cert is None


def test_mess_17_expired_certificates():
    lines = [line(issue="2016-05-01", cert="〔2016〕津量标企证字第001号", until="2021-04-30")]
    parsed = read(
        book(
            *lines,
            line(2, issue="2016-05-02", cert="〔2016〕津量标企证字第002号", until="2021-05-01"),
        )
    )

    assert [row.expired for row in parsed.rows] == [True, False]
    assert found(parsed) == [("EXPIRED", "H2")]
    assert parsed.ok


def test_mess_17_expired_in_words():
    parsed = read(book(line(until="已过期")))

    assert parsed.rows[0].expired
    assert parsed.rows[0].get("valid_until") is None
    assert found(parsed) == [("DATE_EXPIRED_WORD", "H2")]


@pytest.mark.parametrize(
    ("typed", "code", "hint"),
    [
        ("91120116MAOTE5TI6U", "USCC_CHARSET", A),
        ("91120116MA0TE5T16V", "USCC_CHARSET", ""),
        ("91120116MA0TE5T16", "USCC_LENGTH", "17位"),
        ("91120116MA0TE5T16U1", "USCC_LENGTH", "19位"),
        ("120000000000001", "USCC_LENGTH", "注册号"),
        ("91120116MA0TE5T161", "USCC_CHECK", ""),
    ],
)
def test_mess_18_wrong_credit_codes(typed, code, hint):
    parsed = read(book(line(uscc=typed)))

    assert found(parsed) == [(code, "D2")]
    assert hint in parsed.issues[0].advice
    assert parsed.rows[0].uscc is None
    assert parsed.rows[0].values["uscc"].raw == typed


def test_mess_18_lower_case_and_spaces_are_put_right():
    parsed = read(book(line(uscc=" 91120116 ma0te5t16u ")))

    assert parsed.issues == []
    assert parsed.rows[0].uscc == A


def test_organisation_code_in_the_credit_code_column():
    parsed = read(
        book(
            line(uscc="40120003-8"),
            line(
                2, unit="天津乙仪表有限公司", uscc="40120003X", cert="〔2018〕津量标企证字第002号"
            ),
        )
    )

    assert column(parsed, "uscc") == [None, None]
    assert column(parsed, "org_code")[1] is None
    assert [code for code, _ in found(parsed)][-1] == "ORG_CODE_CHECK"


def test_full_codes_under_the_old_heading_are_credit_codes():
    head = [*HEAD[:3], "组织机构代码", *HEAD[4:]]
    lines = [
        line(uscc=A.lower()),
        line(2, uscc=A.lower(), cert="〔2018〕津量标企证字第002号"),
        line(3, unit="天津乙仪表有限公司", uscc="40120003-8", cert="〔2018〕津量标企证字第003号"),
        line(4, unit="天津丙仪表有限公司", uscc=A[:17] + "1", cert="〔2018〕津量标企证字第004号"),
    ]
    parsed = read(book(*lines, head=head))

    assert column(parsed, "uscc") == [A, A, None, None]
    assert column(parsed, "org_code") == [None, None, "401200038", None]
    assert (parsed.rows[0].values["uscc"].cell, parsed.rows[0].values["uscc"].raw) == (
        "D2",
        A.lower(),
    )
    assert found(parsed) == [("USCC_CHECK", "D5")]


def test_code_of_an_institution_in_a_list_of_enterprises():
    workbook = book(line(uscc=C))

    assert found(read(workbook)) == [("USCC_CATEGORY", "D2")]
    assert read(workbook, category="inst_highest").issues == []


def test_unknown_district_and_hint_from_the_address():
    head = [*HEAD, "单位地址"]
    lines = [
        [*line(district="高新技术园"), "某路1号"],
        [
            *line(2, None, "天津乙仪表有限公司", B, cert="〔2018〕津量标企证字第002号"),
            "天津市南开区某路2号",
        ],
    ]
    parsed = read(book(*lines, head=head))

    assert found(parsed) == [("DISTRICT_UNKNOWN", "B2"), ("DISTRICT_MISSING", "B3")]
    assert "南开区" in parsed.issues[1].advice
    assert parsed.ok


@pytest.mark.parametrize(
    "text",
    [
        "和平",
        "天津市和平区",
        "和平区市场监管局",
        "和平区市场监督管理局",
        "天津市和平区市场监管局",
        "和 平 区",
    ],
)
def test_ways_to_write_a_district(text):
    assert read(book(line(district=text))).rows[0].district_code == "120101"


def test_number_of_standards_is_compared_with_the_lines():
    head = [*HEAD, "计量标准项数"]
    parsed = read(book([*line(), "3项"], [*SECOND, "一"], head=head))

    assert column(parsed, "standards_count") == [Decimal(3), None]
    assert found(parsed) == [("COUNT_FORMAT", "I3"), ("COUNT_MISMATCH", "I2")]


def test_missing_unit_and_missing_standard():
    parsed = read(book(line(unit=None), line(2, standard=None, cert="〔2018〕津量标企证字第002号")))

    assert found(parsed) == [("UNIT_MISSING", "C2"), ("STANDARD_MISSING", "E3")]
