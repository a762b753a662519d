"""What cells hold: numbers, codes, names, dates, several values at once."""

import datetime as dt
from decimal import Decimal

import pytest

from .sheets import HEAD, A, B, C, book, codes, column, found, line, read

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


def wide(
    *,
    code=None,
    span=None,
    performance=None,
    field=None,
    category=None,
    phone=None,
    remark=None,
    **rest,
):
    return [*line(**rest), code, span, performance, field, category, phone, remark]


def one(**values):
    """Read a list of one line under the wide header."""
    return read(book(wide(**values), head=WIDE))


def test_mess_08_full_width_and_invisible_characters():
    typed = line(
        "１",
        "和平区\u3000",
        "天津甲仪表（ＡＢＣ）有限公司\t\n",
        "９１１２０１１６ＭＡ０ＴＥ５Ｔ１６Ｕ",
        "\ufeff压力表\u00a0检定装置",
        "［２０１８］津量标企证字第００１号\u200b",
        "２０１８年６月１日",
        "２０２２．５．３１",
    )
    parsed = read(book(typed))

    row = parsed.rows[0]
    assert parsed.issues == []
    assert row.unit_name == "天津甲仪表（ＡＢＣ）有限公司"
    assert row.values["unit_name"].raw == "天津甲仪表（ＡＢＣ）有限公司\t\n"
    assert row.get("standard_name") == "压力表检定装置"
    assert (row.uscc, row.cert.norm) == (A, "〔2018〕津量标企证字第001号")


def test_mess_09_brackets_in_certificate_numbers():
    numbers = [
        "[2018]津量标企证字第1号",
        "（2018）津量标企证字第2号",
        "《2018》津量标企证字第3号",
        "【2018】津量标企证字第4号",
    ]
    parsed = read(
        book(*[line(n, cert=text, standard=f"第{n}检定装置") for n, text in enumerate(numbers)])
    )

    assert parsed.issues == []
    assert column(parsed, "cert_no") == [f"〔2018〕津量标企证字第{n}号" for n in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    "until", ["2022.5.31", "2022年5月31日", 44712, "20220531", "至2022.5.31", dt.date(2022, 5, 31)]
)
def test_mess_10_dates(until):
    parsed = read(book(line(until=until)))

    assert parsed.issues == []
    assert column(parsed, "valid_until") == [dt.date(2022, 5, 31)]


def test_mess_10_range_fills_the_empty_issue_date():
    parsed = read(book(line(issue=None, until="2018.6.1-2022.5.31")))

    row = parsed.rows[0]
    assert parsed.issues == []
    assert (row.get("issue_date"), row.get("valid_until")) == (
        dt.date(2018, 6, 1),
        dt.date(2022, 5, 31),
    )
    assert row.values["issue_date"].raw == "2018.6.1-2022.5.31"


def test_mess_10_range_without_an_issue_column():
    head = [*HEAD[:6], "证书有效期"]
    parsed = read(book([*line()[:6], "2018.6.1至2022.5.31"], head=head))

    value = parsed.rows[0].values["issue_date"]
    assert (value.value, value.cell) == (dt.date(2018, 6, 1), "G2")


@pytest.mark.parametrize(
    ("issue", "until", "expected"),
    [
        ("2018.6", "2022.5", [("DAY_ASSUMED", "G2"), ("DAY_ASSUMED", "H2")]),
        ("2018-06-01", "长期", [("DATE_FOREVER", "H2")]),
        ("2018-06-01", "22.5.31", [("DATE_TWO_DIGIT_YEAR", "H2")]),
        ("2018-06-01", "2042-05-31", [("DATE_YEAR", "H2")]),
        ("2022-05-31", "2018-06-01", [("DATE_ORDER", "H2"), ("EXPIRED", "H2")]),
        ("2018-06-01", "2021-05-31", [("DATE_SPAN", "H2")]),
        ("2018-06-01", "/", [("DATE_MISSING", "H2")]),
        ("", "2022-05-31", [("DATE_MISSING", "G2")]),
        ("2018-06-01", "2018.6.2-2022.5.31", [("DATE_RANGE", "H2")]),
        ("2018-06-01", 2022.1, [("DATE_AMBIGUOUS", "H2")]),
    ],
)
def test_date_issues(issue, until, expected):
    assert found(read(book(line(issue=issue, until=until)))) == expected


def test_mess_11_numbers_that_were_text():
    parsed = read(
        book(
            wide(uscc=1.2120000401200038e17, code=1219000, phone=13820000000.0, seq=1.0),
            wide(
                seq=2,
                unit="天津乙仪表有限公司",
                uscc="1.2120E+17",
                cert="〔2018〕津量标企证字第002号",
                phone="1.38E+10",
            ),
            wide(
                seq=3,
                unit="天津丙仪表有限公司",
                uscc=None,
                cert="〔2018〕津量标企证字第003号",
                phone="1.3820000001E+10",
            ),
            head=WIDE,
        )
    )

    assert column(parsed, "uscc") == [None, None, None]
    assert column(parsed, "jjf1022_code") == ["01219000", None, None]
    assert parsed.rows[0].field_code == "01"
    assert column(parsed, "contact_phone") == ["13820000000", "13800000000", "13820000001"]
    assert column(parsed, "seq") == ["1", "2", "3"]
    assert found(parsed) == [
        ("USCC_SCIENTIFIC", "D2"),
        ("CODE_PADDED", "I2"),
        ("USCC_SCIENTIFIC", "D3"),
        ("PHONE_PRECISION", "N3"),
        ("USCC_MISSING", "D4"),
    ]


@pytest.mark.parametrize("mark", ["、", "；", "\n", "，", "/", "\r\n"])
def test_mess_12_several_certificates_in_one_cell_are_split(mark):
    parsed = one(
        standard=f"压力表检定装置{mark}真空表检定装置",
        cert=f"〔2018〕津量标企证字第001号{mark}〔2018〕津量标企证字第002号",
        issue="2018.6.1、2018.6.2",
        until="2022.5.31；2022.6.1",
        span="(0～1)MPa\n(-0.1～0)MPa",
        performance="0.05级;0.1级",
        phone="13800000000",
    )

    assert found(parsed) == [("SPLIT", "F2")]
    assert [(row.row_no, row.part) for row in parsed.rows] == [(2, 1), (2, 2)]
    assert column(parsed, "standard_name") == ["压力表检定装置", "真空表检定装置"]
    assert [row.cert.identity[-1] for row in parsed.rows] == [1, 2]
    assert column(parsed, "valid_until") == [dt.date(2022, 5, 31), dt.date(2022, 6, 1)]
    assert column(parsed, "measuring_range") == ["(0～1)MPa", "(-0.1～0)MPa"]
    assert column(parsed, "performance") == ["0.05级", "0.1级"]
    assert column(parsed, "contact_phone") == ["13800000000"] * 2


@pytest.mark.parametrize(
    "changed",
    [
        {"standard": "压力表检定装置"},
        {"standard": "甲装置、乙装置、丙装置"},
        {"issue": "2018.6.1"},
        {"until": dt.date(2022, 5, 31)},
        {"span": "(0～1)MPa"},
        {"cert": "〔2018〕津量标企证字第001号、002号"},
    ],
)
def test_mess_12_different_counts_are_left_to_a_person(changed):
    values = {
        "standard": "压力表检定装置、真空表检定装置",
        "cert": "〔2018〕津量标企证字第001号、〔2018〕津量标企证字第002号",
        "issue": None,
        "until": None,
    }
    parsed = one(**(values | changed))

    assert found(parsed) == [("MULTI_VALUE", "F2")]
    assert not parsed.ok
    assert len(parsed.rows) == 1
    assert parsed.rows[0].values["cert_no"].raw == (values | changed)["cert"]


def test_mess_12_a_wrapped_number_is_one_number():
    parsed = read(book(line(cert="〔2018〕津量标\n企证字第001号", standard="压力表\n检定装置")))

    assert parsed.issues == []
    assert parsed.rows[0].cert.norm == "〔2018〕津量标企证字第001号"
    assert column(parsed, "standard_name") == ["压力表检定装置"]


def test_mess_12_two_names_with_one_number_are_doubted():
    parsed = read(book(line(standard="压力表检定装置、真空表检定装置")))

    assert found(parsed) == [("MULTI_NAME", "E2")]
    assert len(parsed.rows) == 1


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


def test_code_of_an_institution_in_a_list_of_enterprises():
    workbook = book(line(uscc=C))

    assert found(read(workbook)) == [("USCC_CATEGORY", "D2")]
    assert read(workbook, category="inst_highest").issues == []


def test_mess_20_formula_errors_and_formulas_without_result():
    workbook = book(line(), SECOND)
    sheet = workbook.active
    sheet["E2"], sheet["E2"].data_type = "#REF!", "e"
    sheet["H2"], sheet["H2"].data_type = "#N/A", "e"
    sheet["C3"] = '="天津"&"乙"'
    parsed = read(workbook)

    assert [(i.code, i.cell, i.found) for i in parsed.issues] == [
        ("CELL_ERROR", "E2", "#REF!"),
        ("CELL_ERROR", "H2", "#N/A"),
        ("FORMULA_NO_VALUE", "C3", '="天津"&"乙"'),
    ]


def test_mess_22_an_exported_apostrophe_is_taken_off():
    parsed = one(remark="'=1+1", unit="'-天津甲仪表有限公司", span="'+5V")

    row = parsed.rows[0]
    assert (row.get("remark"), row.unit_name, row.get("measuring_range")) == (
        "=1+1",
        "-天津甲仪表有限公司",
        "+5V",
    )


def test_mess_23_ranges_keep_every_symbol():
    span = "(0～1000)℃，×10⁻⁶ ≤ 5μΩ\n— 至 ½ ㎡"
    parsed = one(span="  " + span + "\r\n \n", performance="U＝0.5%\u3000(k＝2)")

    assert parsed.issues == []
    assert column(parsed, "measuring_range") == [span]
    assert column(parsed, "performance") == ["U＝0.5% (k＝2)"]


def test_mess_24_date_system_of_1904():
    workbook = book(line(issue=dt.date(2018, 6, 1), until=43250))
    workbook.epoch = dt.datetime(1904, 1, 1)  # noqa: DTZ001 -- what openpyxl compares with
    parsed = read(workbook)

    assert parsed.rows[0].get("issue_date") == dt.date(2018, 6, 1)
    assert parsed.rows[0].get("valid_until") == dt.date(2022, 5, 31)
    assert parsed.issues == []


@pytest.mark.parametrize(
    ("cert", "expected"),
    [
        ("津量标企证字第001号", [("CERT_PATTERN", "F2")]),
        ("〔2018〕量标企证字第001号", [("CERT_NO_PROVINCE", "F2")]),
        ("〔2019〕津量标企证字第001号", [("CERT_YEAR", "F2")]),
        ("〔2005〕津量标企证字第001号", []),
    ],
)
def test_certificate_issues(cert, expected):
    parsed = read(book(line(cert=cert)))

    assert found(parsed) == expected
    assert not parsed.rows[0].is_draft


def test_unparsed_number_is_kept_as_written_and_compared_as_text():
    odd = "津量标企证字第001号"
    parsed = read(
        book(line(cert=odd), line(2, cert="津量标 企证字第001号", standard="真空表检定装置"))
    )

    assert column(parsed, "cert_no")[0] == odd
    assert codes(parsed)[-1] == "DUP_CERT"


@pytest.mark.parametrize(
    ("code", "field", "expected", "field_code"),
    [
        ("12345678", None, [], "12"),
        ("99345678", None, [("FIELD_CODE_UNKNOWN", "I2")], ""),
        ("123", None, [("CODE_FORMAT", "I2")], ""),
        ("12345678", "力学", [], "12"),
        ("12345678", "热学", [("FIELD_MISMATCH", "L2")], "12"),
        (None, "长度", [], "01"),
        (None, "时间频率计量", [], "25"),
        (None, "玄学", [("FIELD_UNKNOWN", "L2")], ""),
    ],
)
def test_professional_field(code, field, expected, field_code):
    parsed = one(code=code, field=field)

    assert found(parsed) == expected
    assert parsed.rows[0].field_code == field_code


@pytest.mark.parametrize(
    ("text", "category", "expected"),
    [
        ("企业最高计量标准", "ent_highest", []),
        ("企业", "ent_highest", []),
        ("社会公用计量标准", "sp_statutory", []),
        ("社会公用计量标准（授权）", "sp_authorised", []),
        ("部门最高", "dept_highest", []),
        ("事业单位最高计量标准", "inst_highest", [("USCC_CATEGORY", "D2")]),
        ("企事业单位", None, [("CATEGORY_UNKNOWN", "M2")]),
    ],
)
def test_category(text, category, expected):
    parsed = one(category=text)

    assert column(parsed, "category") == [category]
    assert found(parsed) == expected


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
