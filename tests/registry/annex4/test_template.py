import datetime as dt
import io
import re
from pathlib import Path

import openpyxl

from metrostd.registry.annex4 import CATALOGUE
from metrostd.registry.annex4.documentation import document
from metrostd.registry.annex4.template import (
    COLUMNS,
    HEADER_ROW,
    blank_template,
    credit_code_formula,
)

from .sheets import A, codes, read

NAMES = ["和平区", "南开区", "滨海新区"]


def test_blank_template_is_understood_column_by_column():
    parsed = read(blank_template(NAMES))

    assert codes(parsed) == ["SHEET_NOTES", "NO_DATA"]
    assert [target for target, _ in parsed.sheets[0].columns.values()] == [t for t, _ in COLUMNS]


def test_a_filled_template_reads_without_issues():
    workbook = openpyxl.load_workbook(io.BytesIO(blank_template(NAMES)))
    values = {
        "seq": 1,
        "district": "滨海新区",
        "unit_name": "天津甲仪表有限公司",
        "uscc": A,
        "standards_count": 1,
        "standard_name": "压力表检定装置",
        "jjf1022_code": "12345600",
        "cert_no": "〔2018〕津量标企证字第001号",
        "issue_date": dt.date(2018, 6, 1),
        "valid_until": dt.date(2022, 5, 31),
        "field_name": "力学",
    }
    workbook["名单"].append([values.get(target) for target, _ in COLUMNS])
    buffer = io.BytesIO()
    workbook.save(buffer)
    parsed = read(buffer.getvalue())

    assert codes(parsed) == ["SHEET_NOTES"]
    assert parsed.rows[0].district_code == "120116"
    assert parsed.rows[0].row_no == HEADER_ROW + 1


def test_cells_check_themselves():
    sheet = openpyxl.load_workbook(io.BytesIO(blank_template(NAMES)))["名单"]
    rules = {str(v.sqref).split(":")[0]: v for v in sheet.data_validations.dataValidation}

    assert rules["B4"].formula1 == "填写说明!$C$2:$C$4"
    assert rules["L4"].type == "date"
    assert rules["D4"].formula1 == credit_code_formula("D4")
    assert all(len(v.formula1) <= 255 and v.error and v.showErrorMessage for v in rules.values())


def test_every_code_used_is_in_the_catalogue_and_every_code_is_used():
    source = Path(__file__).parents[3] / "metrostd" / "registry" / "annex4"
    text = "".join(p.read_text("utf-8") for p in source.glob("*.py") if p.name != "issues.py")
    used = set(re.findall(r'"([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*)"', text))

    assert set(CATALOGUE) <= used


def test_documentation_is_current():
    page = Path(__file__).parents[3] / "docs" / "import-issues.md"

    assert page.read_text("utf-8") == document()
