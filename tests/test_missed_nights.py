"""No night's work is needed: whoever looks or acts after a missed night sees and does the same as after it."""

import datetime as dt

import pytest
from django.http import QueryDict

from campaigns.enums import CampaignState
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.registry import schedule as registry_clock
from metrostd.registry.enums import CertificateState
from metrostd.registry.filters.register import StandardFilter
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from metrostd.registry.moves import certificate as certificate_moves
from metrostd.registry.querysets.aging import in_state, state_today
from selfcheck import moves as report_moves
from selfcheck import schedule as report_clock
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckReport
from tests.factories.registry import CertificateFactory, StandardFactory
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db

NOW = dt.date(2021, 9, 6)
_DAY = dt.timedelta(days=1)
ENDS = (None, NOW - _DAY, NOW, dt.date(2022, 3, 6), dt.date(2022, 3, 7))


@pytest.fixture(autouse=True)
def morning():
    with clock.pinned(clock.at_time(NOW, 0)):
        yield


def _read() -> dict[int, str]:
    """The state of every certificate as a row, a column and a filter tell it; they agree."""
    rows = StandardCertificate.objects.order_by("pk")
    told = {row.pk: str(row.state_now) for row in rows}
    assert told == dict(rows.values_list("pk", state_today()))
    for state in CertificateState.values:
        found = set(
            StandardCertificate.objects.filter(in_state(state)).values_list("pk", flat=True)
        )
        assert found == {pk for pk, its in told.items() if its == state}, state
    return told


def test_a_certificate_is_in_the_state_its_dates_give_it_before_the_night_and_after():
    for state in CertificateState.values:
        for end in ENDS:
            CertificateFactory(
                state=state, issue_date=dt.date(2018, 1, 1), valid_until=end, number=""
            )

    before = _read()
    registry_clock.age_certificates()
    after = _read()

    assert before == after
    assert after == dict(StandardCertificate.objects.values_list("pk", "state"))


def test_lists_count_a_certificate_that_ran_out_last_night():
    standard = StandardFactory(certificate=None)
    CertificateFactory(
        standard=standard, issue_date=dt.date(2016, 9, 6), valid_until=NOW - _DAY, state="valid"
    )

    def listed(state):
        chosen = StandardFilter(QueryDict(f"state={state}"))
        return list(chosen.matching(MeasurementStandard.objects.all()))

    row = MeasurementStandard.objects.with_certificate().get()
    assert (listed("expired"), listed("valid"), listed("expiring")) == ([standard], [], [])
    assert (row.certificate_state, row.current[0].get_state_display()) == ("expired", "已过有效期")
    assert row.current[0].state_tone == "bad"


def test_an_act_asks_the_date_of_a_certificate_and_leaves_both_steps_in_the_trail():
    certificate = CertificateFactory(
        issue_date=dt.date(2016, 9, 6), valid_until=NOW - _DAY, state="valid"
    )

    assert not certificate_moves.SEAL.verdict(certificate)
    certificate_moves.deregister(certificate, actor=None, note="到期未延续")

    steps = AuditEntry.objects.about(certificate).order_by("pk").values_list("action", flat=True)
    assert list(steps) == ["certificate.expire", "certificate.deregister"]


@pytest.mark.parametrize("state", ReportState.values)
@pytest.mark.parametrize("days", [-1, 0])
@pytest.mark.parametrize("campaign", [CampaignState.OPEN, CampaignState.CLOSED])
def test_a_report_is_in_the_state_its_day_gives_it_before_the_night_and_after(
    state, days, campaign
):
    report = ReportFactory(state=state, due_on=NOW + days * _DAY, campaign__state=campaign)
    reports = SelfCheckReport.objects.all()
    before = report.state_now

    assert reports.count_by_state(NOW) == {before: 1}
    assert [s for s in ReportState.values if reports.in_state(s, NOW)] == [before]
    report_clock.mark_overdue()
    report.refresh_from_db()
    assert (report.state, report.state_now) == (before, before)


def test_a_report_not_begun_by_its_day_can_be_handed_in_as_after_the_night():
    report = ReportFactory(state="not_started", due_on=NOW - _DAY)

    assert report_moves.SUBMIT.verdict(report)
    assert not report_moves.START.verdict(report)
