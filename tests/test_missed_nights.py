"""No night's work is needed: whoever looks or acts after a missed night sees and does the same as after it."""

import datetime as dt

import pytest
from django.db import transaction
from django.http import QueryDict
from django.urls import reverse

from campaigns import chasing, closing
from campaigns.enums import CampaignState, DutyKind
from campaigns.models import Duty
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.registry import schedule as registry_clock
from metrostd.registry.enums import CertificateState
from metrostd.registry.filters.register import StandardFilter
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from metrostd.registry.moves import certificate as certificate_moves
from metrostd.registry.querysets.aging import in_state, state_today
from rectification import schedule as order_clock
from rectification.moves import extension as extension_moves
from rectification.moves import order as order_moves
from reporting import listing
from reporting.annex3 import build, to_json
from reporting.columns import screen_row
from reporting.figures import BY_ID
from reporting.queries import Scope, records
from selfcheck import moves as report_moves
from selfcheck import schedule as report_clock
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckReport
from tests.factories.accounts import sign_in
from tests.factories.rectification import (
    ReviewedTaskFactory,
    fill,
    issue,
    office_of,
    submitted,
    user_of,
)
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


DUE, AFTER = dt.date(2021, 8, 20), dt.date(2021, 8, 21)


@pytest.fixture
def orders():
    """Of one visit: nothing reported; one of two reported; more time for one of two; more time asked
    for; all reported in time, and sent back."""
    with clock.pinned(clock.at_time(dt.date(2021, 8, 2))):
        task = ReviewedTaskFactory(campaign__state="open")
        gone, partly, longer, held, sent = (
            issue(task, due_on=DUE, findings=n) for n in (1, 2, 2, 1, 1)
        )
        reported = partly.items.order_by("pk")[0].finding
        fill(reported, actor=user_of(task.unit).user)
        type(reported).objects.filter(pk=reported.pk).update(state="submitted")
        order_moves.follow(partly, actor=None)
        extension_moves.extend(
            longer.items.first().finding,
            due_on=dt.date(2021, 8, 30),
            reason="示例理由",
            actor=office_of(task.authority).user,
        )
        extension_moves.ask_extension(
            held.items.get().finding,
            wanted_on=dt.date(2021, 9, 10),
            reason="示例理由",
            actor=None,
        )
        submitted(sent)
    return gone, partly, longer, held, sent


def _read_of_duties(client, task) -> dict[str, object]:
    """All that lists, figures, desk and the button 催办 say of what is owed, for the city and the unit."""
    read: dict[str, object] = {}
    city = office_of(task.campaign.organiser)
    sign_in(client, city)
    city.user.act_as(city)
    for state in ("", "running", "overdue", "done", "cancelled"):
        page = client.get(reverse("campaigns:duties"), {"state": state})
        rows = page.context["rows"]
        read[f"list {state}"] = [
            (r["duty"].title, r["status"], str(r["duty"].due_on), r["duty"].is_open) for r in rows
        ]
        assert page.context["page"].paginator.count == len(rows)
    read["campaign"] = client.get(task.campaign.get_absolute_url()).context["counts"]
    progress = reverse("campaigns:progress", args=[task.campaign_id])
    read["progress"] = client.get(progress).context["offices"]
    read["closing"] = closing.left_open(task.campaign)
    with transaction.atomic():
        read["chased"] = chasing.chase(Duty.objects.all(), text="", actor=city.user)
        transaction.set_rollback(True)
    sign_in(client, user_of(task.unit))
    for only in ("", "overdue"):
        desk = client.get(reverse("desk"), {"only": only}).context
        read[f"desk {only}"] = (
            [(d.title, str(d.due_on)) for d in desk["page"]],
            [desk[name] for name in ("open_count", "overdue_count", "done_count", "kinds")],
        )
    return read


def test_what_is_owed_is_the_same_before_the_night_and_after(client, orders):
    task = orders[0].task
    with clock.pinned(clock.at_time(AFTER, 0)):
        before = _read_of_duties(client, task)
        order_clock.fail_overdue_findings()
        after = _read_of_duties(client, task)

    assert before == after
    reports = {d.target_id: d for d in Duty.objects.filter(kind=DutyKind.RECTIFICATION)}
    gone, partly, longer, held, sent = (reports[order.pk] for order in orders)
    assert (gone.cancelled_at is not None, partly.fulfilled_at is not None) == (True, True)
    assert (longer.due_on, longer.is_open) == (dt.date(2021, 8, 30), True)
    assert (held.due_on, held.is_open, sent.is_open) == (DUE, True, False)
    late = [row[0] for row in before["list overdue"]]
    assert [title for title in late if title.startswith("报送整改情况")] == [held.title]


def _tables(campaign, *, as_of) -> list[object]:
    """Annex 3 of all offices, and what the list behind its findings says of each."""
    annex, scope = build(campaign, None, as_of=as_of), Scope.of(campaign, None, as_of)
    figure = BY_ID["fd"]
    rows = records(figure, scope, "I", "total", viewer=office_of(campaign.organiser).user)
    columns = listing.columns_of(figure)
    listed = [
        (row.pk, *(c.text for c in screen_row(columns, row)))
        for row in listing.with_relations(figure, rows, as_of=as_of).order_by("pk")
    ]
    shown = to_json(annex)
    return [shown["blocks"], shown["rules"], annex.notes, listed]


def test_annex_3_counts_what_failed_by_delay_whether_it_is_on_record_or_not(orders):
    campaign = orders[0].task.campaign
    morning = clock.at_time(AFTER, 1)
    with clock.pinned(morning):
        before = _tables(campaign, as_of=morning)
        assert build(campaign, None, as_of=DUE).blocks["I"].total["fd_bad"] == 0
    with clock.pinned(clock.at_time(AFTER + 3 * _DAY, 0)):
        order_clock.fail_overdue_findings()
        assert _tables(campaign, as_of=morning) == before

    total = before[0]["I"]["total"]
    # Of seven, failed: the one nobody reported, one of two, and the one without more time.
    assert [total[name] for name in ("fd_due", "fd_bad", "fd_open")] == [7, 3, 4]


def test_more_time_that_is_refused_later_had_not_failed_before(orders):
    held, campaign = orders[3], orders[0].task.campaign
    request = held.items.get().finding.extensions.get()
    with clock.pinned(clock.at_time(AFTER + _DAY, 12)):
        extension_moves.refuse_extension(
            request, opinion="示例意见", actor=office_of(held.task.authority).user
        )
        before = _tables(campaign, as_of=clock.now())
    with clock.pinned(clock.at_time(AFTER + 5 * _DAY, 0)):
        order_clock.fail_overdue_findings()
        bad = [
            build(campaign, None, as_of=day).blocks["I"].total["fd_bad"]
            for day in (DUE, AFTER, AFTER + _DAY)
        ]
        assert _tables(campaign, as_of=clock.at_time(AFTER + _DAY, 12)) == before

    assert bad == [0, 3, 4]
