"""Work days with the public holidays of 2019 to 2026, as they are delivered."""

import datetime as dt
import json

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from metrostd.common.calendar import add_workdays, caveat_of, is_workday, without_table
from metrostd.common.models import CalendarYear, SpecialDay


def load_special_days() -> None:
    for name, model in (("special_days", SpecialDay), ("calendar_years", CalendarYear)):
        rows = json.loads((settings.BASE_DIR / f"fixtures/{name}.json").read_text("utf-8"))
        model.objects.bulk_create(model(**row) for row in rows)


@pytest.fixture
def holidays(db):
    load_special_days()


def test_ten_days_from_the_eve_of_labour_day(holidays):
    """Free from 1 to 5 May, worked on Saturday 8 May."""
    assert add_workdays(dt.date(2021, 4, 30), 10) == dt.date(2021, 5, 18)


def test_without_a_calendar_only_weekends_are_free(db):
    assert add_workdays(dt.date(2021, 4, 30), 10) == dt.date(2021, 5, 14)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ((2021, 4, 25), True),  # a Sunday that is worked
        ((2021, 5, 3), False),  # a Monday that is free
        ((2021, 5, 8), True),
        ((2021, 5, 9), False),
        ((2021, 5, 10), True),
        ((2021, 6, 14), False),
        ((2021, 9, 18), True),
        ((2021, 10, 7), False),
        ((2021, 10, 9), True),
    ],
)
def test_special_days_of_2021(holidays, day, works):
    assert is_workday(dt.date(*day)) is works


def test_no_work_day_further_is_the_day_itself(holidays):
    friday = dt.date(2021, 4, 30)

    assert add_workdays(friday, 0) == friday


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ((2019, 4, 30), 1, (2019, 5, 5)),  # four days by the second notice, a Sunday worked
        ((2020, 1, 23), 1, (2020, 2, 3)),  # lengthened in January
        ((2022, 9, 30), 1, (2022, 10, 8)),
        ((2023, 12, 29), 1, (2024, 1, 2)),
        ((2024, 2, 9), 1, (2024, 2, 18)),
        ((2025, 9, 30), 5, (2025, 10, 14)),
        ((2026, 2, 14), 1, (2026, 2, 24)),
        ((2026, 9, 28), 5, (2026, 10, 10)),  # an objection does not end within the holiday
    ],
)
def test_work_days_across_a_holiday(holidays, start, count, end):
    counted = add_workdays(dt.date(*start), count)

    assert counted == dt.date(*end)
    assert caveat_of(counted) == ""


#: Work days of each year, counted from the notices by hand: 365 or 366 less weekends and holidays.
WORKED = {2019: 250, 2020: 249, 2021: 250, 2022: 249, 2023: 249, 2024: 251, 2025: 248, 2026: 248}


@pytest.mark.parametrize(("year", "worked"), WORKED.items())
def test_work_days_of_a_year(holidays, year, worked):
    first = dt.date(year, 1, 1)
    days = (first + dt.timedelta(days=n) for n in range(366))

    assert sum(is_workday(day) for day in days if day.year == year) == worked


def test_a_weekend_alone_is_worked_in_exchange(holidays):
    assert all(row.day.weekday() > 4 for row in SpecialDay.objects.filter(is_workday=True))


def test_a_day_counted_in_a_year_without_a_table_says_so(holidays):
    assert without_table([2027, 2026]) == [2027]
    assert caveat_of(add_workdays(dt.date(2026, 12, 30), 1)) == ""
    assert caveat_of(add_workdays(dt.date(2026, 12, 31), 1)) == (
        "2027年的节假日安排尚未录入，暂按周一至周五为工作日推算"
    )
    assert "2027年" in caveat_of(add_workdays(dt.date(2026, 12, 28), 10))


class TestInverse(TestCase):
    days = st.dates(dt.date(2021, 3, 1), dt.date(2021, 10, 31))

    @classmethod
    def setUpTestData(cls):
        load_special_days()
        cls.special = dict(SpecialDay.objects.values_list("day", "is_workday"))

    def counted(self, start, end):
        """Work days after ``start`` up to and including ``end``, one by one."""
        days = (start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1))
        return sum(self.special.get(day, day.weekday() < 5) for day in days)

    @given(start=days, count=st.integers(1, 60))
    def test_counting_back_what_was_added(self, start, count):
        end = add_workdays(start, count)

        assert self.counted(start, end) == count
        assert is_workday(end)

    @given(start=days, span=st.integers(1, 90))
    def test_adding_what_was_counted_gives_the_last_work_day(self, start, span):
        end = start + dt.timedelta(days=span)
        count = self.counted(start, end)

        reached = add_workdays(start, count)

        assert reached <= end
        assert self.counted(reached, end) == 0

    @given(start=days, first=st.integers(0, 30), second=st.integers(0, 30))
    def test_adding_in_two_steps_is_adding_at_once(self, start, first, second):
        assert add_workdays(add_workdays(start, first), second) == add_workdays(
            start, first + second
        )
