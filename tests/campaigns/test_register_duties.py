"""Duties of the register itself, without any campaign: applications to decide, tracing that runs out."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns import duties, schedule
from campaigns.enums import DutyKind
from campaigns.models import Duty
from campaigns.owners import People
from campaigns.register_duties import follow_application, follow_tracing
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.registry.enums import ChangeKind, ChangeState, InstrumentState
from metrostd.registry.models import ChangeRecord, StandardInstrument
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import StandardFactory, TraceFactory
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

DAY = dt.date(2022, 2, 14)  # the tracing of the factory ends on 2022-03-09


@pytest.fixture(autouse=True)
def that_day():
    with clock.pinned(clock.at_time(DAY)):
        yield


def moved(record, state):
    record.state = state
    follow_application(record)
    return Duty.objects.get()


@pytest.mark.parametrize(
    ("state", "column"),
    [
        (ChangeState.APPROVED, "fulfilled_at"),
        (ChangeState.RETURNED, "fulfilled_at"),
        (ChangeState.WITHDRAWN, "cancelled_at"),
    ],
)
def test_an_application_is_owed_by_its_host_until_it_is_answered(client, state, column):
    standard = StandardFactory()
    record = ChangeRecord.objects.create(
        standard=standard, kind=ChangeKind.SEAL, state=ChangeState.DRAFT, number="示例1号"
    )
    approver = MembershipFactory(role=Role.DISTRICT_APPROVER, authority=standard.hosting_authority)
    other = MembershipFactory(role=Role.DISTRICT_APPROVER)

    duty = moved(record, ChangeState.SUBMITTED)

    assert (duty.campaign, duty.authority) == (None, standard.hosting_authority)
    assert duty.due_on == dt.date(2022, 3, 14)
    sign_in(client, approver)
    page = client.get(reverse("desk"))
    assert list(page.context["page"]) == [duty]
    assert "2022年3月14日" in page.content.decode()
    assert client.get(duty.get_absolute_url()).url == record.get_absolute_url()
    sign_in(client, other)
    assert client.get(duty.get_absolute_url()).status_code == 404
    assert list(client.get(reverse("desk")).context["page"]) == []
    assert [m.pk for m in People([duty]).of(duty)] == [approver.pk]
    assert getattr(moved(record, state), column) is not None


def test_tracing_that_runs_out_is_owed_by_the_unit_once_and_done_when_it_is_renewed(client):
    trace = TraceFactory()
    instrument = trace.instrument

    assert follow_tracing(dt.date(2022, 2, 1)) == 0
    schedule.owe_tracing()
    assert follow_tracing(DAY + dt.timedelta(days=1)) == 0
    duty = Duty.objects.get(kind=DutyKind.TRACING)

    assert (duty.campaign, duty.unit) == (None, instrument.standard.unit)
    assert (duty.due_on, duty.target) == (dt.date(2022, 3, 9), instrument)
    sign_in(client, MembershipFactory(as_unit=True, unit=duty.unit))
    assert list(client.get(reverse("desk")).context["page"]) == [duty]
    TraceFactory(
        instrument=instrument, traced_on=dt.date(2022, 2, 20), valid_until=dt.date(2023, 2, 19)
    )
    follow_tracing(dt.date(2022, 2, 21))
    duty.refresh_from_db()
    assert duty.fulfilled_at is not None


def test_an_instrument_put_away_is_not_owed_and_one_that_lapsed_stays_owed():
    kept, gone = TraceFactory(), TraceFactory()
    follow_tracing(DAY)
    StandardInstrument.objects.filter(pk=gone.instrument_id).update(state=InstrumentState.SCRAPPED)

    follow_tracing(dt.date(2022, 4, 1))

    assert [d.target_id for d in Duty.objects.open()] == [kept.instrument_id]
    assert Duty.objects.exclude(cancelled_at=None).get().target_id == gone.instrument_id


def test_many_instruments_cost_what_one_costs():
    TraceFactory()
    one = queries_of(lambda: follow_tracing(DAY))
    Duty.objects.all().delete()
    TraceFactory.create_batch(3)

    assert queries_of(lambda: follow_tracing(DAY)) == one


def test_the_list_of_duties_shows_what_belongs_to_no_campaign(client):
    standard = StandardFactory()
    duty = duties.assign(
        None, kind=DutyKind.TRACING, title="送检", due_on=DAY, target=standard, unit=standard.unit
    )
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))

    page = client.get(reverse("campaigns:duties"), {"campaign": "none"})

    assert [row["duty"] for row in page.context["rows"]] == [duty]
    assert list(client.get(reverse("campaigns:duties")).context["rows"]) == []
