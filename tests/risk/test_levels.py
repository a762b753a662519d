"""Indicators of units on a day, their reasons, levels by a table, who is looked at beside the draw."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.enums import DrawKind
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import PriorityDomain
from metrostd.registry.models import StandardDomain, Unit
from metrostd.risk import levels, parts, queries, tables, targeted
from metrostd.risk.enums import RiskLevel
from metrostd.risk.indicators import INDICATORS
from metrostd.risk.models import RiskTable
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory, RoutedStandardFactory, routing_rules
from tests.factories.capability import ProvenStandardFactory
from tests.factories.complaints import WORDS, ComplaintFactory
from tests.factories.inspections import FindingFactory, SheetFactory
from tests.factories.registry import (
    AuthorityFactory,
    CertificateFactory,
    InstrumentFactory,
    StandardFactory,
    TraceFactory,
)
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db
TODAY = dt.date(2022, 6, 20)


@pytest.fixture(autouse=True)
def _in_june():
    with clock.pinned(clock.at_time(TODAY)):
        yield


@pytest.fixture
def city():
    return MembershipFactory(authority=AuthorityFactory(city=True), role=Role.CITY_ADMIN)


@pytest.fixture
def office(city):
    return MembershipFactory(authority=AuthorityFactory(code="120111", parent=city.authority))


def standard_in(office, **given):
    made = StandardFactory(unit__territorial_authority=office.authority, certificate=None, **given)
    CertificateFactory(
        standard=made, issue_date=dt.date(2022, 1, 1), valid_until=dt.date(2026, 1, 1)
    )
    return made


def hits(unit, *, on=TODAY, viewer=None):
    found = queries.picture(Unit.objects.filter(pk=unit.pk), on, viewer=viewer)
    return dict(found.risk_of(unit.pk).hits)


def said(unit, code, *, on=TODAY, viewer=None):
    return queries.reasons(Unit.objects.filter(pk=unit.pk), code, on, viewer=viewer)


def test_a_unit_without_anything_wrong_is_of_low_risk(office):
    standard = standard_in(office)

    found = queries.picture(Unit.objects.all(), TODAY)

    assert found.risk_of(standard.unit_id).level == RiskLevel.LOW
    assert found.levels == {RiskLevel.HIGH: 0, RiskLevel.MEDIUM: 0, RiskLevel.LOW: 1}


def test_a_main_instrument_counts_from_the_day_after_its_validity(office):
    standard = standard_in(office)
    trace = TraceFactory(instrument=InstrumentFactory(standard=standard))
    last = trace.valid_until

    assert "untraced" not in hits(standard.unit, on=last)
    day = last + dt.timedelta(days=1)
    assert hits(standard.unit, on=day)["untraced"] == 1
    count, reasons = said(standard.unit, "untraced", on=day)
    assert count == 1
    assert "溯源已超期1天" in reasons[0].sentence
    TraceFactory(instrument=trace.instrument, traced_on=day, valid_until=dt.date(2023, 3, 9))
    assert "untraced" not in hits(standard.unit, on=day)


def test_an_instrument_that_failed_counts_until_it_passes(office):
    standard = standard_in(office)
    instrument = InstrumentFactory(standard=standard)
    TraceFactory(
        instrument=instrument, traced_on=dt.date(2022, 1, 5), valid_until=dt.date(2023, 1, 4)
    )
    TraceFactory(
        instrument=instrument, traced_on=dt.date(2022, 5, 1), result="fails", valid_until=None
    )

    assert "untraced" in hits(standard.unit)
    TraceFactory(
        instrument=instrument, traced_on=dt.date(2022, 6, 1), valid_until=dt.date(2023, 5, 31)
    )
    assert "untraced" not in hits(standard.unit)


def test_certificates_that_end_are_told_from_those_that_have_ended(office):
    standard = standard_in(office)
    certificate = standard.certificates.get()
    certificate.valid_until = TODAY + dt.timedelta(days=90)
    certificate.save()

    assert set(hits(standard.unit)) == {"unapplied"}
    assert set(hits(standard.unit, on=TODAY + dt.timedelta(days=91))) == {"expired"}
    assert "有效期至" in said(standard.unit, "unapplied")[1][0].sentence


def test_persons_and_years_without_tests_count_where_something_is_on_record(office):
    proven = ProvenStandardFactory(unit__territorial_authority=office.authority)
    proven.persons.all().delete()
    proven.capability_tests.all().delete()
    InstrumentFactory(standard=proven)

    found = hits(proven.unit)

    assert {"few_persons", "no_repeatability", "no_stability"} <= set(found)
    for code in ("few_persons", "no_repeatability", "no_stability"):
        assert said(proven.unit, code)[1][0].url.startswith(proven.get_absolute_url())


def test_what_inspections_and_self_checks_gave(office):
    standard = standard_in(office)
    with clock.pinned(clock.at_time(dt.date(2021, 6, 15))):
        sheet = SheetFactory(
            task__unit=standard.unit, task__authority=office.authority, task__state="concluded",
            standard=standard,
        )  # fmt: skip
        FindingFactory(sheet=sheet, self_check_answer="conform", state="failed")
    ReportFactory(
        unit=standard.unit, campaign=sheet.task.campaign, receiver=office.authority,
        due_on=dt.date(2021, 5, 31),
    )  # fmt: skip

    found = hits(standard.unit)

    assert {"dishonest", "unmended", "late"} <= set(found)
    assert "没有报送" in said(standard.unit, "late")[1][0].sentence
    assert "示例事实" in said(standard.unit, "dishonest")[1][0].sentence
    assert not {"dishonest", "unmended"} & set(hits(standard.unit, on=dt.date(2021, 6, 14)))
    assert not {"dishonest", "unmended", "late"} & set(hits(standard.unit, on=dt.date(2024, 6, 20)))


def test_complaints_count_from_the_second_and_only_for_who_may_know(city, office):
    standard = standard_in(office)
    given = {
        "authority": office.authority, "unit": standard.unit,
        "received_on": dt.date(2022, 5, 1), "state": "accepted",
    }  # fmt: skip
    ComplaintFactory(accepted_at=clock.now(), **given)
    assert "complaints" not in hits(standard.unit, viewer=office.user)
    ComplaintFactory(accepted_at=clock.now(), **given)
    later = TODAY + dt.timedelta(days=1)

    assert hits(standard.unit, on=later, viewer=office.user)["complaints"] == 2
    assert "complaints" not in hits(standard.unit, on=later, viewer=city.user)
    _, reasons = said(standard.unit, "complaints", on=later, viewer=office.user)
    assert all(WORDS not in one.sentence for one in reasons)


def test_every_indicator_has_points_and_a_fixed_number_of_statements(
    office, django_assert_max_num_queries
):
    for _ in range(4):
        StandardDomain.objects.create(standard=standard_in(office), domain=PriorityDomain.FOOD)

    with django_assert_max_num_queries(len(INDICATORS) + 4):
        found = queries.picture(Unit.objects.all(), TODAY)

    assert found.units_with("domain") == 4
    assert set(levels.first_table().points) == {each.code for each in INDICATORS}


def test_by_district_and_field_add_up_to_the_units(office):
    one = standard_in(office)
    other = standard_in(office, field=one.field)
    StandardDomain.objects.create(standard=other, domain=PriorityDomain.FOOD)
    found = queries.picture(Unit.objects.all(), TODAY)

    (district,) = parts.by_district(found)
    (field,) = parts.by_field(found)

    assert (district.units, district.records["domain"]) == (2, 1)
    assert (field.name, field.units, field.records["domain"]) == (one.field.name, 2, 1)


def words(**other):
    table = levels.first_table()
    return {
        "points": table.points, "years": table.years, "medium_from": 3, "high_from": 6,
        "starts_on": TODAY, "reason": "结合本年度结果调整",
    } | other  # fmt: skip


def test_a_new_table_holds_from_its_day_and_leaves_the_days_before_alone(city):
    tables.revise(words(starts_on=TODAY + dt.timedelta(days=10)), base_version=0, actor=city.user)

    assert levels.table_on(TODAY).version == 0
    assert levels.table_on(TODAY + dt.timedelta(days=10)).version == 1


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"high_from": 3}, "须大于"),
        ({"starts_on": TODAY - dt.timedelta(days=1)}, "不能早于今天"),
        ({"reason": " "}, "请说明修订理由"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(city, other, sentence):
    with pytest.raises(ValidationError, match=sentence):
        tables.revise(words(**other), base_version=0, actor=city.user)


def test_two_people_revise_one_table(city):
    tables.revise(words(), base_version=0, actor=city.user)

    with pytest.raises(TransitionError, match="他人修订"):
        tables.revise(words(), base_version=0, actor=city.user)


def test_its_effect_is_seen_before_it_is_made(client, city, office):
    standard = standard_in(office)
    StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)
    sign_in(client, city)
    url = reverse("risk:revise")
    form = client.get(url).context["form"]
    sent = {name: form[name].value() for name in form.fields} | {
        "starts_on": TODAY.isoformat(), "reason": "突出重点领域", "points_domain": 9,
    }  # fmt: skip

    page = client.post(url, sent | {"preview": "1"})

    assert page.context["effect"].moved[0].after == RiskLevel.HIGH
    assert standard.unit.name in page.content.decode()
    assert not RiskTable.objects.exists()
    assert client.post(url, sent).status_code == 302
    assert RiskTable.objects.get().points["domain"] == 9
    assert "突出重点领域" in client.get(reverse("risk:table")).content.decode()


def test_an_office_sees_the_units_of_its_territory_and_no_others(client, city, office):
    own, other = standard_in(office), standard_in(MembershipFactory())
    sign_in(client, office)

    page = client.get(reverse("risk:index")).content.decode()

    assert own.unit.name in page
    assert other.unit.name not in page
    assert client.get(reverse("risk:unit", args=[other.unit_id])).status_code == 404
    for name in ("parts", "targeted", "next_year", "table", "procedures"):
        assert client.get(reverse(f"risk:{name}")).status_code == 200
    assert client.get(reverse("risk:revise")).status_code == 403
    sign_in(client, MembershipFactory(role=Role.DISTRICT_APPROVER, authority=office.authority))
    assert client.get(reverse("risk:index")).status_code == 403


def test_filters_and_days_of_the_list(client, city, office):
    standard = standard_in(office)
    StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)
    quiet = standard_in(office)
    sign_in(client, city)
    url = reverse("risk:index")

    page = client.get(url, {"indicator": "domain", "on": "nonsense"}).content.decode()
    assert standard.unit.name in page
    assert quiet.unit.name not in page
    assert "没有符合条件" in client.get(url, {"level": "high"}).content.decode()
    named = client.get(url, {"q": quiet.unit.name, "district": office.authority_id})
    assert standard.unit.name not in named.content.decode()
    assert "2021年1月1日" in client.get(url, {"on": "2021-01-01"}).content.decode()


def test_high_risk_is_listed_with_reasons_and_taken_out(client, city, office):
    standard = standard_in(office)
    standard.certificates.update(valid_until=dt.date(2022, 6, 1))
    TraceFactory(instrument=InstrumentFactory(standard=standard))
    sign_in(client, city)

    page = client.get(reverse("risk:targeted")).content.decode()

    assert standard.unit.name in page
    assert "考核证书已过有效期" in page
    proposed = client.get(reverse("risk:next_year"))
    assert proposed.context["page"].paginator.count == 1
    assert "2023年的检查建议" in proposed.content.decode()


def test_a_medium_unit_inspected_this_year_is_not_proposed_for_the_next(office):
    standard = standard_in(office)
    standard.certificates.update(valid_until=dt.date(2022, 6, 1))
    found = queries.picture(Unit.objects.all(), TODAY)
    assert found.rows[0].level == RiskLevel.MEDIUM
    assert len(queries.proposals(found, 2023)) == 1

    with clock.pinned(clock.at_time(TODAY)):
        sheet = SheetFactory(task__unit=standard.unit, task__state="concluded", standard=standard)
        sheet.task.arrived_at = clock.now()
        sheet.task.save()

    assert queries.proposals(found, 2023) == []
    assert len(queries.proposals(found, 2024)) == 1


def test_risk_adds_to_a_draw_and_never_touches_what_chance_gave(client):
    routing_rules()
    first = RoutedStandardFactory()
    for _ in range(4):
        RoutedStandardFactory(
            campaign=first.campaign,
            standard__unit__territorial_authority=first.inspecting_authority,
        )
    run = draws.draw(draws.freeze(first.campaign, first.inspecting_authority))
    chance = list(run.drawn.values_list("unit", "order", "kind"))
    office = MembershipFactory(authority=run.frame.authority)
    routed = run.frame.campaign.routed.filter(inspecting_authority=office.authority)
    unit = routed.exclude(unit__in=run.drawn.values("unit")).first().unit
    standard = unit.standards.get()
    StandardDomain.objects.create(standard=standard, domain=PriorityDomain.HEALTH)
    sign_in(client, office)
    url = reverse("risk:direct", args=[unit.pk])

    assert "涉及重点领域" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"standards": [standard.pk]}).status_code == 302

    added = run.drawn.get(unit=unit)
    assert (added.kind, added.reason[:4]) == (DrawKind.DIRECTED, "风险等级")
    kept = run.drawn.filter(kind=DrawKind.RANDOM).values_list("unit", "order", "kind")
    assert list(kept) == chance
    assert not targeted.directable(office.authority, [unit.pk])[unit.pk]
    assert client.get(url).status_code in (302, 403, 422)


def test_a_draw_is_not_told_of_complaints():
    risk = queries.UnitRisk(1, {"complaints": 2}, 4, RiskLevel.MEDIUM)

    assert "投诉" not in targeted.reason_of(risk)


def test_a_domain_counts_its_units_and_the_records_of_its_standards(office):
    both, neither = standard_in(office), standard_in(office)
    for domain in (PriorityDomain.FOOD, PriorityDomain.HEALTH):
        StandardDomain.objects.create(standard=both, domain=domain)
    CertificateFactory._meta.model.objects.filter(standard__in=[both, neither]).update(
        valid_until=TODAY - dt.timedelta(days=1)
    )
    found = queries.picture(Unit.objects.all(), TODAY)

    made = {part.name: part for part in parts.by_domain(found)}

    assert set(made) == {"食品安全", "医疗卫生"}
    assert {(p.units, p.records["expired"], p.records["domain"]) for p in made.values()} == {
        (1, 1, 2)
    }


def test_campaigns_stand_beside_each_other_at_their_ends(
    client, city, office, django_assert_max_num_queries
):
    """A certificate that ran out after the first campaign is a risk in the second alone."""
    standard = standard_in(office)
    StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)
    standard.certificates.update(valid_until=dt.date(2022, 3, 1))
    for year in (2021, 2022):
        CampaignFactory(
            organiser=city.authority, state="open", code=f"sample-{year}",
            notice_on=dt.date(year, 4, 1), summary_due=dt.date(year, 10, 15),
        )  # fmt: skip
    CampaignFactory(organiser=city.authority, state="draft", notice_on=dt.date(2022, 5, 1))
    sign_in(client, office)

    page = client.get(reverse("risk:trend"))

    assert [period.day for period in page.context["periods"]] == [dt.date(2021, 10, 15), TODAY]
    for by, lines in page.context["parts"]:
        ((line,), key) = lines, by.key
        assert (key, line.cells) == (key, [(0, 0, 1), (0, 1, 1)])
        assert line.change == 0
    assert page.context["chart"]["series"][1]["values"] == [0, 1]
    unit = client.get(reverse("risk:unit", args=[standard.unit_id]))
    assert [then.level for _, then in unit.context["periods"]] == [
        RiskLevel.LOW, RiskLevel.MEDIUM,
    ]  # fmt: skip
    standard_in(office)
    with django_assert_max_num_queries(60):
        client.get(reverse("risk:trend"))


def test_the_list_of_high_risk_asks_as_much_for_four_as_for_one(
    client, city, office, django_assert_num_queries
):
    def high():
        standard = standard_in(office)
        standard.certificates.update(valid_until=dt.date(2022, 6, 1))
        TraceFactory(instrument=InstrumentFactory(standard=standard))

    sign_in(client, city)
    high()
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("risk:targeted"))
    for _ in range(3):
        high()

    with django_assert_num_queries(len(asked)):
        page = client.get(reverse("risk:targeted"))

    assert page.context["page"].paginator.count == 4


def test_no_page_asks_more_for_four_units_than_for_one(client, city, office):
    """Nor is an indicator asked again for districts, fields and domains: they are put together from the same rows."""

    def unit_at_risk():
        standard = standard_in(office)
        StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)
        standard.certificates.update(valid_until=dt.date(2022, 6, 1))
        TraceFactory(instrument=InstrumentFactory(standard=standard))

    def asked():
        counts = {}
        for name in ("index", "parts", "trend", "targeted", "next_year"):
            with CaptureQueriesContext(connection) as queries:
                client.get(reverse(f"risk:{name}"))
            counts[name] = len(queries)
        return counts

    sign_in(client, city)
    unit_at_risk()
    asked()
    one = asked()
    for _ in range(3):
        unit_at_risk()

    four = asked()

    assert four == one
    assert four["parts"] <= four["index"] + 5


def test_a_standard_out_of_use_counts_nowhere_beside_one_in_use(office):
    used = standard_in(office)
    sealed = StandardFactory(unit=used.unit, certificate=None)
    CertificateFactory(standard=sealed, state="sealed", valid_until=TODAY + dt.timedelta(days=90))
    alone = standard_in(office)
    alone.certificates.update(state="sealed")
    for standard in (used, sealed, alone):
        StandardDomain.objects.create(standard=standard, domain=PriorityDomain.FOOD)

    found = queries.picture(Unit.objects.all(), TODAY)

    assert dict(found.risk_of(used.unit_id).hits) == {"domain": 1}
    assert list(found.offices) == [used.unit_id]
    for (part,) in (parts.by_district(found), parts.by_field(found), parts.by_domain(found)):
        assert (part.units, dict(part.records)) == (1, {"domain": 1})


@pytest.mark.parametrize(
    ("issued", "lacks"), [(dt.date(2020, 12, 31), True), (dt.date(2021, 1, 1), False)]
)
def test_a_certificate_owes_a_test_from_its_second_new_year_on(office, issued, lacks):
    standard = standard_in(office)
    standard.certificates.update(issue_date=issued)
    InstrumentFactory(standard=standard)

    assert ("no_repeatability" in hits(standard.unit)) is lacks
