"""Which years owe a test, and how that is said."""

import datetime as dt
from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrostd.registry.capability import coverage, in_words, years_of

_pks = count(1)


@dataclass
class Test:
    __test__ = False
    year: int
    kind: str
    pk: int = field(default_factory=lambda: next(_pks))

    @property
    def tested_on(self):
        return dt.date(self.year, 3, 10)


def day(text):
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("issued", "until", "on", "full", "running"),
    [
        ("2018-06-01", "2023-05-31", "2021-06-15", [2019, 2020], 2021),
        ("2018-06-01", "2023-05-31", "2018-12-31", [], None),
        ("2018-06-01", "2023-05-31", "2019-01-01", [], 2019),
        ("2018-01-01", "2022-12-31", "2020-01-01", [2019], 2020),
        ("2018-06-01", "2021-05-31", "2021-06-15", [2019, 2020], 2021),
        ("2018-06-01", "2020-05-31", "2021-06-15", [2019], None),
        ("2018-06-01", None, "2020-06-15", [2019], 2020),
        (None, "2023-05-31", "2021-06-15", [], None),
        ("2021-06-01", "2026-05-31", "2020-06-15", [], None),
    ],
)
def test_full_years_of_a_certificate(issued, until, on, full, running):
    years = years_of(issued and day(issued), until and day(until), on=day(on))

    assert [year for year, runs in years if not runs] == full
    assert [year for year, runs in years if runs] == ([running] if running else [])


def test_what_is_missing_is_said_by_year():
    years = [(2019, False), (2020, False), (2021, True)]
    tests = [
        Test(2019, "repeatability"),
        Test(2019, "stability"),
        Test(2020, "stability"),
        Test(2020, "check"),
        Test(2018, "repeatability"),
    ]

    assert in_words(coverage(years, tests)) == ["2020年缺重复性试验。"]
    assert in_words(coverage(years, [])) == [
        "2019年缺重复性试验、稳定性考核。",
        "2020年缺重复性试验、稳定性考核。",
    ]


@given(
    st.lists(
        st.builds(Test, st.integers(2015, 2024), st.sampled_from(["repeatability", "stability"])),
        max_size=12,
    )
)
def test_a_sentence_for_exactly_the_years_that_lack_something(tests):
    years = years_of(dt.date(2014, 6, 1), dt.date(2026, 5, 31), on=dt.date(2025, 6, 15))
    have = {(test.year, test.kind) for test in tests}
    lacking = [
        year
        for year in range(2015, 2025)
        if not {(year, "repeatability"), (year, "stability")} <= have
    ]

    assert [int(words[:4]) for words in in_words(coverage(years, tests))] == lacking
