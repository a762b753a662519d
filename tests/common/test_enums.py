"""Fixed values and the words people read for them."""

from metrostd.common.enums import Answer


def test_prohibited_conduct_is_found_or_not_found():
    assert [Answer.word(value, prohibition=True) for value in ("conform", "nonconform", "")] == [
        "未发现",
        "发现",
        "未填",
    ]
    assert Answer.word("conform", prohibition=False) == "符合"
    assert Answer.word("not_applicable", prohibition=True) == "不适用"
    assert dict(Answer.choices_for(prohibition=True, inapplicable=True)) == {
        "conform": "未发现",
        "nonconform": "发现",
    }
    assert "not_applicable" not in dict(Answer.choices_for(prohibition=False, inapplicable=False))
