"""Gaps and states of tracing: by hand where the rule has an edge, by hypothesis where input is wild.

The hypothesis tests recount day by day, the way a person with a calendar would.
"""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrostd.registry.tracing import (
    Gap,
    Span,
    Tracing,
    covered,
    cut,
    gaps,
    gaps_within,
    tracing_on,
    uncovered,
)

FIRST = dt.date(2020, 1, 1)
DAYS = 120


def day(n: int) -> dt.date:
    return FIRST + dt.timedelta(days=n)


def span(start: int, end: int | None) -> Span:
    return Span(day(start), None if end is None else day(end))


def gap(start: int, end: int) -> Gap:
    return Gap(day(start), day(end))


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([], []),
        ([span(0, 9)], []),
        # Dated before, on, and the day after the last valid day: no gap.
        ([span(0, 9), span(8, 19)], []),
        ([span(0, 9), span(9, 19)], []),
        ([span(0, 9), span(10, 19)], []),
        # A day later there is a gap of one day.
        ([span(0, 9), span(11, 19)], [gap(10, 10)]),
        ([span(20, 29), span(0, 9)], [gap(10, 19)]),
        # A short certificate inside a long one ends nothing.
        ([span(0, 30), span(5, 9), span(31, 40)], []),
        ([span(0, 30), span(5, 9), span(33, 40)], [gap(31, 32)]),
        # Two of the same day: the longer counts.
        ([span(0, 9), span(0, 19), span(20, 29)], []),
        ([span(0, None), span(50, 59)], []),
        ([span(0, 9), span(20, None)], [gap(10, 19)]),
    ],
)
def test_gaps_between_certificates(spans, found):
    assert gaps(spans) == found


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (None, None, [gap(10, 19), gap(30, 39)]),
        (15, None, [gap(15, 19), gap(30, 39)]),
        (20, 35, [gap(30, 35)]),
        (20, 29, []),
        (39, 39, [gap(39, 39)]),
    ],
)
def test_gaps_within_the_validity_of_the_examination_certificate(start, end, found):
    spans = [span(0, 9), span(20, 29), span(40, 49)]
    start, end = (None if n is None else day(n) for n in (start, end))

    assert gaps_within(spans, start=start, end=end) == found


@pytest.mark.parametrize(
    ("on", "state", "days"),
    [
        (-1, "none", None),
        (0, "valid", 60),
        (29, "valid", 31),
        (30, "due", 30),
        (60, "due", 0),
        (61, "overdue", 1),
        (69, "overdue", 9),
        (70, "valid", 50),
    ],
)
def test_the_state_on_a_day_knows_only_what_was_there_that_day(on, state, days):
    found = tracing_on([span(0, 60), span(70, 120)], day(on))

    assert (found.state, found.days) == (state, days)


def test_without_an_end_an_instrument_stays_traced():
    assert tracing_on([span(0, None), span(3, 5)], day(90)) == Tracing("valid")


def test_a_long_certificate_is_not_cut_by_a_short_one():
    assert tracing_on([span(0, 100), span(3, 5)], day(50)).until == day(100)


@pytest.mark.parametrize(
    ("failures", "found"),
    [
        ([], [span(0, 20), span(10, None)]),
        ([5], [span(0, 4), span(10, None)]),
        ([10], [span(0, 9), span(10, None)]),
        ([15, 12], [span(0, 11), span(10, 11)]),
        ([20], [span(0, 19), span(10, 19)]),
        ([0], [span(0, 20), span(10, None)]),
    ],
)
def test_a_failed_result_ends_what_was_valid_before_it(failures, found):
    assert cut([span(0, 20), span(10, None)], map(day, failures)) == found


SPANS = st.lists(
    st.builds(
        lambda start, length: span(start, None if length is None else start + length),
        st.integers(0, DAYS),
        st.integers(0, 40) | st.none(),
    ),
    max_size=8,
)


def days_of(found):
    return {g.start + dt.timedelta(days=n) for g in found for n in range(g.days)}


@given(SPANS)
def test_a_gap_is_every_uncovered_day_between_covered_ones(spans):
    on = {day(n) for n in range(DAYS + 50) if any(s.covers(day(n)) for s in spans)}
    between = {day(n) for n in range(DAYS + 50) if on and min(on) < day(n) < max(on)} - on

    assert days_of(gaps(spans)) == between


@given(SPANS, st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(spans, random):
    mixed = random.sample(spans, len(spans))

    assert gaps(mixed) == gaps(spans)
    assert tracing_on(mixed, day(60)) == tracing_on(spans, day(60))


@given(SPANS)
def test_covered_periods_are_apart_and_cover_the_same_days(spans):
    periods = covered(spans)

    for before, after in itertools.pairwise(periods):
        assert before.end is not None
        assert (after.start - before.end).days > 1
    for n in range(-1, DAYS + 50):
        assert any(s.covers(day(n)) for s in spans) == any(p.covers(day(n)) for p in periods)


@given(SPANS, st.integers(-5, DAYS + 60))
def test_the_state_on_a_day_is_whether_a_certificate_covers_it(spans, n):
    found = tracing_on(spans, day(n))
    begun = [s for s in spans if s.start <= day(n)]

    assert (found.state in {"valid", "due"}) == any(s.covers(day(n)) for s in spans)
    assert (found.state == "none") == (not begun)
    if found.until:
        assert found.until == max(s.end for s in begun)


@given(SPANS, st.integers(0, DAYS), st.integers(0, 60))
def test_uncovered_days_are_counted_to_the_edges_of_the_period(spans, start, length):
    period = {day(start + n) for n in range(length + 1)}

    found = uncovered(spans, start=day(start), end=day(start + length))

    assert days_of(found) == {d for d in period if not any(s.covers(d) for s in spans)}


@given(SPANS, st.integers(0, DAYS), st.integers(0, 60))
def test_gaps_within_a_period_are_the_gaps_cut_to_it(spans, start, length):
    first, last = day(start), day(start + length)

    found = gaps_within(spans, start=first, end=last)

    assert days_of(found) == {d for d in days_of(gaps(spans)) if first <= d <= last}
