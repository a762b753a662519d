"""The formulas, with numbers worked by hand, and what they refuse."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from metrostd.registry import capability as c

READINGS = st.lists(
    st.decimals(min_value=-10000, max_value=10000, places=4), min_size=6, max_size=30
)
POSITIVE = st.decimals(min_value="0.0001", max_value=1000, places=4)
VALUE = st.decimals(min_value=-1000, max_value=1000, places=4)


def numbers(text):
    return [Decimal(each) for each in text.split()]


def test_repeatability_by_hand():
    """ȳ = 6.00133; squares of the deviations sum to 5.3333e-6; divided by 5, the root is 1.0328e-3."""
    s = c.experimental_deviation(numbers("6.001 6.002 6.000 6.001 6.003 6.001"))

    assert c.rounded(s) == Decimal("0.001032795559")


def test_repeatability_of_one_to_ten():
    assert c.rounded(c.experimental_deviation([Decimal(n) for n in range(1, 11)])) == Decimal(
        "3.02765035410"
    )


@pytest.mark.parametrize("count", range(6))
def test_repeatability_needs_six_readings(count):
    with pytest.raises(ValidationError, match=f"至少需要6个读数，现有{count}个"):
        c.experimental_deviation([Decimal(1)] * count)


def test_repeatability_may_ask_for_more_or_fewer():
    assert c.experimental_deviation(numbers("1 2 3"), least=3) == 1
    with pytest.raises(ValidationError, match="至少需要10个读数，现有6个"):
        c.experimental_deviation([Decimal(1)] * 6, least=10)
    with pytest.raises(ValidationError, match="至少需要2个"):
        c.experimental_deviation([Decimal(1)], least=1)


@given(READINGS)
def test_repeatability_squared_is_the_exact_variance(readings):
    exact = [Fraction(y) for y in readings]
    centre = sum(exact) / len(exact)
    variance = sum((y - centre) ** 2 for y in exact) / (len(exact) - 1)

    s = Fraction(c.experimental_deviation(readings))

    assert abs(s * s - variance) <= variance * Fraction(1, 10**20) + Fraction(1, 10**30)


@given(READINGS, VALUE)
def test_repeatability_does_not_depend_on_zero_point_or_order(readings, shift):
    s = c.rounded(c.experimental_deviation(readings))

    assert c.rounded(c.experimental_deviation([y + shift for y in readings])) == s
    assert c.rounded(c.experimental_deviation(sorted(readings))) == s


def days(*texts):
    return [dt.date.fromisoformat(each) for each in texts]


FOUR = days("2021-01-05", "2021-02-08", "2021-03-10", "2021-04-12")


def groups(means, on=FOUR):
    """Two readings a group, one above and one below the mean."""
    return [(day, [Decimal(y) - 1, Decimal(y) + 1]) for day, y in zip(on, means, strict=True)]


def test_stability_of_a_new_standard_by_hand():
    assert c.greatest_change(groups(["10.01", "10.03", "9.99", "10.02"])) == Decimal("0.04")


def test_stability_of_a_new_standard_needs_four_groups():
    with pytest.raises(ValidationError, match="至少需要4组数据，现有3组"):
        c.greatest_change(groups(["1", "2", "3"], FOUR[:3]))


@pytest.mark.parametrize(
    ("second", "enough"), [("2021-02-05", False), ("2021-02-06", True), ("2021-01-05", False)]
)
def test_groups_lie_more_than_a_month_apart(second, enough):
    on = days("2021-01-05", second, "2021-03-10", "2021-04-12")
    if enough:
        assert c.greatest_change(groups(["1", "2", "3", "4"], on)) == 3
    else:
        with pytest.raises(ValidationError, match="应大于1个月"):
            c.greatest_change(groups(["1", "2", "3", "4"], on))


def test_the_end_of_a_short_month_is_a_month_later():
    on = days("2021-01-31", "2021-03-01", "2021-04-02", "2021-05-03")

    assert c.greatest_change(groups(["1", "1", "1", "1"], on)) == 0


@given(st.permutations(range(4)))
def test_the_sequence_of_entry_does_not_matter(order):
    entered = groups(["10.01", "10.03", "9.99", "10.02"])

    assert c.greatest_change([entered[i] for i in order]) == Decimal("0.04")


def test_change_between_two_years():
    assert c.difference(Decimal("100.012"), Decimal("100.015")) == Decimal("0.003")


def test_limit_of_a_transfer_by_hand():
    """3-4-5."""
    assert c.combined_uncertainty(Decimal("0.03"), Decimal("0.04")) == Decimal("0.05")


def test_limit_of_several_laboratories_by_hand():
    """√(3/4) × 0.03 = 0.0259808."""
    assert c.rounded(c.labs_limit(Decimal("0.03"), 4)) == Decimal("0.025980762114")
    with pytest.raises(ValidationError, match="至少需要3台"):
        c.labs_limit(Decimal("0.03"), 2)


def test_en_by_hand():
    """0.02 / 0.05."""
    assert c.en_value(
        Decimal("100.02"), Decimal("100.00"), Decimal("0.03"), Decimal("0.04")
    ) == Decimal("0.4")


@given(VALUE, VALUE, POSITIVE, POSITIVE)
def test_en_and_transfer_say_the_same(y_lab, y_ref, u_lab, u_ref):
    en = c.en_value(y_lab, y_ref, u_lab, u_ref)

    assert en == c.en_value(y_ref, y_lab, u_ref, u_lab)
    assert (en <= 1) == (c.difference(y_lab, y_ref) <= c.combined_uncertainty(u_lab, u_ref))


@pytest.mark.parametrize("wrong", [(Decimal("-0.1"), Decimal(1)), (Decimal(1), Decimal("-0.1"))])
def test_an_uncertainty_is_not_negative(wrong):
    with pytest.raises(ValidationError, match="不能是负数"):
        c.combined_uncertainty(*wrong)


def test_without_any_uncertainty_there_is_no_en():
    with pytest.raises(ValidationError, match="都是零"):
        c.en_value(Decimal(1), Decimal(1), Decimal(0), Decimal(0))


def test_the_mean_of_nothing():
    with pytest.raises(ValidationError, match="没有读数"):
        c.mean([])


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=14))
def test_what_is_stored_fits_its_column(value):
    stored = c.rounded(value)

    assert stored.as_tuple().exponent >= -12
    assert len(stored.as_tuple().digits) <= 12
    assert abs(stored - value) <= max(abs(value) * Decimal("1e-11"), Decimal("1e-12"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (Decimal(0), "0"),
        (Decimal("0.00103279555899"), "0.0010328"),
        (Decimal("6.00100"), "6.001"),
        (Decimal("1234567.8"), "1234568"),
        (Decimal("-0.05"), "-0.05"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.000000001234"), "0.000000001234"),
        (Decimal("99.99999999"), "100"),
    ],
)
def test_how_figures_read(value, text):
    assert c.figure(value) == text
