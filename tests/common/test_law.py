"""Rules of law by the day of the act."""

import datetime as dt

import pytest

from inspections.stop_papers import reviewers
from metrostd.common import law
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


@pytest.mark.parametrize(
    ("day", "officers", "credentials"),
    [((2021, 7, 14), "第三十七条", "第三十七条"), ((2021, 7, 15), "第四十二条", "第五十五条")],
)
def test_the_law_of_penalties_by_its_revision(day, officers, credentials):
    assert law.TWO_OFFICERS.on(dt.date(*day)).endswith(officers)
    assert law.CREDENTIALS_SHOWN.on(dt.date(*day)).endswith(credentials)
