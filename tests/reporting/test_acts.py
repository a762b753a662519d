"""What is decided about a certificate during the campaign is counted, in the register or on site."""

import datetime as dt

import pytest

from metrostd.common import clock
from metrostd.registry.moves import certificate as moves
from reporting.annex3 import build
from tests.factories.campaigns import RoutedStandardFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 7, 1)
ACTS = {
    "s_seal": lambda c: moves.seal(c, actor=None, note="单位申请封存"),
    "s_wd": lambda c: moves.withdraw(c, actor=None, note="单位申请撤销"),
    "s_revoke": lambda c: moves.revoke(
        c, actor=None, decision_no="示例〔2021〕1号", decided_on=clock.today()
    ),
    "s_annul": lambda c: moves.annul(
        c, actor=None, decision_no="示例〔2021〕2号", decided_on=clock.today()
    ),
}


def counted(campaign, authority, figure, day):
    total = build(campaign, authority, as_of=day).blocks["I"].total
    return total[figure]


@pytest.fixture
def routed():
    return RoutedStandardFactory(campaign__notice_on=dt.date(2021, 4, 23))


@pytest.mark.parametrize("figure", sorted(ACTS))
def test_an_act_of_the_register_counts_from_the_day_it_was_decided(figure, routed):
    certificate = routed.standard.certificates.get()
    with clock.pinned(clock.at_time(DAY, 10)):
        ACTS[figure](certificate)

    asked = (routed.campaign, routed.inspecting_authority, figure)
    days = [counted(*asked, DAY - dt.timedelta(1)), counted(*asked, DAY)]

    assert days == [0, 1]


@pytest.mark.parametrize(("decided_on", "count"), [((2021, 4, 22), 0), ((2021, 4, 23), 1)])
def test_a_decision_made_before_the_notice_is_none_of_the_campaign(routed, decided_on, count):
    certificate = routed.standard.certificates.get()
    with clock.pinned(clock.at_time(dt.date(2021, 4, 26), 10)):
        moves.revoke(
            certificate,
            actor=None,
            decision_no="示例〔2021〕3号",
            decided_on=dt.date(*decided_on),
            late_reason="文书送达后登记",
        )

    assert counted(routed.campaign, routed.inspecting_authority, "s_revoke", DAY) == count


def test_an_expired_certificate_that_is_closed_formally_counts(routed):
    certificate = routed.standard.certificates.get()
    certificate.state = "expired"
    certificate.save()
    with clock.pinned(clock.at_time(DAY, 10)):
        moves.deregister(certificate, actor=None, note="有效期届满未延续")

    assert counted(routed.campaign, routed.inspecting_authority, "s_cancel", DAY) == 1


def test_what_is_resumed_had_been_sealed_all_the_same(routed):
    certificate = routed.standard.certificates.get()
    certificate.valid_until = dt.date(2025, 1, 1)
    certificate.save()
    with clock.pinned(clock.at_time(DAY, 10)):
        moves.seal(certificate, actor=None, note="单位申请封存")
        moves.resume(certificate, actor=None, note="复查合格", on=DAY)

    assert counted(routed.campaign, routed.inspecting_authority, "s_seal", DAY) == 1


def test_acts_before_the_notice_and_after_the_end_are_no_act_of_the_campaign(routed):
    certificate = routed.standard.certificates.get()
    with clock.pinned(clock.at_time(dt.date(2021, 4, 22), 10)):
        moves.seal(certificate, actor=None, note="单位申请封存")
    with clock.pinned(clock.at_time(DAY, 10)):
        type(routed.campaign).objects.update(state="closed", state_since=clock.now())
    routed.campaign.refresh_from_db()
    with clock.pinned(clock.at_time(DAY + dt.timedelta(1), 10)):
        moves.withdraw(certificate, actor=None, note="单位申请撤销")

    asked = (routed.campaign, routed.inspecting_authority)
    last = dt.date(2021, 12, 31)
    assert (counted(*asked, "s_seal", last), counted(*asked, "s_wd", last)) == (0, 0)
