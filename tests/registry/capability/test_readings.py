"""Readings as people type them or paste them from a spreadsheet."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from metrostd.registry.capability import read_number, read_readings


@pytest.mark.parametrize(
    "text",
    [
        "1.001\n1.002\n1.003",
        "1.001\r\n1.002\r\n1.003\r\n",
        "1.001\t1.002\t1.003",
        "1.001 1.002  1.003",
        "1.001、1.002、1.003",
        "1.001，1.002；1.003",
        "1.001,1.002,1.003",
        "１．００１　１．００２　１．００３",
        "+1.001 1.002e0 0.1003E1",
    ],
)
def test_a_column_a_row_or_a_list(text):
    assert read_readings(text, where="第1组") == [
        Decimal("1.001"),
        Decimal("1.002"),
        Decimal("1.003"),
    ]


@pytest.mark.parametrize("text", ["", "  \n\t ", "、，"])
def test_nothing_is_nothing(text):
    assert read_readings(text, where="第1组") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.0 2.0 三", "第2组第3个读数“三”不是数。"),
        ("1.0 - 2.0", "第2组第2个读数“-”不是数。"),
        ("nan", "第2组第1个读数“nan”不是数。"),
        ("Infinity", "不是数"),
        ("1.0MPa", "第2组第1个读数“1.0MPa”不是数。"),
        ("0x10", "不是数"),
        ("1.2.3", "不是数"),
        ("1_000", "不是数"),
        ("1,234.5 2", "第2组第1个读数“1,234.5”含有逗号，请去掉千位分隔符。"),
        ("1e12", "过大，请换用较大的计量单位"),
        ("1.0000000000001", "最多15位有效数字、12位小数"),
        ("1e-20", "位数过多"),
        (" ".join(["1"] * 201), "第2组有201个读数，一组最多200个。"),
    ],
)
def test_an_error_names_the_group_and_the_reading(text, words):
    with pytest.raises(ValidationError) as caught:
        read_readings(text, where="第2组")

    assert words in "".join(caught.value.messages)


def test_every_wrong_reading_is_named_and_a_flood_is_cut():
    with pytest.raises(ValidationError) as two:
        read_readings("a 1 b", where="第1组")
    with pytest.raises(ValidationError) as many:
        read_readings("x " * 9, where="第1组")

    assert [m[:7] for m in two.value.messages] == ["第1组第1个读", "第1组第3个读"]
    assert many.value.messages[-1] == "第1组另有4个读数有误。"
    assert len(many.value.messages) == 6


@pytest.mark.parametrize(("text", "value"), [("−1.5", "-1.5"), ("－1.5", "-1.5"), ("–2", "-2")])
def test_the_minus_signs_of_word_processors(text, value):
    assert read_number(text, what="参考值") == Decimal(value)


@given(
    st.lists(st.decimals(min_value=-99999, max_value=99999, places=6), min_size=1, max_size=50),
    st.sampled_from(["\n", "\r\n", "\t", "、", " ", "，", "; "]),
)
def test_what_is_written_is_read(values, between):
    assert read_readings(between.join(map(str, values)), where="第1组") == values


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read_or_refused(text):
    found, refusal = [], []
    try:
        found = read_readings(text, where="第1组")
    except ValidationError as error:
        refusal = error.messages
    assert all(message.startswith("第1组") for message in refusal)
    assert all(isinstance(y, Decimal) and y.is_finite() for y in found)
