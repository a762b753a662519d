"""A running campaign follows who decides on the scope: routing and self-check move, what is written stays."""

import datetime as dt
from types import SimpleNamespace

import pytest

from campaigns import routing
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.registry.services import decide_scope
from reporting.annex3 import build
from selfcheck import hooks, services
from selfcheck.models import SelfCheckReport
from tests.factories.campaigns import CampaignFactory, TemplateFactory, routing_rules
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory
from tests.factories.selfcheck import checklist

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    """One unit with two standards of the commission, routed, its report opened for writing."""
    routing_rules()
    checklist()
    TemplateFactory(kind="annex2")
    commission = AuthorityFactory(city=True)
    unit = UnitFactory(territorial_authority=AuthorityFactory(parent=commission))
    known = {"unit": unit, "issuing_authority": commission}
    one, two = StandardFactory.create_batch(2, **known)
    campaign = CampaignFactory(organiser=commission)
    routing.settle(campaign, routing.Rules.in_force())
    hooks.create_reports(campaign, actor=None, progress=lambda *steps: None)
    report = SelfCheckReport.objects.get(unit=unit)
    services.ensure_answers(report)
    return SimpleNamespace(campaign=campaign, report=report, one=one, two=two, known=known)


def decide(standard, in_scope):
    standard.refresh_from_db()
    values = {"in_scope": in_scope, "scope_reason": "核对了证书原件"}
    return decide_scope(standard, base_version=standard.version, values=values, actor=None)


def covered(report):
    return set(report.covered.standing().values_list("standard", flat=True))


def test_what_leaves_the_scope_is_neither_routed_nor_asked_about(city):
    assert decide(city.one, False) == []

    routed = city.campaign.routed.get(standard=city.one)
    assert (routed.inspecting_authority, routed.unresolved_reason) == (None, routing.LEFT_SCOPE)
    assert routed.earlier.get().inspecting_authority == city.known["unit"].territorial_authority
    assert not city.campaign.routed.unresolved().exists()
    assert covered(city.report) == {city.two.pk}
    assert not city.report.answers.filter(standard=city.one).exists()
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"routing.leave_out", "selfcheck.uncover"} <= actions


def test_what_comes_back_is_routed_and_asked_about_again(city):
    decide(city.one, False)
    decide(city.one, True)

    routed = city.campaign.routed.get(standard=city.one)
    assert routed.inspecting_authority == city.known["unit"].territorial_authority
    assert routed.earlier.count() == 2
    assert covered(city.report) == {city.one.pk, city.two.pk}
    assert city.report.answers.filter(standard=city.one).exists()


def test_a_report_of_nothing_is_not_owed(city):
    decide(city.one, False)
    decide(city.two, False)

    city.report.refresh_from_db()
    assert city.report.state == "exempted"
    assert not city.campaign.duties.open().filter(target_id=city.report.pk).exists()


def test_a_report_waived_is_owed_again_when_a_standard_comes_back(city):
    decide(city.one, False)
    decide(city.two, False)

    assert decide(city.one, True) == []

    city.report.refresh_from_db()
    assert city.report.state == "draft"
    assert covered(city.report) == {city.one.pk}
    assert {answer.standard_id for answer in city.report.answers.all()} <= {None, city.one.pk}
    assert city.campaign.duties.open().get(target_id=city.report.pk).kind == "self_check"


def test_what_has_left_the_scope_still_counts_on_the_days_before(city):
    day = clock.today()
    office = city.known["unit"].territorial_authority

    def due(on):
        total = build(city.campaign, office, as_of=on).blocks["I"].total
        return total["u_sc_due"], total["s_sc_due"]

    with clock.pinned(clock.at_time(day + dt.timedelta(days=2), 9)):
        decide(city.one, False)
    with clock.pinned(clock.at_time(day + dt.timedelta(days=4), 9)):
        decide(city.two, False)
    with clock.pinned(clock.at_time(day + dt.timedelta(days=6), 9)):
        decide(city.two, True)

    with clock.pinned(clock.at_time(day + dt.timedelta(days=8), 9)):
        days = [due(day + dt.timedelta(days=n)) for n in (1, 3, 5, 7)]

    assert days == [(1, 2), (1, 1), (0, 0), (1, 1)]


def test_what_was_written_or_handed_in_stays_and_who_decides_is_told(city):
    city.report.answers.filter(standard=city.one).update(answer="conform")
    (told,) = decide(city.one, False)
    assert "已有填写的内容，予以保留" in told
    assert city.one.pk in covered(city.report)

    SelfCheckReport.objects.filter(pk=city.report.pk).update(
        state="accepted",
        submitted_at=city.report.created_at,
        first_submitted_at=city.report.created_at,
    )
    (told,) = decide(city.two, False)
    assert "目前是“已接收”，所列计量标准不随之改变" in told
    assert city.two.pk in covered(city.report)


def test_a_unit_that_owed_nothing_to_an_issuer_owes_a_report_now(city):
    other = AuthorityFactory(parent=city.known["issuing_authority"], level="district")
    TemplateFactory(kind="annex2")
    new = StandardFactory(unit=city.known["unit"], issuing_authority=other, in_scope=False)

    assert decide(new, True) == []

    report = SelfCheckReport.objects.get(unit=city.known["unit"], receiver=other)
    assert covered(report) == {new.pk}
    assert city.campaign.duties.filter(target_id=report.pk, kind="self_check").exists()
    assert city.campaign.routed.get(standard=new).inspecting_authority is not None
