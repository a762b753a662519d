"""Lists as offices send them, as committed files: each is read exactly as written down beside it.

``corpus/make.py`` says how the files were made and by which program; the number at the head of a name is
the kind of mess it is about, from 30 on several at once.
"""

import json
import re

import pytest

from metrostd.annex4 import CATALOGUE, parse, read_workbook
from metrostd.annex4.unreadable import UNREADABLE

from .corpus.reading import DISTRICTS, HERE, ON, reading

FILES = sorted(
    path
    for path in HERE.iterdir()
    if path.suffix not in {".py", ".json", ".pyc"} and path.is_file()
)
# Met only in the tests of single cells: they need a column that few lists have.
ELSEWHERE = {
    "CATEGORY_UNKNOWN", "COLUMN_DUPLICATE", "FIELD_CODE_UNKNOWN", "FIELD_MISMATCH", "FIELD_UNKNOWN", "NO_UNIT_COLUMN",
    "BLOCKS_SIDE_BY_SIDE", "COLUMN_CERTIFICATES", "HEADER_ASSUMED", "MERGED_OVER", "UNIT_IS_MEASURE", "CODES_DISAGREE",
    "PICTURE", "STRUCK_OUT", "STRUCK_PART", "VALUE_HIDDEN", "YEAR_HIDDEN", "MONTH_HIDDEN", "DAY_HIDDEN", "DRAWING_OVER",
    "UNIT_NO_NAME", "LETTER_LOST",
    "CELL_LONG", "PHONE_MASKED", "ROW_IGNORED", "STANDARD_MISSING", "DATE_RANGE",
}  # fmt: skip


def expected(path):
    return json.loads(path.with_name(f"{path.name}.json").read_text("utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_file_is_read_as_written_down(path):
    assert reading(path) == expected(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_issue_names_a_cell_that_a_person_can_go_to(path):
    for severity, code, sheet, cell, _, advice in expected(path).get("issues", []):
        assert CATALOGUE[code].severity == severity
        assert advice.endswith(CATALOGUE[code].advice)
        assert sheet
        whole_sheet = code in {"SHEET_HIDDEN", "SHEET_NOTES", "EXTERNAL_LINK", "NO_DATA"}
        assert re.fullmatch(r"[A-Z]+\d+" if not whole_sheet else "", cell), (code, cell)


def test_every_kind_of_mess_has_a_file_and_every_code_a_case():
    kinds = {int(path.name[:2]) for path in FILES}
    found = [expected(path) for path in FILES]
    codes = {issue[1] for case in found for issue in case.get("issues", [])}
    refusals = {case["refused"][0] for case in found if "refused" in case}

    assert set(range(1, 25)) <= kinds
    assert set(CATALOGUE) - codes == ELSEWHERE
    assert refusals <= set(UNREADABLE)


@pytest.mark.parametrize("name", ["10-dates", "19-hidden", "31-worst-office"])
def test_programs_and_formats_agree(name):
    """The same list saved by openpyxl, by LibreOffice and in the old binary format reads the same."""
    cases = [case for path in FILES if path.name.startswith(name) and (case := expected(path))]

    assert len(cases) >= 2
    assert all((c["rows"], c["issues"]) == (cases[0]["rows"], cases[0]["issues"]) for c in cases)


def test_reading_by_content_ignores_the_name():
    for path in FILES:
        case = expected(path)
        if "format" in case and case["format"] != "csv":  # a text list has its name for a title
            workbook = read_workbook(path.read_bytes(), "名单.docx")
            parsed = parse(workbook, districts=DISTRICTS, on=ON)
            assert (workbook.format, len(parsed.rows)) == (case["format"], len(case["rows"]))
