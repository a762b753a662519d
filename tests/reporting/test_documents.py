"""Workbook and form carry exactly what the table holds."""

import dataclasses
import datetime as dt
import io
from decimal import Decimal

import pypdf
import pytest
from openpyxl import load_workbook

from reporting import documents, workbook
from reporting.figures import BY_ID
from reporting.layout import sections
from tests.factories.inspections import png

from . import fixture

BLOCKS = {
    "I": "按计量标准类别",
    "II": "按专业领域",
    "III": "按问题类别",
    "IV": "组织实施和其他情况",
    "VI": "按重点领域",
}


def sheet_of(annex, name):
    """What a viewer that does not calculate shows."""
    data = io.BytesIO(workbook.annex3_xlsx(annex))
    return load_workbook(data, data_only=True)[name]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_workbook_holds_every_cell_as_a_number(block):
    annex = fixture.annex3()

    page = sheet_of(annex, BLOCKS[block])

    for number, row in enumerate(annex.blocks[block].rows, start=5):
        read = [cell.value for cell in page[number]]
        assert read[0] == row.spec.printed
        for value, cell in zip(read[1:], row.shown, strict=True):
            if cell.value is None:
                assert value == "–"
            elif cell.figure.kind == "percent":
                assert round(Decimal(str(value)) * 100, 2) == cell.value
            else:
                assert Decimal(str(value)) == cell.value


def test_the_workbook_is_a_printable_form():
    page = sheet_of(fixture.annex3(), "按计量标准类别")

    text = "\n".join(str(cell.value) for row in page.iter_rows() for cell in row if cell.value)

    assert page["A1"].value == "计量标准监督检查统计表"
    assert "填报单位：示例区市场监督管理局" in text
    assert "数据截至：2021年10月12日 09:30" in text
    assert all(word in text for word in ("填表人", "审核人", "单位负责人", "（盖章）"))
    assert (page.page_setup.orientation, int(page.page_setup.paperSize)) == ("landscape", 9)
    assert "A3:A4" in {str(area) for area in page.merged_cells.ranges}


def test_percentages_and_money_have_their_formats():
    page = sheet_of(fixture.annex3(), "按计量标准类别")

    heads = {page.cell(row=4, column=at).value: at for at in range(2, page.max_column + 1)}

    assert page.cell(row=13, column=heads["抽查比例"]).number_format == "0.00%"
    assert page.cell(row=13, column=heads["罚没金额（元）"]).number_format == "#,##0.00"


def test_the_workbook_explains_rules_and_figures():
    broken = fixture.changed(fixture.annex3(), "I", "total", "fd_ok", 12)

    rules = list(sheet_of(broken, "数据规则").values)
    words = {row[0] for row in sheet_of(broken, "指标定义").values}

    assert next(row for row in rules if row[0] == "R14")[2] == "不符合"
    assert next(row for row in rules if row[0] == "R07")[2] == "符合"
    assert {name for name, figure in BY_ID.items() if not figure.check} <= words


def test_a_name_that_looks_like_a_formula_stays_text():
    annex = dataclasses.replace(fixture.annex3(), notes=("=1+1",))

    page = sheet_of(annex, "按计量标准类别")

    assert "注：=1+1" in {cell.value for cell in page["A"]}


def test_sums_and_shares_are_formulas_where_they_give_the_value():
    def formulas(annex):
        page = load_workbook(io.BytesIO(workbook.annex3_xlsx(annex)))["按计量标准类别"]
        heads = {page.cell(row=4, column=at).value: at for at in range(2, page.max_column + 1)}
        return [
            page.cell(row=13, column=heads[name])
            for name in ("计量标准总项数", "抽查比例", "建标单位总数")
        ]

    total, share, units = formulas(fixture.annex3())
    assert (total.value[:5], share.value[:4]) == ("=SUM(", "=IF(")
    assert units.value == 23  # counted once, no sum
    wrong, *_ = formulas(fixture.changed(fixture.annex3(), "I", "total", "s_total", 60))
    assert wrong.value == 60


def test_only_figures_of_rows_can_be_filled_in_and_nothing_once_it_is_signed():
    signed = documents.Signed("回执1号", "示例局长", "局长", png(), dt.date(2021, 10, 12))

    def unlocked(**more):
        book = load_workbook(io.BytesIO(workbook.annex3_xlsx(fixture.annex3(), **more)))
        assert all(page.protection.sheet for page in book.worksheets)
        page = book["按计量标准类别"]
        return {c.row for row in page.iter_rows() for c in row if not c.protection.locked}

    assert unlocked() == {10, 11}  # 企业最高, 事业单位最高
    assert unlocked(signed=signed) == set()


def test_the_same_table_gives_the_same_bytes():
    assert workbook.annex3_xlsx(fixture.annex3()) == workbook.annex3_xlsx(fixture.annex3())


def test_the_form_prints_every_section_on_landscape_pages():
    annex = fixture.annex3()

    pdf = pypdf.PdfReader(io.BytesIO(documents.annex3_pdf(annex)))
    text = "".join(page.extract_text() for page in pdf.pages).replace("\n", "").replace(" ", "")

    assert all(page.mediabox.width > page.mediabox.height for page in pdf.pages)
    for block in annex.blocks:
        for section in sections(annex, block):
            assert section.title.replace(" ", "") in text
    for words in ("附件3", "填报单位：示例区市场监督管理局", "数据截至：2021年10月12日09:30", "21.74%",
                  "500.00", "填表人", "审核人", "单位负责人", "（盖章）"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize("notes", [1, 20])
def test_notes_and_signatures_stand_below_the_last_table(notes):
    annex = dataclasses.replace(fixture.annex3(), notes=("有一个示例说明",) * notes)

    pages = pypdf.PdfReader(io.BytesIO(documents.annex3_pdf(annex))).pages

    # The heading of the table is on its page, repeated where rows went over with the notes.
    words = pages[-1].extract_text().replace(" ", "")
    assert "填表人" in words
    assert "指标" in words
    assert "区局自查已整改数" in words


def test_the_form_shows_the_values_of_the_table():
    annex = fixture.annex3()

    shown = [
        (section.block.id, line.row.id, cell.figure.id, cell.text)
        for section in documents.pdf_context(annex)["sections"]
        for line in section.lines
        for cell in line.cells
    ]
    held = [
        (block, row, cell.figure.id, cell.text)
        for block, row, cell in annex.cells()
        if not cell.figure.check
    ]

    assert sorted(shown) == sorted(held)


def test_files_are_named_after_office_and_day():
    assert documents.filename(fixture.annex3(), "xlsx") == "附件3-120111-20211012.xlsx"
    assert fixture.annex3().as_of.date() == dt.date(2021, 10, 12)
