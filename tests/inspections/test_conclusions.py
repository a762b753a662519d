"""What answers amount to: the table of the checklist's rules."""

import pytest

from inspections import conclusions
from inspections.conclusions import Answered
from inspections.enums import Severity
from metrostd.common.enums import Conclusion

from .story import annex1

KEY = ["A01", "A03", "B01", "B02", "C01", "D02", "E02", "F01", "G01", "G02", "H01", "H02", "H03"]
STOPS = ["A03", "F01", "G01", "H01", "H02"]


@pytest.mark.django_db
def test_annex1_has_fifty_items_thirteen_key_five_that_suggest_a_stop():
    from campaigns.models import ChecklistItem

    items = ChecklistItem.objects.filter(section__template=annex1())

    assert items.count() == 50
    assert sorted(items.filter(is_key=True).values_list("code", flat=True)) == KEY
    assert sorted(items.filter(suggests_stop=True).values_list("code", flat=True)) == STOPS
    assert items.filter(level="unit").count() == 6


@pytest.mark.parametrize("code", KEY)
def test_a_key_item_not_conforming_makes_the_standard_nonconforming(code):
    rows = [Answered("A02", "deficient", is_key=False), Answered(code, "nonconform", is_key=True)]

    assert conclusions.suggested(rows) == Conclusion.NONCONFORM


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], "conform"),
        ([("A01", "conform", True), ("A02", "not_applicable", False)], "conform"),
        ([("A01", "conform", True), ("A02", "deficient", False)], "deficient"),
        ([("A01", "conform", True), ("A02", "nonconform", False)], "deficient"),
        ([("A01", "deficient", True)], "deficient"),
        ([("A01", "", True), ("A02", "", False)], "conform"),
        # No test object on site: the experiment stays open.
        ([("F01", "not_applicable", True)], "deficient"),
        ([("B02", "not_applicable", True)], "conform"),
    ],
)
def test_suggested_conclusion(rows, expected):
    assert conclusions.suggested([Answered(*row) for row in rows]) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], "conform"),
        (["conform", "conform"], "conform"),
        (["conform", "deficient"], "deficient"),
        (["nonconform", "deficient", ""], "nonconform"),
    ],
)
def test_the_units_conclusion_is_the_worst(values, expected):
    assert conclusions.worst_of(values) == expected


@pytest.mark.parametrize(
    ("code", "answer", "expected"),
    [
        ("A01", "nonconform", Severity.NONCONFORM),
        ("A01", "deficient", Severity.DEFICIENT),
        ("A01", "conform", None),
        ("A02", "not_applicable", None),
        ("F01", "not_applicable", Severity.DEFICIENT),
        ("A01", "", None),
    ],
)
def test_severity_of_an_answer(code, answer, expected):
    assert conclusions.severity_of(code, answer) == expected


@pytest.mark.parametrize(
    ("value", "prohibition", "inapplicable", "allowed"),
    [
        ("conform", False, False, True),
        ("deficient", False, False, True),
        ("not_applicable", False, True, True),
        ("not_applicable", False, False, False),
        ("conform", True, False, True),
        ("nonconform", True, False, True),
        ("deficient", True, False, False),
        ("not_applicable", True, True, False),
        ("", False, False, True),
        ("perhaps", False, False, False),
    ],
)
def test_which_answers_an_item_takes(value, prohibition, inapplicable, allowed):
    reason = conclusions.may_answer(
        value=value, is_prohibition=prohibition, may_be_inapplicable=inapplicable
    )

    assert (reason == "") is allowed


@pytest.mark.parametrize(
    ("code", "answer", "note", "evidence", "expected"),
    [
        ("A01", "", "", 0, ["未判定"]),
        ("A01", "conform", "", 0, []),
        ("A01", "deficient", "九个字的事实记录啊", 1, ["事实记录不少于10个字"]),
        ("A01", "deficient", "正好十个字的事实记录", 1, []),
        ("A01", "nonconform", "正好十个字的事实记录", 0, ["缺少证据"]),
        ("A02", "not_applicable", " ", 0, ["不适用的理由未填"]),
        ("A02", "not_applicable", "无软件", 0, []),
        ("F01", "not_applicable", "无试件", 0, ["事实记录不少于10个字"]),
    ],
)
def test_what_an_item_lacks(code, answer, note, evidence, expected):
    found = conclusions.gaps(code=code, answer=answer, note=note, evidence=evidence)

    assert found == expected
