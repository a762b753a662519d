"""Work days with the public holidays of 2021, as they are delivered."""

import datetime as dt
import json

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from metrostd.common.calendar import add_workdays, is_workday
from metrostd.common.models import SpecialDay


def load_special_days() -> None:
    rows = json.loads((settings.BASE_DIR / "fixtures/special_days.json").read_text("utf-8"))
    SpecialDay.objects.bulk_create(SpecialDay(**row) for row in rows)


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
