"""Two clocks, two packers, two offices at the same moment: everything is told once. PostgreSQL only (tests/test_races.py)."""

import datetime as dt

import pytest
from django.db import connection

from campaigns import chasing
from campaigns.models import Duty
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.notifications import delivery, packing
from metrostd.notifications.models import Envelope, Message
from metrostd.reminders import running
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import DutyFactory
from tests.factories.registry import AuthorityFactory
from tests.factories.reminders import RuleFactory
from tests.test_races import meanwhile

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time"),
]

DAY = dt.date(2021, 5, 28)


@pytest.fixture
def owed():
    with clock.pinned(clock.at_time(DAY)):
        duty = DutyFactory(
            due_on=dt.date(2021, 5, 31), created_at=clock.at_time(dt.date(2021, 5, 3))
        )
        user = MembershipFactory(authority=duty.authority).user
        user.email, user.email_verified_at = "d@example.org", clock.now()
        user.save()
        yield duty


def test_two_beats_two_packers_and_two_workers_tell_once(owed, mailoutbox):
    RuleFactory()

    assert meanwhile(lambda: running.remind(DAY), lambda: running.remind(DAY)) is None
    assert meanwhile(lambda: packing.pack(clock.now()), lambda: packing.pack(clock.now())) is None
    assert meanwhile(lambda: delivery.deliver(), lambda: delivery.deliver()) is None

    assert Message.objects.count() == Envelope.objects.count() == len(mailoutbox) == 1


def test_two_offices_chase_once(owed):
    first, second = (
        MembershipFactory(role=Role.CITY_ADMIN, authority=AuthorityFactory()).user for _ in range(2)
    )
    found = []

    def chase(actor):
        return lambda: found.append(chasing.chase(Duty.objects.all(), text="", actor=actor))

    assert meanwhile(chase(first), chase(second)) is None

    assert Message.objects.count() == 1
    assert sorted(outcome.sentence for outcome in found) == [
        "已催办1项。",
        "没有发出催办；1项今天已经催办过，没有重复。",
    ]
