"""What a device computes without a network is what the portal computes: one table of cases, judged by both.

``tests/js/figures.test.mjs`` asks the browser's figures about the same cases.
"""

import datetime as dt
import json
from pathlib import Path

import pytest

from metrostd.registry.capability import (
    Entry,
    Given,
    Group,
    judge,
    read_number,
    read_readings,
    rounded,
)
from metrostd.registry.capability.workings import verdict, working
from metrostd.registry.enums import LimitBasis, TestMethod, TestOutcome

CASES = json.loads((Path(__file__).parents[1] / "figures.json").read_text(encoding="utf-8"))
_NUMBERS = ("established", "previous", "limit", "reference", "u_lab", "u_ref", "k")


def said_by_the_portal(case):
    fields = case["fields"]
    known = {n: read_number(fields[n], what=n) for n in _NUMBERS if n in fields}
    if "limit_basis" in fields:
        known["limit_basis"] = LimitBasis(fields["limit_basis"])
    day = dt.date.fromisoformat(fields["day_0"])
    group = Group(day, tuple(read_readings(fields["readings_0"], where="第1组")))
    entry = Entry(TestMethod(case["method"]), (group,), Given(**known))
    found = judge(entry)
    mean, statistic, limit = map(rounded, (found.mean, found.statistic, found.limit))
    unit = fields["unit_symbol"]
    return {
        "words": working(entry, mean=mean, statistic=statistic, limit=limit, unit=unit),
        "verdict": verdict(found.outcome, found.basis or ""),
        "tone": TestOutcome(found.outcome).tone,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["method"])
def test_the_portal_says_what_the_table_says(case):
    assert said_by_the_portal(case) == case["line"]


def test_the_table_has_every_method_a_device_judges_with_both_outcomes():
    found = {(case["method"], case["line"]["tone"] == "ok") for case in CASES}

    assert len(found) == 2 * 5
