"""``manage.py remind``, and the days it may be asked for."""

import datetime as dt
import json
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from campaigns.models import Duty
from campaigns.reference import load_reference
from metrostd.common import clock
from metrostd.notifications.models import Line, Message
from metrostd.reminders import running, schedule
from metrostd.reminders.models import ReminderDay, ReminderRule
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import DutyFactory
from tests.factories.reminders import RuleFactory

pytestmark = pytest.mark.django_db

DUE = dt.date(2021, 6, 1)  # a Tuesday
THREE_BEFORE = dt.date(2021, 5, 28)  # the 29th is a Saturday


@pytest.fixture
def owed():
    duty = DutyFactory(due_on=DUE, created_at=clock.at_time(dt.date(2021, 5, 3)))
    member = MembershipFactory(authority=duty.authority, user__username="district")
    member.user.email, member.user.email_verified_at = "d@example.org", clock.now()
    member.user.save()
    return duty


def remind(*options, on=THREE_BEFORE):
    out = StringIO()
    call_command("remind", f"--on={on}", *options, stdout=out)
    return out.getvalue()


def test_it_prints_and_sends_what_is_due_and_the_second_time_nothing(owed):
    rule = RuleFactory()
    wanted = {
        "recipient": "district",
        "rule": rule.origin,
        "duty": owed.pk,
        "subject": "抽取检查对象，2021年6月1日到期，还有4天。",
    }

    planned = json.loads(remind("--dry-run", "--format=json"))
    assert (Line.objects.count(), ReminderDay.objects.count()) == (0, 0)
    sent = json.loads(remind("--format=json"))
    again = json.loads(remind("--format=json"))

    assert sent == planned
    assert sent["on"] == "2021-05-28"
    assert sent["messages"] == [{**wanted, "channel": c} for c in ("inbox", "mail")]
    assert again == {"on": "2021-05-28", "messages": []}
    assert len(mail.outbox) == Message.objects.count() == 1
    assert wanted["subject"] in mail.outbox[0].body


def test_as_text_it_names_channel_person_and_words(owed):
    RuleFactory()

    assert remind().splitlines()[1].split("  ")[0] == "邮件"
    assert remind() == ""


def test_a_clock_that_was_set_back_sends_nothing_and_says_so(owed):
    RuleFactory()
    remind(on=dt.date(2021, 5, 31))

    with pytest.raises(CommandError, match="早于上次运行的2021年5月31日"):
        remind("--dry-run")
    with pytest.raises(CommandError, match="请检查服务器时间"):
        remind()


def test_what_is_no_day_is_said():
    with pytest.raises(CommandError, match="不是日期"):
        remind(on="2021-05-32")


def test_a_rule_gone_wrong_writes_to_nobody(owed, settings):
    RuleFactory()
    settings.REMINDERS_AT_MOST = 1

    with pytest.raises(CommandError, match="应发2条，超过一次最多1条"):
        remind()
    settings.REMINDERS_AT_MOST = 2

    assert len(remind().splitlines()) == 2


def test_a_stand_still_is_caught_up_once_with_the_newest_step(owed):
    for moment, days in (("before", 14), ("before", 3), ("on_day", 0), ("after", 1)):
        RuleFactory(moment=moment, days=days)
    remind(on=dt.date(2021, 5, 6))

    late = remind(on=dt.date(2021, 6, 4)).splitlines()

    assert [row.split("  ")[2] for row in late] == [
        "抽取检查对象，2021年6月1日到期，已逾期3天，请尽快办理。"
    ] * 2
    assert remind(on=dt.date(2021, 6, 7)) == ""


def test_who_handed_in_before_the_mail_left_gets_none_and_who_got_another_day_is_told_of_it(owed):
    RuleFactory()
    with clock.pinned(clock.at_time(THREE_BEFORE, 3)):
        schedule.remind()  # by night: the inbox is told, the mail waits for the morning
    Duty.objects.update(due_on=dt.date(2021, 6, 10))

    assert remind() == ""
    assert mail.outbox == []
    assert Line.objects.get(channel="mail").dropped_why == "已办结或者期限已改"
    assert len(remind(on=dt.date(2021, 6, 7)).splitlines()) == 2


def test_the_rules_that_come_along_are_put_in_once():
    load_reference()
    made = ReminderRule.objects.count()
    ReminderRule.objects.filter(kind="draw").delete()
    ReminderRule.objects.filter(kind="summary").update(is_on=False)

    load_reference()

    assert made > 60
    assert not ReminderRule.objects.filter(kind="draw").exists()
    assert not ReminderRule.objects.filter(kind="summary", is_on=True).exists()
    assert all(rule.clean() is None for rule in ReminderRule.objects.all())


def test_on_a_day_off_nothing_is_worked_out(owed):
    RuleFactory()

    assert running.remind(dt.date(2021, 5, 29)).lines == []
    assert running.rehearse(dt.date(2021, 5, 29)).lines == []
    assert not ReminderDay.objects.exists()
