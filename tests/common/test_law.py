"""Rules of law by the day of the act."""

import datetime as dt

import pytest

from inspections.stop_papers import reviewers
from metrostd.registry.models import Authority

DISTRICT = Authority(
    region_name="西青区", parent=Authority(name="天津市市场监督管理委员会", region_name="天津市")
)


@pytest.mark.parametrize(
    ("day", "who"),
    [
        ((2023, 12, 31), "西青区人民政府或者天津市市场监督管理委员会"),
        ((2024, 1, 1), "西青区人民政府"),
        ((2026, 6, 1), "西青区人民政府"),
    ],
)
def test_who_hears_an_appeal(day, who):
    assert reviewers(DISTRICT, on=dt.date(*day)) == who
