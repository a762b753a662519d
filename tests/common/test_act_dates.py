"""Days of acts: between what they follow and now, with words for what is long past."""

import datetime as dt

import pytest

from metrostd.common import act_dates, clock

TODAY = dt.date(2021, 6, 15)


@pytest.fixture(autouse=True)
def noon():
    with clock.pinned(clock.at_time(TODAY, 12)):
        yield


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        (clock.at_time(TODAY, 13), "到达时间不能晚于现在。"),
        (clock.at_time(TODAY, 12), ""),
        (clock.at_time(dt.date(2021, 6, 1), 0), ""),
        (clock.at_time(dt.date(2021, 5, 31), 23), "到达时间不能早于阶段开始（2021年6月1日）。"),
        (clock.at_time(dt.date(1999, 1, 1)), "到达时间不能早于阶段开始（2021年6月1日）。"),
    ],
)
def test_a_moment_lies_between_what_it_follows_and_now(entered, said):
    found = act_dates.out_of_bounds(
        entered, what="到达时间", after=dt.date(2021, 6, 1), follows="阶段开始"
    )

    assert found == said


@pytest.mark.parametrize(
    ("back", "reason", "said"),
    [
        (0, "", ""),
        (1, "", ""),
        (2, "", "决定日期在2天以前，请说明当时没有登记的理由。"),
        (2, " ", "决定日期在2天以前，请说明当时没有登记的理由。"),
        (2, "系统停用", ""),
    ],
)
def test_more_than_a_day_back_needs_words(back, reason, said):
    day = TODAY - dt.timedelta(days=back)

    assert act_dates.unexplained(day, what="决定日期", reason=reason) == said


def test_a_day_after_today_is_refused():
    day = TODAY + dt.timedelta(days=1)

    assert act_dates.out_of_bounds(day, what="决定日期") == "决定日期不能晚于今天。"
