"""What holds for any date, certificate number and credit code, however it is written."""

import datetime as dt
import string

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from metrostd.annex4 import CATALOGUE, uscc
from metrostd.annex4.certificates import normalise, read_certificate
from metrostd.annex4.dates import DateReading, read_date, usual_span
from metrostd.common.text import compact, is_nothing

from .sheets import book, codes, line, read

days = st.dates(dt.date(1986, 1, 1), dt.date(2035, 12, 31))
roles = st.sampled_from(["issue", "until"])
WIDE = str.maketrans("0123456789./-:()", "０１２３４５６７８９．／－：（）")
WORDS = "〇一二三四五六七八九"


def in_words(number: int) -> str:
    """31 as 三十一."""
    tens, ones = divmod(number, 10)
    return ((WORDS[tens] if tens > 1 else "") + "十" if tens else "") + (
        WORDS[ones] if ones else ""
    )


def written(day: dt.date) -> list[object]:
    """Every way the rules know to write one day."""
    y, m, d = day.year, day.month, day.day
    texts = [
        f"{y}.{m}.{d}", f"{y}-{m}-{d}", f"{y}/{m}/{d}", f"{y}.{m:02}.{d:02}", f"{y}-{m:02}-{d:02}", f"{y}/{m:02}/{d:02}",
        f"{y}{m:02}{d:02}", f"{y}.{m:02}{d:02}", f"{y}年{m}月{d}日", f"{y}年{m:02}月{d:02}日", f"{y}年{m}月{d}", f"{y}年{m}月{d}号",
        f"{y}-{m:02}-{d:02} 00:00:00", f"{y}-{m:02}-{d:02}T00:00:00", f"{y}/{m}/{d} 0:00", f"{y}–{m}–{d}", f"至{y}.{m}.{d}",
        f"有效期至{y}年{m}月{d}日", f"{y}年{m}月{d}日止", f"{y} 年 {m} 月 {d} 日", f"{y}\u00a0.{m}\u200b.{d}\u3000",
        "".join(WORDS[int(c)] for c in str(y)) + f"年{in_words(m)}月{in_words(d)}日",
    ]  # fmt: skip
    serial = (day - dt.date(1899, 12, 30)).days
    numbers = [
        serial,
        float(serial),
        str(serial),
        y * 10000 + m * 100 + d,
        float(y * 10000 + m * 100 + d),
    ]
    typed = [day, dt.datetime(y, m, d)]  # noqa: DTZ001 -- as spreadsheets give it
    return [*texts, *(text.translate(WIDE) for text in texts), *numbers, *typed]


@given(days, roles)
@example(dt.date(1986, 1, 1), "issue")
@example(dt.date(2035, 12, 31), "until")
@example(dt.date(2020, 2, 29), "until")
@example(dt.date(2021, 10, 10), "issue")
def test_every_written_form_of_a_day_gives_that_day(day, role):
    wanted = DateReading(issue=day) if role == "issue" else DateReading(until=day)

    for cell in written(day):
        assert read_date(cell, role=role) == wanted, cell


@given(days, roles)
def test_a_month_alone_gives_its_first_or_last_day_and_says_so(day, role):
    last = (day.replace(day=28) + dt.timedelta(4)).replace(day=1) - dt.timedelta(1)
    for text in (
        f"{day.year}年{day.month}月",
        f"{day.year}.{day.month}",
        f"{day.year}-{day.month:02}",
    ):
        reading = read_date(text, role=role)

        assert reading.day_assumed
        assert (reading.issue or reading.until) == (day.replace(day=1) if role == "issue" else last)


@given(days, days, st.sampled_from(["-", "~", "～", "至", "—", "——", "–", " 至 ", "到"]))
def test_a_range_gives_both_days(start, end, joint):
    for form in ("{0}.{1}.{2}", "{0}年{1}月{2}日", "{0}-{1:02}-{2:02}", "{0}{1:02}{2:02}"):
        text = joint.join(form.format(d.year, d.month, d.day) for d in (start, end))

        assert read_date(text, role="until") == DateReading(start, end)


@given(st.dates(dt.date(1600, 1, 1), dt.date(2400, 12, 31)), roles)
def test_years_out_of_range_are_refused_and_never_moved(day, role):
    assume(not 1986 <= day.year <= 2035)
    reading = read_date(f"{day.year:04}-{day.month:02}-{day.day:02}", role=role)

    assert (reading.problem, reading.issue, reading.until) == ("DATE_YEAR", None, None)


@given(
    days,
    st.sampled_from(
        ["{0:02}.{1}.{2}", "{0:02}-{1}-{2}", "{0:02}年{1}月{2}日", "{0:02}/{1:02}/{2:02}"]
    ),
)
def test_two_digit_years_are_refused(day, form):
    text = form.format(day.year % 100, day.month, day.day)

    assert read_date(text, role="until").problem == "DATE_TWO_DIGIT_YEAR"


@given(
    st.one_of(
        st.text(max_size=40),
        st.text("0123456789年月日.-/至~长期 ", max_size=20),
        st.floats(),
        st.integers(),
    )
)
def test_junk_is_a_value_or_an_issue(cell):
    for role in ("issue", "until"):
        reading = read_date(cell, role=role)
        days_read = [day for day in (reading.issue, reading.until) if day]

        assert all(1986 <= day.year <= 2035 for day in days_read)
        assert not (reading.problem and days_read)
        assert not reading.problem or reading.problem in CATALOGUE
        if not days_read and not reading.problem:
            assert is_nothing(compact(str(cell)))


@given(days, st.sampled_from([4, 5]), st.integers(-3, 2))
def test_certificates_of_four_and_five_years_are_usual(issue, years, slack):
    assume(issue.year + years <= 2035 and (issue.month, issue.day) != (2, 29))
    anniversary = issue.replace(year=issue.year + years)

    assert usual_span(issue, anniversary + dt.timedelta(slack))
    assert not usual_span(issue, anniversary + dt.timedelta(30))
    assert not usual_span(issue, anniversary - dt.timedelta(30))


# Certificate numbers ------------------------------------------------------------------------------

PROVINCES = "国京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新"
numbers = st.tuples(
    st.integers(1986, 2035),
    st.sampled_from(PROVINCES),
    st.booleans(),
    st.sampled_from(["", "津", "企", "和", "市企", "滨海", "AB"]),
    st.integers(1, 999_999),
)
BRACKETS = ["〔〕", "［］", "[]", "【】", "()", "（）", "《》", "  ", "﹝﹞"]


def spelt(number, brackets="〔〕", width=1) -> str:
    year, prov, social, mid, serial = number
    left, right = brackets
    return f"{left}{year}{right}{prov}{'社' if social else ''}量标{mid}证字第{serial:0{width}d}号"


@given(numbers, st.integers(1, 6))
def test_a_number_goes_round(number, width):
    text = spelt(number, width=width)
    first = read_certificate(text)

    assert first.norm == text
    assert first.identity == number
    assert read_certificate(first.norm).norm == first.norm


@given(
    numbers,
    st.sampled_from(BRACKETS),
    st.integers(1, 6),
    st.sampled_from(["", " ", "\u3000", "\u00a0", "\n", "\u200b"]),
)
def test_brackets_widths_spaces_and_zeros_give_the_same_identity(number, brackets, width, gap):
    text = gap.join(spelt(number, brackets, width).strip())
    for form in (
        text,
        text.translate(WIDE),
        text.removesuffix("号").rstrip(),
        text.replace("第", ""),
    ):
        assert read_certificate(form).identity == number, form


@given(numbers, numbers)
def test_different_numbers_have_different_identities(one, other):
    same = read_certificate(spelt(one)).identity == read_certificate(spelt(other)).identity

    assert same is (one == other)


@given(numbers, st.text(max_size=12))
def test_a_number_with_something_else_is_kept_for_a_person(number, more):
    assume(normalise(more).strip("0123456789号") and "量标" not in more)
    text = spelt(number) + more
    parsed = read(book(line(cert=text, issue=None, until=None))) if text.isprintable() else None

    assert read_certificate(text) is None or read_certificate(text).identity[:2] == number[:2]
    if parsed is not None:
        assert parsed.rows[0].values["cert_no"].raw == text


# Credit codes -------------------------------------------------------------------------------------

places = st.integers(110000, 659999).map(str)
offices = st.sampled_from(["91", "92", "93", "11", "12", "13", "51", "52"])
org_heads = st.text(uscc.ALPHABET, min_size=8, max_size=8)


@st.composite
def valid_codes(draw):
    """A code with both check characters right."""
    head = draw(org_heads)
    inner = head + uscc.org_check_char(head)
    code = draw(offices) + draw(places) + inner
    return code + uscc.check_char(code)


@given(valid_codes())
def test_valid_codes_pass_however_they_are_typed(code):
    for typed in (
        code,
        code.lower(),
        f" {code} ",
        f"{code[:8]} {code[8:]}",
        f"{code[:8]}-{code[8:17]}-{code[17]}",
    ):
        assert uscc.read_uscc(typed) == uscc.UsccReading(code)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert uscc.read_uscc(wide).value == code


@given(valid_codes(), st.integers(0, 17), st.sampled_from(string.digits + string.ascii_uppercase))
def test_any_one_wrong_character_is_reported(code, position, other):
    assume(code[position] != other)
    reading = uscc.read_uscc(code[:position] + other + code[position + 1 :])

    assert reading.value is None
    assert reading.problem == ("USCC_CHARSET" if other in "IOSVZ" else "USCC_CHECK")


@given(valid_codes(), st.integers(0, 16))
def test_two_neighbours_changed_over_are_reported(code, position):
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
    assume(swapped != code)

    assert uscc.read_uscc(swapped).problem == "USCC_CHECK"


@given(valid_codes(), st.integers(0, 17))
def test_a_missing_or_doubled_character_is_reported(code, position):
    missing = uscc.read_uscc(code[:position] + code[position + 1 :])
    doubled = uscc.read_uscc(code[: position + 1] + code[position:])

    assert (missing.problem, doubled.problem) == ("USCC_LENGTH", "USCC_LENGTH")


@given(valid_codes(), st.sets(st.integers(0, 17), min_size=1))
def test_letters_for_digits_give_a_hint_and_never_a_value(code, positions):
    twins = str.maketrans("0125", "OIZS")
    typed = "".join(c.translate(twins) if i in positions else c for i, c in enumerate(code))
    assume(typed != code)
    reading = uscc.read_uscc(typed)

    assert (reading.value, reading.problem, reading.hint) == (None, "USCC_CHARSET", code)


@given(valid_codes(), st.integers(0, 17))
def test_v_is_reported_without_a_guess(code, position):
    reading = uscc.read_uscc(code[:position] + "V" + code[position + 1 :])

    assert (reading.value, reading.problem, reading.hint) == (None, "USCC_CHARSET", "")


@settings(max_examples=30)
@given(st.integers(10**17, 10**18 - 1))
def test_a_code_that_became_a_number_is_refused(code):
    for cell in (float(code), f"{code:.4E}", f"{code:.15E}"):
        parsed = read(book(line(uscc=cell)))

        assert codes(parsed) == ["USCC_SCIENTIFIC"]
        assert parsed.rows[0].uscc is None
