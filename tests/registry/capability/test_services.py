"""Saving a test: the formulas decide, and later tests of the series follow a change."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry
from metrostd.registry import services
from metrostd.registry.capability import Entry, Given, Group
from metrostd.registry.enums import LimitBasis, Reassessment, TestMethod
from tests.factories.registry import StandardFactory

pytestmark = pytest.mark.django_db
WHAT = {"subject": "1.6级压力表，6 MPa", "unit_symbol": "MPa", "note": ""}


def readings(*values):
    return tuple(Decimal(v) for v in values)


def group(day, *values):
    return Group(dt.date.fromisoformat(day), readings(*values))


def yearly(day, value, limit="0.05", **given):
    """One year's measurement: two readings around the value."""
    pair = (Decimal(value) - Decimal("0.001"), Decimal(value) + Decimal("0.001"))
    more = {"limit": Decimal(limit), "limit_basis": LimitBasis.MPE, **given}
    return Entry(TestMethod.YEARLY, (Group(dt.date.fromisoformat(day), pair),), Given(**more))


def repeated(day, step, **more):
    """Six readings whose spread grows with the step: s = step × √3.5."""
    values = readings(*(f"{6 + Decimal(step) * n}" for n in range(6)))
    return Entry(TestMethod.REPEATED, (Group(dt.date.fromisoformat(day), values),), **more)


@pytest.fixture
def standard():
    return StandardFactory()


@pytest.fixture
def add(standard):
    def _add(entry, **what):
        return services.add_test(
            standard, entry, tested_on=dt.date(2021, 1, 1), values=WHAT | what, actor=None
        )

    return _add


def test_what_is_saved_is_what_the_formulas_say(add):
    test = add(repeated("2021-03-10", "0.001"))

    test.refresh_from_db()
    assert (test.outcome, test.n, test.m, test.year) == ("baseline", 6, 1, 2021)
    assert test.statistic == Decimal("0.00187082869339").quantize(Decimal("1e-12"))
    assert test.limit is None
    assert test.values["groups"][0]["readings"][1] == "6.001"


def test_later_years_rest_on_the_first(add):
    first = add(repeated("2019-03-10", "0.002"))
    good = add(repeated("2020-03-10", "0.001"))
    larger = add(repeated("2021-03-10", "0.003"))

    assert (first.outcome, good.outcome, larger.outcome) == ("baseline", "passed", "reassess")
    assert good.limit == larger.limit == first.statistic


def test_a_repeatability_adopted_anew_is_the_next_limit(add):
    add(repeated("2019-03-10", "0.002"))
    adopted = add(repeated("2020-03-10", "0.003", reassessment=Reassessment.MEETS))
    next_one = add(repeated("2021-03-10", "0.003"))

    assert (adopted.outcome, next_one.outcome) == ("passed", "passed")
    assert next_one.limit == adopted.statistic


def test_stability_compares_with_the_year_before_of_the_same_object(add):
    add(yearly("2019-03-10", "6.00"))
    add(yearly("2020-03-10", "7.00"), subject="另一只表")
    same = add(yearly("2020-03-11", "6.02"))
    twice = add(yearly("2020-09-11", "6.04"))

    assert (same.statistic, same.outcome) == (Decimal("0.02"), "passed")
    assert twice.statistic == Decimal("0.04")  # with 2019, not with the same year


def test_a_year_after_the_establishment_compares_with_its_last_group(add):
    groups = tuple(
        group(day, value, value)
        for day, value in [
            ("2018-09-01", "6.01"),
            ("2018-10-03", "6.02"),
            ("2018-11-05", "6.00"),
            ("2018-12-07", "6.01"),
        ]
    )
    limits = Given(limit=Decimal("0.05"), limit_basis=LimitBasis.MPE)
    new = add(Entry(TestMethod.NEW_GROUPS, groups, limits))

    assert (new.statistic, new.m, new.mean) == (Decimal("0.02"), 4, Decimal("6.01"))
    assert add(yearly("2019-03-10", "6.03")).statistic == Decimal("0.02")


def test_a_corrected_year_judges_the_next_one_again(add):
    first = add(yearly("2019-03-10", "6.00"))
    later = add(yearly("2020-03-10", "6.04"))
    assert later.outcome == "passed"

    services.update_test(
        first,
        yearly("2019-03-10", "5.98"),
        base_version=1,
        tested_on=first.tested_on,
        values=WHAT,
        actor=None,
    )

    later.refresh_from_db()
    assert (later.outcome, later.version) == ("failed", 2)
    trail = AuditEntry.objects.about(later).first()
    assert (trail.action_label, trail.before["结论"], trail.after["结论"]) == (
        "重新判定",
        "合格",
        "超差",
    )


def test_voiding_and_restoring_a_year_judges_the_next_one_again(add):
    first = add(yearly("2019-03-10", "6.00"))
    later = add(yearly("2020-03-10", "6.04"))

    services.void_test(first, actor=None, note="录错了表")
    later.refresh_from_db()
    assert (later.outcome, later.statistic) == ("baseline", None)

    services.restore_test(first, actor=None, note="没有录错")
    later.refresh_from_db()
    assert (later.outcome, later.statistic) == ("passed", Decimal("0.04"))


def test_a_year_entered_late_takes_its_place(add):
    later = add(yearly("2021-03-10", "6.00"))
    assert later.outcome == "baseline"

    add(yearly("2020-03-10", "6.03"))

    later.refresh_from_db()
    assert (later.outcome, later.statistic) == ("passed", Decimal("0.03"))


def test_moving_a_test_to_another_object_leaves_both_series_right(add):
    first = add(yearly("2019-03-10", "6.00"))
    later = add(yearly("2020-03-10", "6.04"))

    services.update_test(
        first,
        yearly("2019-03-10", "6.00"),
        base_version=1,
        tested_on=first.tested_on,
        values=WHAT | {"subject": "另一只表"},
        actor=None,
    )

    later.refresh_from_db()
    assert later.outcome == "baseline"


def test_two_editors_see_both_values(add):
    test = add(yearly("2019-03-10", "6.00"))

    def save(value):
        services.update_test(
            test,
            yearly("2019-03-10", value),
            base_version=1,
            tested_on=test.tested_on,
            values=WHAT,
            actor=None,
        )

    save("6.01")
    with pytest.raises(StaleError) as caught:
        save("6.02")

    now, typed = caught.value.payload["fields"]["测得值"]
    assert (now, typed) == ("6.01", "6.02")
    assert "6.009、6.011" in caught.value.payload["fields"]["数据"][0]


def test_a_refused_test_leaves_nothing(add, standard):
    with pytest.raises(ValidationError, match="至少需要6个读数"):
        add(Entry(TestMethod.REPEATED, (group("2021-03-10", "1", "2"),)))

    assert not standard.capability_tests.exists()


def test_the_trail_of_a_new_test_is_readable(add):
    test = add(yearly("2019-03-10", "6.00"))

    after = AuditEntry.objects.about(test).get().after
    assert after["方法"] == "已建：相邻两年测得值之差"
    assert after["数据"].startswith("2019-03-10：5.999、6.001；限值：0.05；限值依据：最大允许误差")
