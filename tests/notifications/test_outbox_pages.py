"""What left and what did not, for the office; the channels one wants, for everybody."""

import datetime as dt

import pytest
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications import preferences
from metrostd.notifications.enums import Channel, Progress, Reply
from metrostd.notifications.models import Attempt, Envelope
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory, UnitFactory

pytestmark = pytest.mark.django_db

DAY = dt.date(2021, 5, 28)
MINUTE = dt.timedelta(minutes=1)
CHANNELS = reverse("notifications:channels")
OUTBOX = reverse("notifications:outbox")


def envelope(user, **fields):
    return Envelope.objects.create(
        user=user, channel=Channel.MAIL, day=DAY, message_id=f"<{user.pk}@x>", **fields
    )


def proved(member):
    user = member.user
    user.email, user.email_verified_at = "someone@example.org", clock.now()
    user.save()
    return user


def test_an_office_sees_why_a_mail_failed_and_sends_it_again(client):
    office = MembershipFactory()
    unit = MembershipFactory(as_unit=True, unit=UnitFactory(territorial_authority=office.authority))
    failed = envelope(proved(unit), failed_at=clock.now(), failure="邮件服务器不接收这个地址。")
    Attempt.objects.create(envelope=failed, answer=Reply.REFUSED, said="550 no such mailbox")
    elsewhere = envelope(MembershipFactory(as_unit=True).user, failed_at=clock.now())
    sign_in(client, office)

    page = client.get(
        OUTBOX, {"progress": "failed", "channel": "mail", "q": unit.user.display_name}
    )
    assert list(page.context["page"]) == [failed]
    assert "邮件服务器不接收这个地址。" in page.content.decode()
    shown = client.get(failed.get_absolute_url()).content.decode()
    assert "s***@example.org" in shown
    assert "550 no such mailbox" in shown.partition("发送记录")[2]
    assert client.get(elsewhere.get_absolute_url()).status_code == 404
    again = reverse("notifications:send_again", args=[failed.pk])
    assert client.post(again).url == failed.get_absolute_url()
    failed.refresh_from_db()

    assert failed.progress == Progress.WAITING
    assert AuditEntry.objects.get(action="envelope.send_again").target_id == failed.pk
    assert client.post(again).status_code == 403


def test_a_broker_or_worker_that_is_gone_is_told_and_one_that_is_back_is_not(client):
    """Nothing is lost with a broker: what is due stands in the outbox, and the next minute sends it."""
    friday = clock.at_time(DAY, 9)
    with clock.pinned(friday):
        office = MembershipFactory(role=Role.SYSTEM_ADMIN)
        row = envelope(proved(MembershipFactory()))
        sign_in(client, office)
        assert "没有人在发送" not in client.get(OUTBOX).content.decode()
    with clock.pinned(friday + 11 * MINUTE):
        told = client.get(OUTBOX).content.decode()
        assert "没有人在发送" in told
        assert "09:00 起一直等着" in told
        Attempt.objects.create(envelope=row, answer=Reply.LATER)
        assert "没有人在发送" not in client.get(OUTBOX).content.decode()
    with clock.pinned(clock.at_time(DAY, 23)):
        # At night digests wait as they should.
        assert "没有人在发送" not in client.get(OUTBOX).content.decode()


def test_a_unit_reads_no_outbox(client):
    member = MembershipFactory(as_unit=True)
    sign_in(client, member)

    assert client.get(OUTBOX).status_code == 403
    assert client.get(envelope(member.user).get_absolute_url()).status_code == 403


@pytest.mark.parametrize(
    ("fields", "progress"),
    [
        ({}, Progress.WAITING),
        ({"claim": "x"}, Progress.SENDING),
        ({"unsure_at": "now"}, Progress.UNSURE),
        ({"unsure_at": "now", "claim": "x"}, Progress.SENDING),
        ({"unsure_at": "now", "sent_at": "now"}, Progress.SENT),
        ({"failed_at": "now"}, Progress.FAILED),
        ({"void_at": "now"}, Progress.VOID),
    ],
)
def test_progress_is_the_same_for_a_row_and_for_a_list(fields, progress):
    times = {name: clock.now() if value == "now" else value for name, value in fields.items()}
    row = envelope(MembershipFactory().user, **times)

    assert row.progress == progress
    found = [p for p in Progress.values if Envelope.objects.in_progress(p).exists()]
    assert found == [progress]


def test_a_person_chooses_channels_and_the_law_is_no_choice(client):
    member = MembershipFactory(as_unit=True)
    user = proved(member)
    sign_in(client, member)

    assert preferences.channels_of([user])[user.pk] == [Channel.INBOX, Channel.MAIL]
    answer = client.post(CHANNELS, {}, follow=True)

    assert "邮件：不接收" in answer.content.decode()
    assert preferences.channels_of([user])[user.pk] == [Channel.INBOX]
    assert preferences.channels_of([user], by_law=True)[user.pk] == [Channel.INBOX, Channel.MAIL]
    assert AuditEntry.objects.get(action="account.choose_channels").note == "邮件：不接收"
    client.post(CHANNELS, {"channel": ["mail"]})
    assert preferences.channels_of([user])[user.pk] == [Channel.INBOX, Channel.MAIL]
    client.post(CHANNELS, {"channel": ["mail"]})
    assert AuditEntry.objects.filter(action="account.choose_channels").count() == 2


def test_short_messages_are_asked_for_and_need_a_gateway_and_a_number(client, settings):
    member = MembershipFactory()
    user = proved(member)
    sign_in(client, member)
    assert Channel.SMS not in preferences.offered()
    settings.GATEWAYS = {"sms": {"url": "http://127.0.0.1:1/", "secret": "x"}}

    assert "先在“我的账户”登记并核实手机号" in client.get(CHANNELS).content.decode()
    client.post(CHANNELS, {"channel": ["mail", "sms"]})
    assert Channel.SMS not in preferences.channels_of([user])[user.pk]
    user.phone, user.phone_verified_at = "13800000000", clock.now()
    user.save()
    client.post(CHANNELS, {"channel": ["mail", "sms"]})

    assert preferences.channels_of([user])[user.pk] == [Channel.INBOX, Channel.MAIL, Channel.SMS]


def test_the_city_sees_every_mail(client):
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=AuthorityFactory(city=True)))
    row = envelope(MembershipFactory(as_unit=True).user)

    assert list(client.get(OUTBOX).context["page"]) == [row]
