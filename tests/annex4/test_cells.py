"""What cells hold: numbers, codes, names, dates, several values at once."""

import datetime as dt

import pytest

from .sheets import HEAD, A, B, book, codes, column, found, line, read

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


@pytest.mark.parametrize(
    ("typed", "value", "issues"),
    [
        ("１３８０００００００１", "13800000001", []),
        ("０２２－１２３４５６７８", "022-12345678", []),
        ("022-1234 5678\u3000转\u00a08", "022-1234 5678 转 8", []),
        ("138****0001", None, [("PHONE_MASKED", "N2")]),
        ("/", None, []),
    ],
)
def test_mess_08_phone_numbers_are_half_width_and_masked_ones_are_none(typed, value, issues):
    parsed = one(phone=typed)

    assert column(parsed, "contact_phone") == [value]
    assert parsed.rows[0].values["contact_phone"].raw == typed
    assert found(parsed) == issues


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
        {"issue": "2018.6.1", "until": "2022.5.31、2022.6.1、2022.6.2"},
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


def test_mess_12_two_names_with_one_number_are_left_to_a_person():
    parsed = read(book(line(standard="压力表检定装置、真空表检定装置")))

    assert found(parsed) == [("MULTI_VALUE", "E2")]
    assert "有2项" in parsed.issues[0].advice
    assert len(parsed.rows) == 1


def test_mess_12_two_names_without_a_number_are_doubted():
    parsed = read(book(line(standard="压力表检定装置、真空表检定装置", cert=None)))

    assert found(parsed) == [("CERT_DRAFT", "F2"), ("MULTI_NAME", "E2")]
    assert len(parsed.rows) == 1
    assert parsed.ok


@pytest.mark.parametrize("name", ["钢卷尺、水准标尺检定装置", "压力表\n检定装置"])
def test_mess_12_a_name_with_a_list_in_it_is_one_standard(name):
    assert read(book(line(standard=name))).issues == []


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
