"""What is counted beforehand is what counting now gives, whatever was written since and by whom."""

import datetime as dt
import random

import pytest
from django.db import connection, transaction
from django.urls import reverse

from metrostd.common import clock, jobs
from metrostd.common.enums import JobState
from metrostd.common.models import Job
from metrostd.common.roles import Role
from metrostd.registry.enums import (
    InstrumentState,
    PriorityDomain,
    RecordState,
    TestKind,
    TestMethod,
)
from metrostd.registry.models import (
    CapabilityTest,
    MeasurementStandard,
    ProfessionalField,
    StandardCertificate,
    StandardDomain,
    StandardInstrument,
    StandardPerson,
    TraceRecord,
    Unit,
)
from metrostd.risk import counting, parts, queries, tables, watching
from metrostd.risk.counting import NotCountedError
from metrostd.risk.enums import RiskLevel
from metrostd.risk.levels import first_table
from metrostd.risk.models import Counting, Touched
from metrostd.risk.runners import JOB
from metrostd.risk.schedule import keep_counted
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.capability import CapabilityTestFactory, PersonFactory
from tests.factories.registry import (
    AuthorityFactory,
    CertificateFactory,
    InstrumentFactory,
    StandardFactory,
    TraceFactory,
    UnitFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = dt.date(2022, 6, 20)
DAYS = (dt.date(2020, 12, 31), TODAY, TODAY + dt.timedelta(days=1))


@pytest.fixture(autouse=True)
def _in_june():
    with clock.pinned(clock.at_time(TODAY)):
        yield


@pytest.fixture(autouse=True)
def _three_at_once(monkeypatch):
    monkeypatch.setattr(counting, "AT_ONCE", 3)


def a_day(chance):
    return dt.date(2019, 1, 1) + dt.timedelta(days=chance.randrange(4 * 365))


def a_certificate(chance, standard):
    issued = a_day(chance)
    return CertificateFactory(
        standard=standard, issue_date=issued, valid_until=issued + dt.timedelta(days=chance.randrange(1, 2000)),
        state=chance.choice(("valid", "valid", "valid", "reexam_applied", "sealed")),
    )  # fmt: skip


def a_trace(chance, instrument):
    on = a_day(chance)
    return TraceFactory(
        instrument=instrument, traced_on=on, valid_until=on + dt.timedelta(days=chance.randrange(400)),
        result=chance.choice(("meets", "meets", "fails")),
    )  # fmt: skip


def a_test(chance, standard):
    kind = chance.choice(TestKind.yearly_kinds())
    method = TestMethod.REPEATED if kind == TestKind.REPEATABILITY else TestMethod.YEARLY
    return CapabilityTestFactory(
        standard=standard, kind=kind, method=method, tested_on=a_day(chance)
    )


def a_standard(chance, units):
    made = StandardFactory(unit=chance.choice(units), certificate=None)
    a_certificate(chance, made)
    for _ in range(chance.randrange(3)):
        instrument = InstrumentFactory(standard=made, role=chance.choice(("main", "auxiliary")))
        for _ in range(chance.randrange(3)):
            a_trace(chance, instrument)
    for _ in range(chance.randrange(2)):
        PersonFactory(standard=made, valid_until=a_day(chance))
    if chance.random() < 0.5:
        a_test(chance, made)
    for domain in chance.sample(list(PriorityDomain), chance.randrange(3)):
        StandardDomain.objects.create(standard=made, domain=domain)
    return made


def a_register(chance):
    offices = [AuthorityFactory(), AuthorityFactory()]
    units = [UnitFactory(territorial_authority=chance.choice(offices)) for _ in range(6)]
    for _ in range(12):
        a_standard(chance, units)
    return units


def one_of(chance, model):
    return chance.choice(list(model.objects.order_by("pk")))


def _of(model, **given):
    """Another value for one row, written past every service."""

    def write(chance):
        row = one_of(chance, model)
        model.objects.filter(pk=row.pk).update(
            **{name: value(chance) if callable(value) else value for name, value in given.items()}
        )

    return write


CHANGES = {
    "a standard is registered": lambda chance: a_standard(chance, list(Unit.objects.all())),
    "a standard goes to another unit": _of(
        MeasurementStandard, unit=lambda chance: one_of(chance, Unit)
    ),
    "a standard is of another field": _of(
        MeasurementStandard, field=lambda chance: one_of(chance, ProfessionalField)
    ),
    "a standard is out of scope": _of(MeasurementStandard, in_scope=False),
    "a certificate ends on another day": _of(
        StandardCertificate, issue_date=dt.date(2018, 12, 1), valid_until=a_day
    ),
    "a certificate is sealed": _of(StandardCertificate, state="sealed"),
    "a review is applied for": _of(StandardCertificate, state="reexam_applied"),
    "an instrument is traced": lambda chance: a_trace(chance, one_of(chance, StandardInstrument)),
    "a tracing is void": _of(TraceRecord, state=RecordState.VOID, void_reason="登记有误"),
    "a tracing is deleted": lambda chance: TraceRecord.objects.filter(
        pk=one_of(chance, TraceRecord).pk
    ).delete(),
    "an instrument is out of use": _of(StandardInstrument, state=InstrumentState.IDLE),
    "somebody leaves": _of(StandardPerson, until=a_day),
    "a person is added": lambda chance: PersonFactory(standard=one_of(chance, MeasurementStandard)),
    "a test is made": lambda chance: a_test(chance, one_of(chance, MeasurementStandard)),
    "a test is void": _of(CapabilityTest, state=RecordState.VOID, void_reason="登记有误"),
    "domains are written together": lambda chance: StandardDomain.objects.bulk_create(
        [StandardDomain(standard=one_of(chance, MeasurementStandard), domain=PriorityDomain.values[0])],
        ignore_conflicts=True,
    ),
    "a domain is taken out": lambda chance: StandardDomain.objects.filter(
        pk=one_of(chance, StandardDomain).pk
    ).delete(),
    "a unit is in another district": _of(
        Unit, territorial_authority=lambda chance: AuthorityFactory()
    ),
}  # fmt: skip


def by_hand(on):
    """Counted indicator by indicator and unit by unit as the reasons of a unit's page are, nothing kept."""
    found = {}
    for unit in Unit.objects.all():
        for each in counting.OF_REGISTER:
            n, _ = queries.reasons(Unit.objects.filter(pk=unit.pk), each.code, on, viewer=None)
            if n:
                found.setdefault(unit.pk, {})[each.code] = n
    return found


def as_plain(found):
    return {unit: dict(hits) for unit, hits in found.hits.items() if hits}


def held():
    """Units with standards in use and in scope by field and district as the register has them now."""
    rows = MeasurementStandard.objects.in_scope().operating().select_related("unit")
    return sorted({(row.unit_id, row.field_id, row.unit.territorial_authority_id) for row in rows})


def by_field_and_hand(kind, on):
    """A field's units by level, each unit looked at alone, and its records one by one."""
    levels, records = dict.fromkeys(RiskLevel, 0), {}
    for pk in {unit for unit, of, _ in held() if of == kind}:
        only = Unit.objects.filter(pk=pk)
        levels[queries.picture(only, on).risk_of(pk).level] += 1
    for each in counting.OF_REGISTER:
        n, _ = queries.reasons(Unit.objects.all(), each.code, on, viewer=None, field_pk=kind)
        if n:
            records[each.code] = n
    return levels, records


@pytest.mark.parametrize("seed", range(2))
def test_what_was_kept_is_what_counting_now_gives_after_every_kind_of_change(seed, monkeypatch):
    chance = random.Random(seed)
    a_register(chance)
    for day in DAYS:
        counting.count(day)
    assert all(
        as_plain(queries.picture(Unit.objects.all(), d, quickly=True)) == by_hand(d) for d in DAYS
    )

    for what in chance.sample(list(CHANGES), len(CHANGES)):
        CHANGES[what](chance)
        for day in DAYS:
            if not counting.is_fresh(day, most=counting.AT_ONCE):
                counting.count(day)
        day = chance.choice(DAYS)
        found = queries.picture(Unit.objects.all(), day, quickly=True)
        assert found.counted_at is not None
        assert as_plain(found) == by_hand(day), what
        placed = [row for t in found.cells["field"] for row in zip(t.parts, t.units, strict=True)]
        assert sorted((unit, kind, found.offices[unit]) for kind, unit in placed) == held(), what
        monkeypatch.setattr(counting, "AT_ONCE", 100)
        now = queries.picture(Unit.objects.all(), day)
        assert now.counted_at is None
        for by in (parts.by_district, parts.by_field, parts.by_domain):
            assert by(found) == by(now), what
        assert {part.pk: (part.levels, dict(part.records)) for part in parts.by_field(found)} == {
            kind: by_field_and_hand(kind, day) for kind in {kind for _, kind, _ in held()}
        }, what
        monkeypatch.setattr(counting, "AT_ONCE", 3)


def test_a_certificate_lapses_overnight_without_anybody_writing():
    for _ in range(4):
        standard = StandardFactory(certificate=None)
        CertificateFactory(standard=standard, issue_date=dt.date(2021, 1, 1), valid_until=TODAY)
    counting.keep_up([TODAY])

    assert queries.picture(Unit.objects.all(), TODAY, quickly=True).units_with("expired") == 0
    tomorrow = TODAY + dt.timedelta(days=1)
    with clock.pinned(clock.at_time(tomorrow, 0)):
        with pytest.raises(NotCountedError):
            queries.picture(Unit.objects.all(), clock.today(), quickly=True)
        keep_counted()
        assert (
            queries.picture(Unit.objects.all(), clock.today(), quickly=True).units_with("expired")
            == 4
        )


def four_units(**given):
    return [StandardFactory(**given) for _ in range(4)]


def test_too_many_changes_are_refused_and_never_shown_out_of_date():
    standards = four_units()
    counting.count(TODAY)
    StandardDomain.objects.create(standard=standards[0], domain=PriorityDomain.FOOD)

    found = queries.picture(Unit.objects.all(), TODAY, quickly=True)
    assert (found.anew, found.units_with("domain")) == (1, 1)
    for standard in standards[1:]:
        StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)
    with pytest.raises(NotCountedError):
        queries.picture(Unit.objects.all(), TODAY, quickly=True)
    assert queries.picture(Unit.objects.all(), TODAY).units_with("domain") == 4
    assert queries.picture(Unit.objects.all(), TODAY, quickly=True).anew == 0


def test_what_is_written_while_it_is_counted_is_counted_again():
    """Its writer commits after the counting began, and also after it ended."""
    standards = four_units()

    def write(done, of):
        if done == of - 1:
            StandardDomain.objects.create(standard=standards[0], domain=PriorityDomain.FOOD)
            standards[1].certificates.update(valid_until=TODAY - dt.timedelta(days=1))

    counting.count(TODAY, told=write)

    found = queries.picture(Unit.objects.all(), TODAY, quickly=True)
    assert found.anew == 2
    assert (found.units_with("domain"), found.units_with("expired")) == (1, 1)


def test_without_its_triggers_nothing_kept_is_believed():
    four_units()
    counting.count(TODAY)
    name = watching.names()[0]
    on = " ON registry_unit" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")

    try:
        with pytest.raises(NotCountedError):
            queries.picture(Unit.objects.all(), TODAY, quickly=True)
        assert queries.picture(Unit.objects.all(), TODAY).counted_at is None
    finally:
        counting.begin_anew()
    assert watching.in_place()
    assert not Counting.objects.exists()


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_table_made_anew_gets_its_triggers_back_with_the_migrations():
    field = StandardDomain._meta.get_field("domain")
    other = field.clone()
    other.max_length = 13
    other.set_attributes_from_name("domain")
    other.model = StandardDomain
    with connection.schema_editor() as editor:
        editor._remake_table(StandardDomain, alter_fields=[(field, other)])
    assert not watching.in_place()

    counting.begin_anew()

    assert watching.in_place()


def test_marks_everybody_has_seen_are_forgotten_and_one_day_is_kept_once():
    standards = four_units()
    assert Touched.objects.exists()
    counting.count(TODAY)
    with clock.pinned(clock.at_time(TODAY, 23)):
        counting.count(TODAY)

        assert Counting.objects.filter(on=TODAY).count() == 1
        with clock.pinned(clock.at_time(TODAY + dt.timedelta(days=1), 3)):
            counting.count(TODAY + dt.timedelta(days=1))
    oldest = Counting.objects.order_by("pk").first()
    assert not Touched.objects.filter(stamp__lt=oldest.horizon).exists()
    StandardDomain.objects.create(standard=standards[0], domain=PriorityDomain.FOOD)
    for day in (TODAY, TODAY + dt.timedelta(days=1)):
        assert queries.picture(Unit.objects.all(), day, quickly=True).anew == 1


def test_a_change_taken_back_with_its_transaction_leaves_no_mark():
    standards = four_units()
    counting.count(TODAY)

    with transaction.atomic():
        StandardDomain.objects.create(standard=standards[0], domain=PriorityDomain.FOOD)
        transaction.set_rollback(True)

    assert queries.picture(Unit.objects.all(), TODAY, quickly=True).anew == 0


@pytest.fixture
def city():
    return MembershipFactory(authority=AuthorityFactory(city=True), role=Role.CITY_ADMIN)


def test_a_day_nobody_counted_is_counted_by_a_job_and_kept(client, city):
    four_units()
    sign_in(client, city)
    page = f"{reverse('risk:index')}?on=2021-03-01"

    asked = client.get(page)

    assert "还没有统计" in asked.content.decode()
    assert "开始统计" in asked.content.decode()
    sent = client.post(reverse("risk:count"), {"on": "2021-03-01", "back": page})
    job = Job.objects.get(kind=JOB)
    assert sent.url == reverse("common:job", args=[job.pk])
    assert (job.state, job.next_url) == (JobState.DONE, page)
    shown = client.get(page).content.decode()
    assert "台账指标统计于2022年6月20日" in shown
    assert "重新计算" in shown


@pytest.mark.parametrize("name", ["index", "parts", "targeted", "next_year"])
def test_a_page_that_is_not_counted_says_since_when_and_what_is_missing(client, city, name):
    standards = four_units()
    counting.count(TODAY)
    for standard in standards:
        StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)
    sign_in(client, city)
    page = reverse(f"risk:{name}")

    shown = client.get(page).content.decode()

    assert "统计于2022年6月20日" in shown
    assert "此后有4家单位的台账有变动" in shown
    assert "没有统计的是溯源" in shown
    assert f'href="{page}" aria-current="page"' in shown


def test_somebody_else_had_it_counted_while_the_job_waited(city):
    four_units()
    with clock.pinned(clock.at_time(TODAY, 8)):
        asked = Job.objects.create(
            kind=JOB, title="统计", arguments={"on": TODAY.isoformat(), "back": "/risk/"}
        )
    kept = counting.count(TODAY)

    jobs.perform(asked)

    assert Counting.objects.get(on=TODAY) == kept


def test_the_way_back_leads_nowhere_else(client, city):
    sign_in(client, city)

    client.post(reverse("risk:count"), {"on": "nonsense", "back": "https://example.org/"})

    job = Job.objects.get(kind=JOB)
    assert job.arguments == {"on": TODAY.isoformat(), "back": reverse("risk:index")}


def test_pages_of_days_counted_show_what_changed_and_a_new_table_at_once(client, city):
    standards = four_units(unit__territorial_authority=city.authority)
    CampaignFactory(
        organiser=city.authority, state="open", notice_on=dt.date(2021, 4, 1), summary_due=dt.date(2021, 10, 15)
    )  # fmt: skip
    keep_counted()
    assert set(Counting.objects.values_list("on", flat=True)) == {TODAY, dt.date(2021, 10, 15)}
    StandardDomain.objects.create(standard=standards[0], domain=PriorityDomain.FOOD)
    sign_in(client, city)

    for name in ("index", "parts", "trend", "targeted", "next_year"):
        page = client.get(reverse(f"risk:{name}")).content.decode()
        assert "有变动的1家单位已按现有记录重新计算" in page, name
    table = first_table()
    tables.revise(
        {
            "points": table.points | {"domain": 9}, "years": table.years, "medium_from": 3, "high_from": 6,
            "starts_on": TODAY, "reason": "突出重点领域",
        },
        base_version=0, actor=city.user,
    )  # fmt: skip
    assert standards[0].unit.name in client.get(reverse("risk:targeted")).content.decode()


def test_a_unit_that_left_the_district_is_not_shown_there(client, city):
    office = MembershipFactory(authority=AuthorityFactory(code="120111", parent=city.authority))
    standards = four_units(unit__territorial_authority=office.authority)
    counting.count(TODAY)
    gone = four_units(unit__territorial_authority=office.authority)[0].unit
    counting.count(TODAY)
    Unit.objects.filter(pk=gone.pk).update(territorial_authority=city.authority)
    sign_in(client, office)

    page = client.get(reverse("risk:index")).content.decode()

    assert "台账指标统计于" in page
    assert standards[0].unit.name in page
    assert gone.name not in page
