import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrostd.annex4 import uscc

VALID = [
    "91350100M000100Y43",
    "91120116MA0TE5T16U",
    "911201101030000119",
    "91120111MA05XY127C",
    "12120000401200038C",
    "1212010440120205XW",
    "111200000001200023",
]


@pytest.mark.parametrize("code", VALID)
def test_published_vectors_are_valid(code):
    assert uscc.is_valid(code)


@pytest.mark.parametrize("code", VALID[1:])
def test_vectors_with_both_checks_have_no_problem(code):
    assert uscc.read_uscc(code) == uscc.UsccReading(code)


def test_standards_own_worked_input_ends_in_a_letter_outside_the_alphabet():
    reading = uscc.read_uscc("91350100M000100Y4Z")

    assert reading.problem == "USCC_CHARSET"
    assert reading.value is None
    assert uscc.check_char("91350100M000100Y4") == "3"


def test_inner_check_alone_is_a_warning_that_keeps_the_value():
    head = "91120116" + "MA0TE5T10"
    code = head + uscc.check_char(head)

    assert uscc.read_uscc(code) == uscc.UsccReading(code, "USCC_ORG_CHECK")


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("91120116MA0TE5T16", "USCC_LENGTH"),
        ("91120116MA0TE5T16UU", "USCC_LENGTH"),
        ("91120116MA0TE5T16V", "USCC_CHARSET"),
        ("91120116MA0TE5T161", "USCC_CHECK"),
        ("", "USCC_LENGTH"),
    ],
)
def test_wrong_codes(typed, problem):
    assert uscc.read_uscc(typed).problem == problem


def test_misread_letters_give_a_hint_and_no_value():
    reading = uscc.read_uscc("91120116MAOTE5TI6U")

    assert (reading.value, reading.problem) == (None, "USCC_CHARSET")
    assert reading.hint == "91120116MA0TE5T16U"


@pytest.mark.parametrize(
    "typed",
    [
        " 91120116ma0te5t16u ",
        "９１１２０１１６ＭＡ０ＴＥ５Ｔ１６Ｕ",
        "91120116 MA0TE5T1 6U",
        "91120116-MA0TE5T16-U",
        "91120116МА0ТЕ5Т16U",  # Cyrillic М, А, Т, Е
    ],
)
def test_spaces_case_and_width_do_not_matter(typed):
    assert uscc.read_uscc(typed).value == "91120116MA0TE5T16U"


@pytest.mark.parametrize(
    ("code", "kind", "category"),
    [
        ("111200000001200023", "机关", "inst_highest"),
        ("12120000401200038C", "事业单位", "inst_highest"),
        ("91120116MA0TE5T16U", "企业", "ent_highest"),
        ("52120000401200038C", "民办非企业单位", ""),
        ("54120000401200038C", "", ""),
    ],
)
def test_kind_follows_the_first_two_characters(code, kind, category):
    assert (uscc.kind_of(code), uscc.category_of(code)) == (kind, category)


heads = st.text(uscc.ALPHABET, min_size=17, max_size=17)


@given(heads)
def test_every_head_has_exactly_one_check_character(head):
    assert [c for c in uscc.ALPHABET if uscc.is_valid(head + c)] == [uscc.check_char(head)]


@given(heads, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_any_single_wrong_character_is_caught(head, position, other):
    code = head + uscc.check_char(head)
    changed = code[:position] + other + code[position + 1 :]

    assert uscc.is_valid(changed) is (changed == code)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=8, max_size=8))
def test_organisation_code_check(head):
    good = head + uscc.org_check_char(head)

    assert uscc.is_valid_org_code(good)
    assert not uscc.is_valid_org_code(head + ("1" if good[-1] != "1" else "2"))


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text):
    reading = uscc.read_uscc(text)

    assert reading.value is None or uscc.is_valid(reading.value)
