import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrostd.annex4.dates import NO_DATE, DateReading, read_date, usual_span

DAY = dt.date(2021, 5, 31)


@pytest.mark.parametrize(
    "cell",
    [
        "2021.5.31",
        "2021-5-31",
        "2021/05/31",
        "20210531",
        "2021年5月31日",
        "2021年05月31日",
        "２０２１．５．３１",
        "2021．5．31",
        "2021。5。31",
        "2021–05–31",
        "2021—5—31",
        "2021年5月31号",
        "二〇二一年五月三十一日",
        "二○二一年五月三十一日",
        "二零二一年五月三十一号",
        44347,
        44347.0,
        20210531,
        20210531.0,
        "44347",
        "2021-05-31 00:00:00",
        "2021-05-31T00:00:00",
        "2021/5/31 0:00",
        "至2021.5.31",
        "有效期至2021年5月31日",
        "2021年5月31日止",
        " 2021 年 5 月 31 日 ",
        "2021.05.31.",
        "2021\u00a0-05-\u200b31",
        dt.date(2021, 5, 31),
        dt.datetime(2021, 5, 31),  # noqa: DTZ001 -- as spreadsheets give it
    ],
)
def test_one_day_in_every_notation(cell):
    assert read_date(cell, role="until") == DateReading(until=DAY)


@pytest.mark.parametrize(
    ("cell", "day", "clock"),
    [
        (dt.datetime(2021, 5, 31, 13, 30), DAY, dt.time(13, 30)),  # noqa: DTZ001
        (dt.datetime(2021, 5, 30, 23, 59, 17), DAY, dt.time(23, 59, 17)),  # noqa: DTZ001
        (44347.75, DAY, dt.time(18)),
        (44346.9995, DAY, dt.time(23, 59, 17)),
        ("2021-05-31 08:30", DAY, dt.time(8, 30)),
        ("2021-05-31T16:00:00.000Z", DAY, dt.time(16)),
        ("2021-05-30T23:59:17+08:00", DAY, dt.time(23, 59, 17)),
        ("2021/5/31 下午 4：00", DAY, dt.time(4)),
        ("2021年5月31日16时30分", DAY, dt.time(16, 30)),
        ("2021年5月31日 9点整", DAY, dt.time(9)),
        ("2021年5月30日23时59分59秒", DAY, dt.time(23, 59, 59)),
    ],
)
def test_a_time_of_day_is_told_and_the_last_minute_belongs_to_the_next_day(cell, day, clock):
    assert read_date(cell, role="until") == DateReading(until=day, clock=clock)


@pytest.mark.parametrize("cell", [202405, 202405.0, "202405", "２０２４０５"])
def test_year_and_month_in_six_digits(cell):
    assert read_date(cell, role="issue") == DateReading(dt.date(2024, 5, 1), day_assumed=True)
    assert read_date(cell, role="until") == DateReading(
        until=dt.date(2024, 5, 31), day_assumed=True
    )


@pytest.mark.parametrize("cell", [202413, "202400", "199913"])
def test_six_digits_that_are_no_month(cell):
    assert read_date(cell, role="until").problem == "DATE_INVALID"


@pytest.mark.parametrize("cell", ["2021年5月", "2021.5", "2021-05", "2021/5", 2021.5, "2021年5月 "])
def test_month_only_takes_first_or_last_day_by_role(cell):
    assert read_date(cell, role="until") == DateReading(until=DAY, day_assumed=True)
    assert read_date(cell, role="issue") == DateReading(issue=dt.date(2021, 5, 1), day_assumed=True)


@pytest.mark.parametrize(
    "cell",
    [
        "2018.6.1-2022.5.31",
        "2018.6.1至2022.5.31",
        "2018.6.1~2022.5.31",
        "2018.6.1～2022.5.31",
        "2018-06-01—2022-05-31",
        "2018年6月1日至2022年5月31日",
        "自2018年6月1日起至2022年5月31日止",
        "20180601-20220531",
        "2018–06–01—2022–05–31",
        "二〇一八年六月一日至二〇二二年五月三十一日",
        "有效期：2018.6.1 - 2022.5.31",
    ],
)
def test_range_gives_both_dates(cell):
    assert read_date(cell, role="until") == DateReading(dt.date(2018, 6, 1), dt.date(2022, 5, 31))


@pytest.mark.parametrize("cell", ["2018.6-2022.5", "2018年6月-2022年5月", "2018.6至2022.5"])
def test_range_of_months(cell):
    assert read_date(cell, role="issue") == DateReading(
        dt.date(2018, 6, 1), dt.date(2022, 5, 31), day_assumed=True
    )


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("长期", "DATE_FOREVER"),
        ("永久有效", "DATE_FOREVER"),
        ("已过期", "DATE_EXPIRED_WORD"),
        ("21.5.31", "DATE_TWO_DIGIT_YEAR"),
        ("21年5月", "DATE_TWO_DIGIT_YEAR"),
        ("1985.12.31", "DATE_YEAR"),
        ("2036-01-01", "DATE_YEAR"),
        (dt.date(1900, 1, 1), "DATE_YEAR"),
        ("2021.2.30", "DATE_INVALID"),
        ("2021.13.1", "DATE_INVALID"),
        ("20211301", "DATE_INVALID"),
        ("见证书", "DATE_UNREADABLE"),
        ("2021.5.31、2022.5.31、2023.5.31", "DATE_UNREADABLE"),
        ("2018.6.1、2022.5.31", "DATE_UNREADABLE"),
        ("2018.6.1 2022.5.31", "DATE_UNREADABLE"),
        ("延期2021.5.31", "DATE_UNREADABLE"),
        (5, "DATE_UNREADABLE"),
        (2021.1, "DATE_AMBIGUOUS"),
        (True, "DATE_UNREADABLE"),
        (dt.time(3, 4), "DATE_UNREADABLE"),
    ],
)
def test_refused(cell, problem):
    reading = read_date(cell, role="until")

    assert reading.problem == problem
    assert reading.until is None


@pytest.mark.parametrize("cell", ["", " ", "/", "—", "无", "\u3000"])
def test_empty_cells(cell):
    assert read_date(cell, role="issue") == NO_DATE


def test_serial_numbers_follow_the_date_system():
    assert read_date(44347, role="issue", date1904=True).issue == dt.date(2025, 6, 1)
    assert read_date(42885, role="issue", date1904=True).issue == DAY


days = st.dates(dt.date(1986, 1, 1), dt.date(2035, 12, 31))


@given(
    days,
    st.sampled_from(
        [
            "{0}.{1}.{2}",
            "{0}-{1:02}-{2:02}",
            "{0}年{1}月{2}日",
            "{0}/{1}/{2}",
            "{0}{1:02}{2:02}",
            "{0}.{1:02}{2:02}",
        ]
    ),
)
def test_every_day_reads_back(day, form):
    assert read_date(form.format(day.year, day.month, day.day), role="issue").issue == day


@given(days)
def test_serials_read_back(day):
    serial = (day - dt.date(1899, 12, 30)).days

    assert read_date(float(serial), role="until").until == day


@given(
    days,
    days,
    st.sampled_from(["-", "~", "至", "—", " 至 ", "～"]),
    st.sampled_from(["{0}.{1}.{2}", "{0}年{1}月{2}日"]),
)
def test_ranges_read_back(start, end, joint, form):
    text = (
        form.format(start.year, start.month, start.day)
        + joint
        + form.format(end.year, end.month, end.day)
    )

    assert read_date(text, role="until") == DateReading(start, end)


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers()))
def test_nothing_breaks_the_reader_and_every_result_is_in_range(cell):
    for role in ("issue", "until"):
        reading = read_date(cell, role=role)
        for day in (reading.issue, reading.until):
            assert day is None or 1986 <= day.year <= 2035


@pytest.mark.parametrize(
    ("issue", "until", "usual"),
    [
        ("2018-06-01", "2022-05-31", True),
        ("2018-06-01", "2022-06-01", True),
        ("2018-06-01", "2022-06-03", True),
        ("2018-06-01", "2022-06-04", False),
        ("2018-06-01", "2022-05-29", True),
        ("2018-06-01", "2022-05-28", False),
        ("2016-06-01", "2021-05-31", True),
        ("2016-02-29", "2021-02-28", True),
        ("2018-06-01", "2021-05-31", False),
    ],
)
def test_usual_span(issue, until, usual):
    assert usual_span(dt.date.fromisoformat(issue), dt.date.fromisoformat(until)) is usual
