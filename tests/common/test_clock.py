import datetime as dt

import pytest
import time_machine

from metrostd.common import clock


def test_today_is_the_day_in_shanghai():
    with time_machine.travel("2021-05-31T16:30:00+00:00", tick=False):
        assert clock.now() == dt.datetime(2021, 5, 31, 16, 30, tzinfo=dt.UTC)
        assert clock.today() == dt.date(2021, 6, 1)


def test_a_moment_of_a_day_is_told_in_shanghai():
    assert clock.at_time(dt.date(2021, 5, 31)).isoformat() == "2021-05-31T09:00:00+08:00"
    assert clock.at_time(dt.date(2021, 5, 31), 23, 59).astimezone(dt.UTC).hour == 15


def test_a_pinned_clock_stands_still_and_comes_back():
    moment = clock.at_time(dt.date(2021, 6, 1), 8)

    with clock.pinned(moment):
        assert clock.now() == clock.now() == moment
        with clock.pinned(moment + dt.timedelta(days=1)):
            assert clock.today() == dt.date(2021, 6, 2)
        assert clock.today() == dt.date(2021, 6, 1)

    assert clock.now() != moment


def test_a_failure_inside_gives_the_clock_back():
    with pytest.raises(RuntimeError), clock.pinned(clock.at_time(dt.date(2000, 1, 1))):
        raise RuntimeError

    assert clock.today().year > 2000
