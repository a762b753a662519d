"""催办 by hand: from the list of duties and from the lists of what they are about, once a day, on record."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns import chasing
from campaigns.enums import DutyKind
from campaigns.models import Duty
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications import delivery, packing
from metrostd.notifications.models import Envelope, Line, Message
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import DutyFactory
from tests.factories.rectification import issue
from tests.factories.registry import AuthorityFactory
from tests.factories.selfcheck import ReportFactory
from tests.queries import queries_of

pytestmark = pytest.mark.django_db

DAY = dt.date(2021, 6, 3)
LIST = reverse("campaigns:duties_chase")


@pytest.fixture(autouse=True)
def that_day():
    with clock.pinned(clock.at_time(DAY)):
        yield


@pytest.fixture
def city(client):
    member = MembershipFactory(role=Role.CITY_ADMIN, authority=AuthorityFactory(city=True))
    return sign_in(client, member)


def owed(kind=DutyKind.DRAW, **fields):
    duty = DutyFactory(kind=kind, due_on=dt.date(2021, 6, 1), **fields)
    duty.member = MembershipFactory(authority=duty.authority)
    return duty


def subjects():
    return sorted(Message.objects.values_list("membership", "subject"))


def test_those_ticked_are_asked_once_a_day_with_what_the_office_says(city):
    first, second, other = owed(), owed(), owed()
    rows = {"row": [first.pk, second.pk], "text": " 请今天\n办结 "}

    said = city.post(LIST, rows, follow=True).content.decode()
    again = city.post(LIST, rows | {"row": [first.pk, other.pk]}, follow=True).content.decode()

    words = "催办：抽取检查对象（2021年6月1日到期，已逾期2天）"
    assert subjects() == [(d.member.pk, words) for d in (first, second, other)]
    assert set(Message.objects.values_list("body", flat=True)) == {"请今天 办结"}
    assert "已催办2项。" in said
    assert "已催办1项；1项今天已经催办过，没有重复。" in again
    entries = AuditEntry.objects.filter(action="duty.chase")
    assert sorted(entries.values_list("target_id", "note")) == sorted(
        (d.target_id, "请今天 办结") for d in (first, second, other)
    )
    with clock.pinned(clock.at_time(DAY + dt.timedelta(days=1))):
        city.post(LIST, rows)
    assert Message.objects.count() == 5


def test_all_of_a_filter_is_what_the_filter_finds_and_is_still_owed(city):
    mine = owed(DutyKind.SUMMARY)
    owed(DutyKind.SUMMARY, fulfilled_at=clock.now())
    owed(DutyKind.DRAW)
    empty = DutyFactory(kind=DutyKind.SUMMARY, due_on=dt.date(2021, 6, 1))

    said = city.post(f"{LIST}?kind=summary", {"all": "1"}, follow=True)

    assert [pk for pk, _ in subjects()] == [mine.member.pk]
    assert "已催办1项；1项没有可以通知的账户，请打电话。" in said.content.decode()
    assert said.redirect_chain[0][0].endswith("?kind=summary")
    assert not AuditEntry.objects.filter(action="duty.chase", target_id=empty.target_id).exists()


def test_an_office_does_not_chase_itself_and_nobody_else_chases(client):
    own = owed()
    sign_in(client, own.member)

    page = client.post(LIST, {"row": [own.pk]}, follow=True).content.decode()
    assert "没有可以催办的事项" in page
    unit = MembershipFactory(as_unit=True)
    sign_in(client, unit)
    assert client.post(LIST, {"all": "1"}).status_code == 403
    assert not Message.objects.exists()


def test_what_lies_outside_reach_is_not_chased(client):
    other = owed()
    sign_in(client, MembershipFactory())

    client.post(LIST, {"row": [other.pk]})

    assert not Message.objects.exists()


def test_too_long_a_word_and_too_many_things_are_refused(city, monkeypatch):
    rows = [owed().pk, owed().pk]

    long = city.post(LIST, {"row": rows, "text": "字" * 201}, follow=True).content.decode()
    monkeypatch.setattr("metrostd.notifications.chasing.MOST", 1)
    many = city.post(LIST, {"row": rows}, follow=True).content.decode()

    assert "附言有201个字，最多200个。" in long
    assert "一次最多催办1项，现在选了2项" in many
    assert not Line.objects.exists()


def test_the_list_of_self_checks_and_that_of_duties_count_as_one(city):
    report = ReportFactory(state="overdue")
    done = ReportFactory(campaign=report.campaign, state="submitted")
    for row in (report, done):
        MembershipFactory(as_unit=True, unit=row.unit)
    duty = DutyFactory(
        campaign=report.campaign, kind=DutyKind.SELF_CHECK, authority=None, unit=report.unit,
        due_on=dt.date(2021, 6, 1),
    )  # fmt: skip
    Duty.objects.filter(pk=duty.pk).update(
        target_type=chasing.ContentType.objects.get_for_model(report), target_id=report.pk
    )

    city.post(reverse("selfcheck:chase"), {"all": "1"})
    city.post(LIST, {"row": [duty.pk]})

    assert Message.objects.get().membership.unit == report.unit
    assert AuditEntry.objects.about(report).filter(action="duty.chase").count() == 1
    assert "2021年6月3日催办" in city.get(reverse("campaigns:duties")).content.decode()


def test_a_unit_is_chased_for_its_order_from_the_list_of_findings(client):
    order = issue()
    unit = MembershipFactory(as_unit=True, unit=order.task.unit)
    Message.objects.all().delete()
    sign_in(client, MembershipFactory(authority=order.task.authority))

    with clock.pinned(clock.at_time(dt.date(2021, 7, 1))):
        client.post(reverse("rectification:chase"), {"row": [order.items.first().finding_id]})

    told = Message.objects.get(membership=unit)
    assert told.subject.startswith("催办：")
    assert AuditEntry.objects.about(order).filter(action="duty.chase").exists()


def test_whoever_has_done_it_before_the_mail_leaves_gets_none(city):
    duty = owed()
    user = duty.member.user
    user.email, user.email_verified_at = "d@example.org", clock.now()
    user.save()
    city.post(LIST, {"row": [duty.pk]})
    packing.pack(clock.now())
    Duty.objects.update(fulfilled_at=clock.now())
    Message.objects.update(read_at=clock.now())

    delivery.deliver()

    assert Envelope.objects.get().void_at is not None
    assert Line.objects.get(channel="mail").dropped_why == "已办结或者期限已改"


def test_many_cost_what_one_costs(city):
    acting = MembershipFactory(role=Role.CITY_ADMIN, authority=AuthorityFactory()).user
    assert acting.acting
    one = Duty.objects.filter(pk=owed().pk)
    many = Duty.objects.filter(pk__in=[owed().pk for _ in range(5)])

    cost = [
        queries_of(lambda rows=rows: chasing.chase(rows, text="", actor=acting))
        for rows in (one, many)
    ]

    assert cost[0] == cost[1]
