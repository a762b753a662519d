"""台账预警: which warnings are open on a day, that the database finds what the rules find, who sees them."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from metrostd.common import clock
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from metrostd.registry import warnings
from metrostd.registry.enums import Category, InstrumentState
from metrostd.registry.models import MeasurementStandard, StandardCertificate, StandardInstrument
from metrostd.registry.queries.equipment import traced
from metrostd.registry.warnings import core
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.capability import ProvenStandardFactory as StandardFactory
from tests.factories.registry import InstrumentFactory, TraceFactory
from tests.factories.registry import StandardFactory as PlainStandardFactory
from tests.register import ON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def standard():
    """Certified from 1 June 2018 to 31 May 2023, traced; today is 15 June 2021."""
    found = StandardFactory()
    TraceFactory(instrument=InstrumentFactory(standard=found, name="在用", serial_no="00"))
    return found


def of(standard, **more):
    rows = MeasurementStandard.objects.filter(pk=standard.pk)
    return [(w.kind.code, w.sentence) for w in warnings.open_warnings(rows, on=ON, **more)]


def instrument(standard, *spans, **values):
    own = InstrumentFactory(**{"standard": standard, "name": "甲器", "serial_no": "01"} | values)
    for start, end, *result in spans:
        TraceFactory(
            instrument=own, traced_on=start, valid_until=end, result=(result or ["meets"])[0]
        )
    return own


def test_a_standard_in_order_has_none(standard):
    assert of(standard) == []


@pytest.mark.parametrize(
    ("values", "spans", "found"),
    [
        ({}, [("2020-06-15", "2021-06-14")], "main_overdue"),
        ({"role": "auxiliary"}, [("2020-06-15", "2021-06-14")], "auxiliary_overdue"),
        ({}, [("2020-06-16", "2021-06-15")], "main_due"),
        ({}, [("2020-07-16", "2021-07-15")], "main_due"),
        ({"role": "auxiliary"}, [("2020-07-16", "2021-07-15")], "auxiliary_due"),
        ({}, [("2020-07-17", "2021-07-16")], None),
        ({}, [("2020-07-16", None)], "open_ended"),
        ({}, [("2020-07-17", "2021-12-16", "unconfirmed")], "unconfirmed"),
        ({}, [], "untraced"),
        ({}, [("2021-06-16", "2022-06-15")], "untraced"),
        (
            {},
            [("2020-07-17", "2021-12-16"), ("2021-06-01", "2021-12-16", "fails")],
            "tracing_failed",
        ),
        ({}, [("2018-08-01", "2019-07-31"), ("2019-08-02", "2022-07-31")], "tracing_gap"),
        ({}, [("2018-08-01", "2019-07-31"), ("2019-08-01", "2022-07-31")], None),
        ({}, [("2016-08-01", "2017-07-31"), ("2018-06-01", "2022-07-31")], None),
        ({"state": InstrumentState.IDLE}, [("2016-08-01", "2017-07-31")], None),
        ({"state": InstrumentState.SCRAPPED}, [], None),
    ],
)
def test_what_an_instrument_is_warned_for(standard, values, spans, found):
    own = instrument(standard, *spans, **values)

    rows = warnings.open_warnings(MeasurementStandard.objects.all(), on=ON)

    assert [w.kind.code for w in rows] == ([found] if found else [])
    assert all(w.url == own.get_absolute_url() for w in rows)


def test_sentences_name_the_instrument_and_the_days(standard):
    instrument(
        standard,
        ("2018-08-01", "2019-07-31"),
        ("2019-08-11", "2020-08-10"),
        ("2020-08-21", "2021-06-10"),
    )

    assert of(standard) == [
        ("main_overdue", "甲器（01）溯源已超期5天，有效期至2021年6月10日"),
        ("tracing_gap", "甲器（01）2019年8月1日至2019年8月10日溯源空档10天等2处"),
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"valid_until": "2021-06-14"}, "certificate_expired"),
        ({"valid_until": "2021-06-14", "state": "reexam_applied"}, "certificate_expired"),
        ({"valid_until": "2021-06-15"}, "certificate_unapplied"),
        ({"valid_until": "2021-12-15"}, "certificate_unapplied"),
        ({"valid_until": "2021-12-15", "state": "reexam_applied"}, None),
        ({"valid_until": "2021-12-16"}, None),
        ({"valid_until": None}, None),
    ],
)
def test_what_a_certificate_is_warned_for(standard, changes, found):
    StandardCertificate.objects.filter(standard=standard).update(**changes)

    assert [code for code, _ in of(standard)] == ([found] if found else [])


def test_a_certificate_s_warning_leads_to_where_the_application_is_recorded(client, standard):
    StandardCertificate.objects.filter(standard=standard).update(
        valid_until="2021-06-15", state="expiring"
    )

    rows = MeasurementStandard.objects.filter(pk=standard.pk)
    (warning,) = warnings.open_warnings(rows, on=ON)

    address, anchor = warning.url.split("#")
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))
    page = client.get(address).content.decode()
    start = page.index(f'id="{anchor}"')
    assert "登记复查申请" in page[start : page.index("</section>", start)]


@pytest.mark.parametrize("state", ["sealed", "withdrawn", "deregistered", "revoked", "annulled"])
def test_a_standard_out_of_use_has_none(standard, state):
    StandardCertificate.objects.filter(standard=standard).update(
        valid_until=clock.today() + dt.timedelta(days=9), state=state
    )
    instrument(standard, ("2016-08-01", "2017-07-31"))

    assert of(standard) == []


def test_a_standard_without_a_main_instrument_in_use():
    bare = StandardFactory()
    instrument(bare, ("2020-07-17", "2021-07-16"), role="auxiliary")
    instrument(bare, serial_no="02", state=InstrumentState.SCRAPPED)

    assert of(bare) == [("no_instrument", "台账没有登记在用的计量标准器")]
    assert of(bare, only={"main_due"}) == []


def test_a_standard_with_nothing_on_record_is_told_once_what_to_enter_first():
    fresh = PlainStandardFactory(category=Category.SP_STATUTORY)

    (warning,) = of(fresh)
    assert warning[0] == "nothing_recorded"
    assert "先登记计量标准器" in warning[1]
    assert of(fresh, only={"few_persons", "no_repeatability"}) == []

    # The first record: from now on each thing lacking is named.
    TraceFactory(instrument=InstrumentFactory(standard=fresh))
    assert {code for code, _ in of(fresh)} == {
        "few_persons", "no_repeatability", "no_stability", "no_public_certificate",
    }  # fmt: skip


def test_a_certificate_that_ran_out_is_told_whatever_is_on_record():
    fresh = PlainStandardFactory(certificate__valid_until="2021-06-14")

    assert [code for code, _ in of(fresh)] == ["certificate_expired", "nothing_recorded"]


# Wild records: what the database lets through is what the rules would have found -----------------

DAYS = st.integers(-700, 40)
RECORDS = st.lists(
    st.tuples(
        st.integers(0, 1),
        DAYS,
        st.integers(1, 400) | st.none(),
        st.sampled_from(["meets", "meets", "meets", "unconfirmed", "fails", "void"]),
    ),
    max_size=9,
)


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(records=RECORDS)
def test_the_database_lets_nothing_through_that_the_rules_would_find(records):
    standard = StandardFactory()
    own = [InstrumentFactory(standard=standard) for _ in range(2)]
    for n, start, length, what in records:
        day = ON + dt.timedelta(days=start)
        TraceFactory(
            instrument=own[n],
            traced_on=day,
            valid_until=day + dt.timedelta(days=length) if length else None,
            result="meets" if what == "void" else what,
            state="void" if what == "void" else "recorded",
            void_reason="录错" if what == "void" else "",
        )
    instruments = StandardInstrument.objects.filter(standard=standard)

    suspects = instruments.perhaps_at_fault(ON, until=ON + dt.timedelta(days=30))
    wanted = {
        row.instrument.pk
        for row in traced(instruments, on=ON)
        if row.gaps
        or row.failed
        or row.unconfirmed
        or row.tracing.state != "valid"
        or row.tracing.until is None
    }

    assert wanted <= set(suspects.values_list("pk", flat=True))


# Adding a rule, and its price --------------------------------------------------------------------


def test_others_add_rules(standard, monkeypatch):
    monkeypatch.setattr(core, "_rules", list(core._rules))
    few = warnings.Kind("example", "示例预警", "info")

    @warnings.warning_rule(few)
    def rule(standards, on):
        for pk in standards.values_list("pk", flat=True):
            yield warnings.OpenWarning(few, f"{on:%Y}年示例", standard=pk, url="/x/")

    assert of(standard) == [("example", "2021年示例")]
    assert warnings.kinds()[-1] == few


@pytest.mark.parametrize("standards", [1, 4])
def test_queries_do_not_grow(django_assert_num_queries, standards):
    for _ in range(standards):
        own = StandardFactory(certificate__valid_until="2021-06-14")
        instrument(own, ("2018-08-01", "2019-07-31"), ("2020-08-02", "2021-06-01"))
        instrument(own, serial_no="02", role="auxiliary")
        StandardFactory()

    with django_assert_num_queries(14):
        found = warnings.open_warnings(MeasurementStandard.objects.all(), on=ON)

    assert len(found) == standards * 5


# The screens -------------------------------------------------------------------------------------

LIST = "/registry/warnings/"


@pytest.fixture
def office(client, city):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


def overdue(**values):
    own = StandardFactory(**values)
    instrument(own, ("2018-08-01", "2019-07-31"))
    return own


def test_a_district_sees_the_warnings_of_its_own_standards(client, xiqing):
    mine = overdue(unit__territorial_authority=xiqing)
    overdue()
    sign_in(client, MembershipFactory(authority=xiqing))

    page = client.get(LIST)

    assert [row.standard for row in page.context["rows"]] == [mine]


def test_a_unit_sees_its_own(client):
    membership = MembershipFactory(as_unit=True)
    mine = overdue(unit=membership.unit)
    overdue()
    sign_in(client, membership)

    assert [row.standard for row in client.get(LIST).context["rows"]] == [mine]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"kind": "main_overdue"}, 1),
        ({"kind": "main_due"}, 0),
        ({"kind": "nonsense", "district": "x", "page": "99"}, 1),
        ({"district": "none"}, 0),
        ({"q": "压力表"}, 1),
        ({"q": "不存在"}, 0),
        ({"unit": "0"}, 0),
    ],
)
def test_the_list_is_filtered(office, query, found):
    overdue()

    page = office.get(LIST, query)

    assert len(page.context["rows"]) == found
    assert found or "没有符合条件的预警" in page.content.decode()


def test_counts_stand_above_the_list_whatever_kind_is_chosen(office):
    overdue(certificate__valid_until=ON)

    counts = office.get(LIST, {"kind": "main_due"}).context["counts"]

    assert [(kind.code, n) for kind, n in counts] == [
        ("certificate_unapplied", 1),
        ("main_overdue", 1),
    ]


def test_without_warnings_the_page_says_so(office, standard):
    assert "没有预警" in office.get(LIST).content.decode()


def test_list_queries_do_not_grow(office):
    def queries():
        office.get(LIST)
        with CaptureQueriesContext(connection) as caught:
            office.get(LIST)
        return len(caught)

    overdue()
    one = queries()
    for _ in range(3):
        overdue()

    assert queries() == one


def test_the_export_holds_what_the_list_shows(office):
    own = overdue(unit__name="=危险示例", certificate__valid_until=ON)

    response = office.post(f"{LIST}export/?kind=main_overdue")

    cells = list(load_workbook(io.BytesIO(response.content)).active.values)
    assert len(cells) == 3
    assert cells[2][3:5] == (own.name, f"'{own.unit.name}")
    assert AccessEntry.objects.get().kind == "export"


def test_pages_of_unit_and_standard_open_with_their_warnings(office):
    own = overdue()

    for page, follows in ((own, "certificate"), (own.unit, "standards")):
        text = office.get(page.get_absolute_url()).content.decode()
        assert "甲器（01）溯源已超期" in text
        assert text.index('id="warnings"') < text.index(f'id="{follows}"')
        index = text[text.index('class="page-index"') :]  # the key figures above it lead there, too
        assert index.index('href="#warnings"') < index.index(f'href="#{follows}"')


def test_a_unit_with_many_warnings_shows_the_worst_and_the_way_to_the_rest(office):
    own = overdue()
    for n in range(7):
        instrument(own, serial_no=f"1{n}", role="auxiliary")

    text = office.get(own.unit.get_absolute_url()).content.decode()

    assert "查看全部 8 条预警" in text
    assert f"?unit={own.unit.pk}" in text
    assert len(office.get(LIST, {"unit": own.unit.pk}).context["rows"]) == 8
