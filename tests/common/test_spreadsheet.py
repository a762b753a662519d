"""Workbooks: nothing that runs, nothing that breaks the file."""

import io

import pytest
from openpyxl import load_workbook

from metrostd.common.spreadsheet import Column, Sheet, safe_cell, workbook
from metrostd.common.text import escape_formula, unescape_formula


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\x0b=1"])
def test_text_that_could_run_stays_text(text):
    page = load_workbook(
        io.BytesIO(workbook([Sheet("表", "标题", [Column("值")], [[text]])]))
    ).active

    assert page["A3"].data_type == "s"
    assert not str(page["A3"].value).startswith("=")


@pytest.mark.parametrize("text", ["=1", "'=1", "''@x", "'quoted", "plain", "-5", "'"])
def test_taking_the_apostrophe_off_gives_the_text_back(text):
    assert unescape_formula(safe_cell(text)) == text
    assert safe_cell(text) == escape_formula(text)


def test_control_characters_pasted_from_word_do_not_break_an_export():
    assert safe_cell("温度超出\x0b范围\x01") == "温度超出 范围 "
    assert workbook([Sheet("表", "标题", [Column("事实")], [["温度超出\x0b范围"]])])
