"""台账预警 about persons, tests and the public certificate; the database finds what the pure rules find."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrostd.registry import warnings
from metrostd.registry.capability import coverage, years_of
from metrostd.registry.enums import Category
from metrostd.registry.models import (
    CapabilityTest,
    MeasurementStandard,
    StandardCertificate,
    StandardPerson,
)
from tests.factories.capability import (
    CapabilityTestFactory,
    PersonFactory,
    ProvenStandardFactory,
    PublicCertificateFactory,
)
from tests.factories.registry import InstrumentFactory, StandardFactory
from tests.register import ON

pytestmark = pytest.mark.django_db
OWN = {
    "few_persons",
    "person_expiring",
    "test_failed",
    "not_reassessed",
    "no_repeatability",
    "no_stability",
    "no_public_certificate",
    "public_certificate_expired",
}


def of(standard, on=ON):
    rows = MeasurementStandard.objects.filter(pk=standard.pk)
    return [(w.kind.code, w.sentence) for w in warnings.open_warnings(rows, on=on, only=OWN)]


@pytest.fixture
def standard():
    """Certified from 1 June 2018 to 31 May 2023, with persons and tests."""
    return ProvenStandardFactory()


def test_a_proven_standard_has_none(standard):
    assert of(standard) == []


def test_a_record_that_was_only_begun_is_warned_for():
    begun = StandardFactory()
    InstrumentFactory(standard=begun)

    assert of(begun) == [
        ("few_persons", "证明有效的在岗人员0人，至少需要2人"),
        ("no_repeatability", "2019、2020年缺重复性试验"),
        ("no_stability", "2019、2020年缺稳定性考核"),
    ]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"valid_until": dt.date(2021, 6, 14)}, "few_persons"),
        ({"until": dt.date(2021, 6, 14)}, "few_persons"),
        ({"name": "示例同名"}, "few_persons"),
        ({"state": "void", "void_reason": "录错"}, "few_persons"),
        ({"valid_until": dt.date(2021, 6, 15)}, "person_expiring"),
        ({"valid_until": dt.date(2021, 9, 15)}, "person_expiring"),
        ({"valid_until": dt.date(2021, 9, 16)}, None),
        ({"valid_until": None}, None),
    ],
)
def test_persons(standard, change, found):
    people = StandardPerson.objects.filter(standard=standard).order_by("pk")
    people.filter(pk=people[0].pk).update(name="示例同名")
    people.filter(pk=people[1].pk).update(**change)

    assert [code for code, _ in of(standard)] == ([found] if found else [])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"year": 2018}, ("no_repeatability", "2020年缺重复性试验")),
        ({"state": "void", "void_reason": "录错"}, ("no_repeatability", "2020年缺重复性试验")),
        ({"outcome": "failed"}, ("test_failed", "2020年3月10日重复性试验：超差")),
        ({"outcome": "reassess"}, ("not_reassessed", "2020年3月10日重复性试验：大于新建时")),
        ({"outcome": "baseline"}, None),
    ],
)
def test_tests(standard, change, found):
    CapabilityTest.objects.filter(standard=standard, kind="repeatability", year=2020).update(
        **change
    )

    rows = of(standard)

    assert [code for code, _ in rows] == ([found[0]] if found else [])
    assert not found or rows[0][1].startswith(found[1])


def test_a_failed_test_is_settled_by_a_later_one_of_the_same_object(standard):
    failed = CapabilityTestFactory(
        standard=standard, tested_on=dt.date(2021, 1, 10), outcome="failed"
    )
    CapabilityTestFactory(standard=standard, tested_on=dt.date(2021, 2, 1), subject="另一个")
    assert [code for code, _ in of(standard)] == ["test_failed"]

    CapabilityTestFactory(standard=standard, tested_on=dt.date(2021, 2, 2), subject=failed.subject)
    assert of(standard) == []


@pytest.mark.parametrize(
    ("until", "found"),
    [
        (dt.date(2021, 6, 14), "public_certificate_expired"),
        (dt.date(2021, 6, 15), None),
        (None, None),
    ],
)
def test_the_public_certificate(until, found):
    own = ProvenStandardFactory(category=Category.SP_STATUTORY)
    assert [code for code, _ in of(own)] == ["no_public_certificate"]

    PublicCertificateFactory(standard=own, valid_until=until)

    assert [code for code, _ in of(own)] == ([found] if found else [])


YEARS = st.lists(
    st.tuples(
        st.sampled_from(["repeatability", "stability"]),
        st.integers(2015, 2022),
        st.sampled_from(["recorded", "recorded", "void"]),
    ),
    max_size=10,
)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    tests=YEARS,
    issued=st.dates(dt.date(2014, 1, 1), dt.date(2021, 6, 15)),
    length=st.integers(30, 1800) | st.none(),
)
def test_the_database_finds_the_years_the_page_names(tests, issued, length):
    own = StandardFactory()
    PersonFactory(standard=own)  # with nothing on record the years are not named
    until = issued + dt.timedelta(days=length) if length else None
    StandardCertificate.objects.filter(standard=own).update(issue_date=issued, valid_until=until)
    for kind, year, state in tests:
        CapabilityTestFactory(
            standard=own,
            kind=kind,
            method=f"{kind}_{'repeated' if kind == 'repeatability' else 'yearly'}",
            tested_on=dt.date(year, 3, 10),
            state=state,
            void_reason="录错" if state == "void" else "",
        )

    found = {code: text for code, text in of(own) if code.startswith("no_")}

    kept = CapabilityTest.objects.recorded().filter(standard=own)
    years = coverage(years_of(issued, until, on=ON), kept)
    for kind, word in (("repeatability", "重复性试验"), ("stability", "稳定性考核")):
        lacking = [str(y.year) for y in years if kind in y.missing]
        said = f"{'、'.join(lacking)}年缺{word}" if lacking else None
        assert found.get(f"no_{kind}") == said


@pytest.mark.parametrize("standards", [1, 4])
def test_queries_do_not_grow(django_assert_num_queries, standards):
    for _ in range(standards):
        own = StandardFactory(category=Category.SP_AUTHORISED)
        PersonFactory(standard=own, valid_until=ON)
        PublicCertificateFactory(standard=own, valid_until=dt.date(2021, 1, 1))
        CapabilityTestFactory(standard=own, outcome="failed")

    with django_assert_num_queries(9):
        found = warnings.open_warnings(MeasurementStandard.objects.all(), on=ON, only=OWN)

    assert len(found) == standards * 6
