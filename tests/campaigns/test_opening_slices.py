"""A campaign is opened in slices: others have their turn, nobody sees a half, a worker that dies doubles nothing."""

import datetime as dt
import sqlite3

import pytest
from django.db import connection
from django.db.models import Count
from django.urls import reverse

from campaigns import extension, moves, opening, policies, services
from campaigns.dates import Calendar
from campaigns.models import Duty
from metrostd.common import clock, table_statistics, turns
from metrostd.common.models import AuditEntry, Job
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.registry.models import MeasurementStandard
from metrostd.reminders.models import ReminderRule
from metrostd.reminders.planning import due_between
from selfcheck import opening as reports
from selfcheck.models import SelfCheckReport, SelfCheckStandard
from tests.engines import known_rows
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import TemplateFactory
from tests.factories.registry import StandardFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _day_of_the_notice():
    with clock.pinned(clock.at_time(dt.date(2021, 4, 23), 9)):
        yield


@pytest.fixture
def units(city, monkeypatch):
    """Four units with a person each, one of them with two issuers; a slice is one unit."""
    monkeypatch.setattr(extension, "_opening", [s for s in extension.opening_steps() if s.ahead])
    monkeypatch.setattr(reports, "SLICE", 1)
    monkeypatch.setattr(turns, "PAUSE", 0)
    TemplateFactory()
    TemplateFactory(kind="annex2", title="计量标准考核工作监督检查表")
    standards = [city.standard(issuer=city.district) for _ in range(4)]
    city.standard(unit=standards[0].unit)
    return [MembershipFactory(as_unit=True, unit=row.unit) for row in standards]


def _dies_after(slices):
    def progress(done, total, step=""):
        if step == reports.STEP and done == slices:
            raise KeyboardInterrupt

    return progress


def _half_opened(city, slices):
    with pytest.raises(KeyboardInterrupt):
        moves.open_campaign(city.campaign, actor=city.office.user, progress=_dies_after(slices))
    city.campaign.refresh_from_db()
    assert (city.campaign.state, city.campaign.opening_begun_at is not None) == ("draft", True)


def _is_open_once(city, units):
    city.campaign.refresh_from_db()
    assert city.campaign.state == "open"
    assert SelfCheckReport.objects.filter(kind="unit").count() == 5
    assert SelfCheckStandard.objects.count() == 5
    owed = Duty.objects.filter(kind="self_check").values_list("target_id", flat=True)
    assert sorted(owed) == sorted(
        SelfCheckReport.objects.filter(kind="unit").values_list("pk", flat=True)
    )
    doubled = Duty.objects.values("kind", "target_type", "target_id", "authority", "unit")
    assert not doubled.order_by().annotate(n=Count("pk")).filter(n__gt=1)
    made = AuditEntry.objects.filter(action="selfcheck.create")
    assert made.count() == SelfCheckReport.objects.count() == 7
    told = Message.objects.filter(membership__in=units).values_list("membership", flat=True)
    assert sorted(told) == sorted(row.pk for row in units)
    begun = AuditEntry.objects.about(city.campaign).filter(action="campaign.open_begin")
    assert begun.count() == 1
    return True


@pytest.mark.parametrize("slices", [0, 1, 3, 4])
def test_the_next_worker_goes_on_where_one_died(city, units, slices):
    _half_opened(city, slices)
    assert Duty.objects.filter(kind="self_check").count() == (slices and slices + 1)

    result = moves.open_campaign(city.campaign, actor=city.office.user)

    assert _is_open_once(city, units)
    assert result["steps"] == {"建立自查任务": 7 - (slices and slices + 1)}


def test_nobody_sees_a_half(city, units, client):
    _half_opened(city, 3)
    for member in (*units, city.office, city.bureau):
        user = member.user
        assert not Duty.objects.visible_to(user)
        assert not Duty.objects.owed_by(user)
        assert not SelfCheckReport.objects.visible_to(user)
        assert not SelfCheckReport.objects.owed_within(user)
        assert not SelfCheckReport.objects.of_bureau(user)
    assert not Message.objects.exists()
    day = city.campaign.unit_self_check_due
    rule = ReminderRule(kind="self_check", moment="on_day", audience="owner")
    assert not due_between(day, day, [rule])
    client.force_login(units[0].user)
    report = SelfCheckReport.objects.filter(unit=units[0].unit).first()
    assert client.get(report.get_absolute_url()).status_code == 404
    assert client.get(reverse("selfcheck:index")).status_code == 200

    moves.open_campaign(city.campaign, actor=city.office.user)

    assert client.get(report.get_absolute_url()).status_code == 200
    assert len(due_between(day, day, [rule])) == 5


def test_its_plan_stands_still_from_then_on(city, units):
    _half_opened(city, 1)

    verdict = policies.can_edit(city.office.user, city.campaign)
    assert (bool(verdict), verdict.reason) == (False, opening.BEGUN)
    with pytest.raises(TransitionError, match="已经开始开启"):
        services.edit_campaign(
            city.campaign, calendar=Calendar.of_notice(2021), actor=None, title="别的"
        )


def test_what_left_the_scope_between_two_attempts_is_owed_by_nobody(city, units):
    _half_opened(city, 4)
    gone = SelfCheckReport.objects.filter(unit=units[1].unit).get()
    MeasurementStandard.objects.filter(unit=units[1].unit).update(in_scope=False)
    late = StandardFactory(
        unit=units[2].unit, issuing_authority=city.district, hosting_authority=city.district
    )

    moves.open_campaign(city.campaign, actor=city.office.user)

    assert not SelfCheckReport.objects.filter(pk=gone.pk).exists()
    assert not Duty.objects.open().filter(unit=units[1].unit).exists()
    assert AuditEntry.objects.filter(action="selfcheck.drop", target_id=gone.pk).exists()
    assert SelfCheckStandard.objects.get(standard=late).report.unit == units[2].unit
    assert not Message.objects.filter(membership=units[1].pk).exists()


def test_who_was_not_told_yet_is_told_by_the_next_worker(city, units, monkeypatch):
    job = Job.objects.create(
        kind=moves.OPENING_JOB, owner=city.office.user, arguments={"campaign": city.campaign.pk}
    )
    tell, told = reports.notifications.tell_units_opened, []

    def dies(campaign, members, *, sender):
        if len(told) == 2:
            raise KeyboardInterrupt
        told.append(members)
        return tell(campaign, members, sender=sender)

    monkeypatch.setattr(reports.notifications, "tell_units_opened", dies)
    with pytest.raises(KeyboardInterrupt):
        moves.open_campaign(city.campaign, actor=city.office.user)
    assert Message.objects.filter(membership__in=units).count() == 2
    monkeypatch.undo()

    opening.tell_afterwards(city.campaign, actor=job.owner)

    assert _is_open_once(city, units)


def test_what_looks_through_it_all_knows_how_much_there_is(city, units, monkeypatch):
    monkeypatch.setattr(table_statistics, "MANY", 5)
    known = []

    def look(done, total, step=""):
        if step == extension.opening_steps()[0].title:
            known.append(known_rows(SelfCheckReport))

    moves.open_campaign(city.campaign, actor=city.office.user, progress=look)

    assert known == [5]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the others lock rows, not the database")
def test_others_write_between_its_slices(city, units):
    found, free = connection.settings_dict["NAME"], []

    def somebody_writes(done, total, step=""):
        if step != reports.STEP:
            return
        other = sqlite3.connect(found, uri=str(found).startswith("file:"), timeout=0)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()
        free.append(done)

    moves.open_campaign(city.campaign, actor=city.office.user, progress=somebody_writes)

    assert _is_open_once(city, units)
    assert free == [0, 1, 2, 3, 4]
