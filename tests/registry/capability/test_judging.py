"""What a test says, method by method: statistic, limit, outcome, and the sentence when it says nothing."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from metrostd.registry.capability import Entry, Given, Group, History, judge
from metrostd.registry.capability.entry import NEEDS
from metrostd.registry.enums import LimitBasis, Reassessment, TestMethod

DAY = dt.date(2021, 3, 10)
SIX = tuple(
    Decimal(y) for y in ["6.001", "6.002", "6.000", "6.001", "6.003", "6.001"]
)  # s = 0.0010328
TWO = (Decimal("9.9"), Decimal("10.1"))


def entry(method, readings=(TWO,), on=(DAY,), reassessment=None, **given):
    groups = tuple(Group(day, tuple(ys)) for day, ys in zip(on, readings, strict=True))
    return Entry(TestMethod(method), groups, Given(**given), reassessment)


def outcome(*args, history=None, **kwargs):
    return judge(entry(*args, **kwargs), history).outcome


class TestRepeatability:
    @pytest.mark.parametrize(
        ("established", "reassessment", "expected"),
        [
            (None, None, "baseline"),
            (Decimal("0.0011"), None, "passed"),
            (Decimal("0.0010"), None, "reassess"),
            (Decimal("0.0010"), Reassessment.MEETS, "passed"),
            (Decimal("0.0010"), Reassessment.FAILS, "failed"),
            (Decimal("0"), None, "reassess"),
        ],
    )
    def test_against_the_establishment(self, established, reassessment, expected):
        made = outcome(
            "repeatability_repeated", [SIX], established=established, reassessment=reassessment
        )
        assert made == expected

    def test_what_is_typed_goes_before_what_the_register_knows(self):
        known = History(established=Decimal("0.01"))

        assert outcome("repeatability_repeated", [SIX], history=known) == "passed"
        found = judge(entry("repeatability_repeated", [SIX], established=Decimal("0.0001")), known)
        assert (found.outcome, found.limit) == ("reassess", Decimal("0.0001"))

    def test_equal_is_not_larger(self):
        same = (Decimal(1), Decimal(1), Decimal(1), Decimal(1), Decimal(1), Decimal(1))

        assert outcome("repeatability_repeated", [same], established=Decimal(0)) == "passed"

    def test_five_readings_are_too_few(self):
        with pytest.raises(ValidationError, match="至少需要6个读数，现有5个"):
            judge(entry("repeatability_repeated", [SIX[:5]]))


MPE = {"limit": Decimal("0.5"), "limit_basis": LimitBasis.MPE}


class TestStability:
    ON = [dt.date(2021, 1, 5), dt.date(2021, 2, 8), dt.date(2021, 3, 10), dt.date(2021, 4, 12)]

    @pytest.mark.parametrize(("fourth", "expected"), [("10.4", "passed"), ("10.5", "failed")])
    def test_of_a_new_standard_is_smaller_than_its_limit(self, fourth, expected):
        readings = [TWO, TWO, TWO, (Decimal(fourth), Decimal(fourth))]

        found = judge(entry("stability_new", readings, self.ON, **MPE))

        assert (found.outcome, found.m, found.n) == (expected, 4, 2)
        assert (found.statistic, found.mean) == (Decimal(fourth) - 10, Decimal(fourth))

    @pytest.mark.parametrize(
        ("previous", "expected"),
        [("9.6", "passed"), ("9.5", "failed"), ("10.5", "failed"), ("10.49", "passed")],
    )
    def test_between_two_years(self, previous, expected):
        assert outcome("stability_yearly", previous=Decimal(previous), **MPE) == expected
        known = History(previous=Decimal(previous), previous_year=2020)
        assert outcome("stability_yearly", history=known, **MPE) == expected

    def test_the_first_year_is_the_basis_of_the_next(self):
        found = judge(entry("stability_yearly", **MPE))

        assert (found.outcome, found.statistic, found.mean) == ("baseline", None, 10)

    def test_a_control_chart_needs_no_readings(self):
        assert judge(Entry(TestMethod.CONTROL_CHART, ())).outcome == "chart"

    def test_groups_of_unequal_size(self):
        readings = [TWO, TWO, TWO, (*TWO, Decimal(10))]
        with pytest.raises(ValidationError, match="第1组2次，第4组3次"):
            judge(entry("stability_new", readings, self.ON, **MPE))

    def test_a_group_is_more_than_one_reading(self):
        with pytest.raises(ValidationError, match="第1组至少需要2个读数，现有1个"):
            judge(entry("stability_yearly", [(Decimal(10),)], **MPE))

    def test_two_groups_where_one_is_meant(self):
        with pytest.raises(ValidationError, match="只用一组数据，现有2组"):
            judge(entry("stability_yearly", [TWO, TWO], self.ON[:2], **MPE))


U = {"u_lab": Decimal("0.03"), "u_ref": Decimal("0.04"), "k": Decimal(2)}


@pytest.mark.parametrize(
    ("reference", "expected"), [("10.05", "passed"), ("10.0501", "failed"), ("9.95", "passed")]
)
def test_transfer_and_en_within_the_combined_uncertainty(reference, expected):
    assert outcome("validation_transfer", reference=Decimal(reference), **U) == expected
    assert outcome("check_en", reference=Decimal(reference), **U) == expected
    found = judge(entry("comparison_en", reference=Decimal(reference), **U))
    assert (found.outcome, found.limit, found.basis) == (expected, 1, "en")


def test_several_laboratories():
    """ȳ of 10, 10.02, 10.02, 10.02 is 10.015: 0.015 from ours; the limit is 0.02598."""
    others = (Decimal("10.02"),) * 3
    given = {"u_lab": Decimal("0.03"), "k": Decimal(2)}

    found = judge(entry("validation_labs", others=others, **given))
    assert (found.outcome, found.statistic) == ("passed", Decimal("0.015"))
    assert outcome("validation_labs", others=(Decimal("10.04"),) * 3, **given) == "failed"
    with pytest.raises(ValidationError, match="至少需要3台"):
        judge(entry("validation_labs", others=(Decimal(10),), **given))


@pytest.mark.parametrize(("reference", "expected"), [("10.5", "passed"), ("10.51", "failed")])
def test_a_check_against_a_limit(reference, expected):
    assert outcome("check_limit", reference=Decimal(reference), **MPE) == expected


@pytest.mark.parametrize("method", [m for m in TestMethod if m != TestMethod.CONTROL_CHART])
def test_no_readings_no_verdict(method):
    everything = {
        "reference": Decimal(10),
        "others": (Decimal(10), Decimal(10)),
        **MPE,
        **U,
    }
    with pytest.raises(ValidationError, match="没有读数"):
        judge(entry(method, [], [], **everything))


@pytest.mark.parametrize(
    ("method", "field", "words"),
    [
        ("stability_yearly", "limit", "请填写限值。"),
        ("stability_new", "limit_basis", "请填写限值依据。"),
        ("validation_transfer", "u_lab", "请填写扩展不确定度U（本标准）。"),
        ("validation_transfer", "reference", "请填写参考值。"),
        ("validation_labs", "others", "请填写其他各台的测得值。"),
        ("comparison_en", "k", "请填写包含因子k。"),
    ],
)
def test_what_is_missing_is_named(method, field, words):
    with pytest.raises(ValidationError) as caught:
        judge(entry(method))

    assert caught.value.message_dict[field] == [words]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("u_lab", Decimal(-1), "不能是负数"),
        ("k", Decimal(0), "大于零"),
        ("u_ref", Decimal(-1), "不能是负数"),
    ],
)
def test_what_cannot_be_is_named(field, value, words):
    with pytest.raises(ValidationError) as caught:
        judge(entry("comparison_en", reference=Decimal(10), **{**U, field: value}))

    assert words in caught.value.message_dict[field][0]


def test_a_result_no_column_holds_is_refused():
    small = {"u_lab": Decimal("1e-12"), "u_ref": Decimal(0), "k": Decimal(2)}
    with pytest.raises(ValidationError, match="过大"):
        judge(entry("comparison_en", reference=Decimal(99999999999), **small))


NUMBER = st.decimals(min_value=0, max_value=10**6, places=5)
GROUP = st.builds(
    Group,
    st.dates(min_value=dt.date(2015, 1, 1), max_value=dt.date(2030, 1, 1)),
    st.lists(NUMBER, max_size=8).map(tuple),
)
MAYBE = st.none() | NUMBER
ENTRY = st.builds(
    Entry,
    st.sampled_from(TestMethod),
    st.lists(GROUP, max_size=5).map(tuple),
    st.builds(
        Given,
        established=MAYBE,
        previous=MAYBE,
        previous_year=st.none() | st.integers(2000, 2030),
        limit=MAYBE,
        limit_basis=st.none() | st.sampled_from(LimitBasis),
        reference=MAYBE,
        source=st.text(max_size=10),
        others=st.lists(NUMBER, max_size=5).map(tuple),
        u_lab=MAYBE,
        u_ref=MAYBE,
        k=MAYBE,
    ),
    st.none() | st.sampled_from(Reassessment),
)


@given(ENTRY)
def test_anything_is_judged_or_refused_with_a_sentence(made):
    found, refusal = None, []
    try:
        found = judge(made)
    except ValidationError as error:
        refusal = error.messages
    assert bool(found) != bool(refusal)
    assert not found or found.statistic is None or found.statistic >= 0


@given(ENTRY)
def test_what_is_kept_says_the_same(made):
    """Through JSON and back: the same judgement or the same refusal."""
    kept = Entry.from_json(
        made.method, json.loads(json.dumps(made.as_json())), made.reassessment or ""
    )

    def said(one):
        try:
            return judge(one)
        except ValidationError as error:
            return error.messages

    assert said(kept) == said(made)
    assert set(kept.as_json()["given"]) <= set(NEEDS[made.method])
