import datetime as dt
import io
import re
from pathlib import Path

import openpyxl

from metrostd.annex4 import CATALOGUE
from metrostd.annex4.headers import TARGET_NAMES
from metrostd.annex4.template import COLUMNS, HEADER_ROW, blank_template, credit_code_formula

from .sheets import A, codes, read, saved

NAMES = ["和平区", "南开区", "滨海新区"]


def test_blank_template_is_understood_column_by_column():
    parsed = read(blank_template(NAMES))

    assert codes(parsed) == ["SHEET_NOTES", "SHEET_NOTES", "NO_DATA"]
    assert [target for target, _ in parsed.sheets[0].columns.values()] == [t for t, _ in COLUMNS]


def template():
    return openpyxl.load_workbook(io.BytesIO(blank_template(NAMES)))


def filled(*lines):
    """The template with lines of values by column, written as a person would: from the first free row."""
    workbook = template()
    for row, values in enumerate(lines, start=HEADER_ROW + 1):
        for column, (target, _) in enumerate(COLUMNS, start=1):
            if values.get(target) is not None:
                workbook["名单"].cell(row, column).value = values[target]
    return saved(workbook)


FULL = {
    "seq": 1,
    "district": "滨海新区",
    "unit_name": "天津甲仪表有限公司",
    "uscc": A,
    "standards_count": 2,
    "standard_name": "压力表检定装置",
    "jjf1022_code": "12345600",
    "cert_no": "〔2018〕津量标企证字第001号",
    "issue_date": dt.date(2018, 6, 1),
    "valid_until": dt.date(2022, 5, 31),
    "field_name": "力学",
    "category": "企业最高计量标准",
}


def test_a_filled_template_reads_without_issues():
    more = {"standard_name": "台秤检定装置", "cert_no": "在办", "field_name": "力学"}
    parsed = read(filled(FULL, more))

    assert codes(parsed) == ["CERT_DRAFT", "SHEET_NOTES", "SHEET_NOTES"]
    assert [(r.row_no, r.unit_name, r.uscc, r.district_code) for r in parsed.rows] == [
        (HEADER_ROW + 1, "天津甲仪表有限公司", A, "120116"),
        (HEADER_ROW + 2, "天津甲仪表有限公司", A, "120116"),
    ]
    assert parsed.rows[0].get("category") == "ent_highest"


def test_every_choice_offered_is_understood():
    """Each word of each drop-down list, typed into the column it is for."""
    sheet = template()["选项"]
    for title, target in (
        ("所属区可选", "district"),
        ("专业领域可选", "field_name"),
        ("计量标准类别可选", "category"),
    ):
        column = next(c for c in sheet.iter_cols() if c[0].value == title)
        words = [cell.value for cell in column[1:] if cell.value]
        assert words
        lines = [
            FULL
            | {"jjf1022_code": None, "category": None, "standards_count": 1, "uscc": None}
            | {
                "unit_name": f"天津示例{n}号有限公司",
                "cert_no": f"〔2018〕津量标企证字第{n}号",
                target: word,
            }
            for n, word in enumerate(words, 1)
        ]
        assert set(codes(read(filled(*lines)))) == {"SHEET_NOTES", "USCC_MISSING"}


def test_the_examples_of_the_instructions_are_a_faultless_line():
    sheet = template()["填写说明"]
    titles = {name: target for target, name in TARGET_NAMES.items()}
    rows = [cells for cells in sheet.iter_rows(values_only=True) if cells[0] in titles]
    values = {titles[cells[0]]: cells[3] for cells in rows}
    parsed = read(filled(values))

    assert list(values) == [target for target, _ in COLUMNS]
    assert codes(parsed) == ["SHEET_NOTES", "SHEET_NOTES"]
    assert {t for t, v in values.items() if v} == {
        t for t, v in parsed.rows[0].values.items() if v.value
    }


def test_cells_check_themselves():
    sheet = template()["名单"]
    letters = {cell.value.rstrip("*"): cell.column_letter for cell in sheet[HEADER_ROW]}
    rules = {str(v.sqref).split(":")[0]: v for v in sheet.data_validations.dataValidation}
    at = {
        target: rules.get(f"{letters[name]}4")
        for target, name in TARGET_NAMES.items()
        if name in letters
    }

    assert at["district"].formula1 == "选项!$A$2:$A$4"
    assert at["category"].formula1 == "选项!$C$2:$C$7"
    assert at["field_name"].formula1 == "选项!$B$2:$B$19"
    assert (at["issue_date"].type, at["standards_count"].type) == ("date", "whole")
    assert at["uscc"].formula1 == credit_code_formula("D4")
    assert {t for t, v in at.items() if v is None} == {
        "seq", "unit_name", "address", "contact_name", "contact_phone", "standard_name", "measuring_range",
        "performance", "storage_place", "responsible_person", "remark",
    }  # fmt: skip
    for rule in rules.values():
        assert len(rule.formula1) <= 255
        assert rule.error
        assert rule.showErrorMessage
        assert rule.errorStyle in {None, "stop"}
        assert str(rule.sqref).endswith("3000")


def test_codes_and_numbers_are_kept_as_text():
    sheet = template()["名单"]
    formats = {
        cell.value.rstrip("*"): sheet.column_dimensions[cell.column_letter].number_format
        for cell in sheet[HEADER_ROW]
    }

    for target in ("uscc", "contact_phone", "jjf1022_code", "cert_no"):
        assert formats[TARGET_NAMES[target]] == "@"
    assert formats["发证日期"] == formats["有效期至"] == "yyyy-mm-dd"


def test_every_code_used_is_in_the_catalogue_and_every_code_is_used():
    source = Path(__file__).parents[2] / "metrostd" / "annex4"
    text = "".join(p.read_text("utf-8") for p in source.glob("*.py") if p.name != "issues.py")
    used = set(re.findall(r'"([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*)"', text))

    assert set(CATALOGUE) <= used
